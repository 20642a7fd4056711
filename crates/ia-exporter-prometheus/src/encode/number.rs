//! Whole numbers as text, three digits at a time.

/// The longest whole number, in bytes, and what may be written behind it.
pub(super) const ROOM: usize = 24;

/// The three digits of each number below a thousand, the first one in the lowest byte, and in the highest byte how many
/// leading zeros they have. A zero is one digit.
static GROUPS: [u32; 1_000] = groups();

/// Writes the number at the begin of `place`, and says how long it is. The rest of the place is anything.
#[inline]
pub(super) fn write(place: &mut [u8; ROOM], value: u64) -> usize {
    if value < 1_000 {
        leading(place, 0, value)
    } else if value < 1_000_000 {
        let at = leading(place, 0, value / 1_000);
        following(place, at, value % 1_000)
    } else {
        write_long(place, value)
    }
}

#[inline(never)]
fn write_long(place: &mut [u8; ROOM], value: u64) -> usize {
    let first = value / 1_000_000;
    let at = if first < 1_000_000 { write(place, first) } else { write_long(place, first) };
    let rest = value % 1_000_000;
    let at = following(place, at, rest / 1_000);
    following(place, at, rest % 1_000)
}

/// A group without its leading zeros.
#[inline]
fn leading(place: &mut [u8; ROOM], at: usize, group: u64) -> usize {
    let digits = digits(group);
    let zeros = digits >> 24;
    put(place, at, digits >> (8 * zeros));
    at + 3 - zeros as usize
}

/// A whole group.
#[inline]
fn following(place: &mut [u8; ROOM], at: usize, group: u64) -> usize {
    put(place, at, digits(group));
    at + 3
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a group is below a thousand")]
fn digits(group: u64) -> u32 {
    GROUPS.get(group as usize).copied().unwrap_or_default()
}

#[inline]
fn put(place: &mut [u8; ROOM], at: usize, digits: u32) {
    if let Some(place) = place.get_mut(at..at + 4) {
        place.copy_from_slice(&digits.to_le_bytes());
    }
}

const fn groups() -> [u32; 1_000] {
    let mut groups = [0; 1_000];
    let mut group = 0;
    while group < 1_000 {
        let [a, b, c] = [group / 100, group / 10 % 10, group % 10];
        let zeros = if group < 10 {
            2
        } else if group < 100 {
            1
        } else {
            0
        };
        groups[group as usize] = 0x0030_3030 | a | b << 8 | c << 16 | zeros << 24;
        group += 1;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::{ROOM, write};

    fn written(value: u64) -> String {
        let mut place = [b'x'; ROOM];
        let len = write(&mut place, value);
        String::from_utf8(place[..len].to_vec()).unwrap()
    }

    #[test]
    fn every_length_is_written_as_display_does() {
        let mut values = vec![0, u64::MAX];
        values.extend((0..20).flat_map(|power| {
            let power = 10_u64.pow(power);
            [power - 1, power, power + 1, power.saturating_mul(9), power + power / 7]
        }));
        for value in values {
            assert_eq!(written(value), value.to_string());
        }
    }

    #[test]
    fn every_group_of_four_digits_is_written_as_display_does() {
        for group in 0..10_000 {
            for value in [group, group * 10_000, group * 10_001, group * 1_000_000_000_000 + 42] {
                assert_eq!(written(value), value.to_string());
            }
        }
    }
}
