//! Whole numbers as text, eight digits at a time.

/// The longest whole number, in bytes, and what may be written behind it.
pub(super) const ROOM: usize = 32;

/// Numbers below it have at most eight digits.
const EIGHT: u64 = 100_000_000;

/// Writes the number at the begin of `place`, and says how long it is. The rest of the place is anything.
#[inline]
pub(super) fn write(place: &mut [u8; ROOM], value: u64) -> usize {
    if value < EIGHT { write_eight(place, 0, value) } else { write_long(place, value) }
}

#[cold]
fn write_long(place: &mut [u8; ROOM], value: u64) -> usize {
    let (first, last) = (value / EIGHT, value % EIGHT);
    let at = if first < EIGHT {
        write_eight(place, 0, first)
    } else {
        let at = write_eight(place, 0, first / EIGHT);
        put(place, at, ASCII | digits(first % EIGHT));
        at + 8
    };
    put(place, at, ASCII | digits(last));
    at + 8
}

/// Without leading zeros.
#[inline]
fn write_eight(place: &mut [u8; ROOM], at: usize, value: u64) -> usize {
    let digits = digits(value);
    // The first digit is in the lowest byte. A zero is one digit.
    let zeros = (digits | 1 << 56).trailing_zeros() / 8;
    put(place, at, (ASCII | digits) >> (8 * zeros));
    at + 8 - zeros as usize
}

const ASCII: u64 = 0x3030_3030_3030_3030;

#[inline]
fn put(place: &mut [u8; ROOM], at: usize, digits: u64) {
    if let Some(place) = place.get_mut(at..at + 8) {
        place.copy_from_slice(&digits.to_le_bytes());
    }
}

/// Eight digits, a byte for each, the first one lowest.
///
/// All halves, quarters and eighths of the number are divided at the same time, by multiplying with inverses that are exact
/// for numbers so small.
#[inline]
fn digits(value: u64) -> u64 {
    let halves = value / 10_000 | (value % 10_000) << 32;
    let hundreds = (halves * 10_486 >> 20) & 0x0000_007f_0000_007f;
    let quarters = hundreds | (halves - 100 * hundreds) << 16;
    let tens = (quarters * 103 >> 10) & 0x000f_000f_000f_000f;
    tens | (quarters - 10 * tens) << 8
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
