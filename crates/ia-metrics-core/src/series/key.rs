//! Label values as a few words, so that comparing them is comparing words.

/// Words of a key: with what it is for and where it leads, it fills a cache line.
const WORDS: usize = 6;

/// Bits of [`Key::lengths`].
pub(crate) const LENGTH_BITS: u32 = 24;

/// The values of a series, where they are short enough: one value of up to 32 bytes, two of up to 32 and 16, three of up to
/// 16, or up to six of up to 8.
///
/// The words of a value, with its length, hold all of it; so of one number of values, two keys are the same exactly when
/// the values are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Key {
    words: [u64; WORDS],
    lengths: u64,
}

impl Key {
    /// `None` when the values are too many or too long.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the key stays in registers")]
    pub(crate) fn of<const N: usize>(values: &[&str; N]) -> Option<Self> {
        match values.as_slice() {
            [] => Some(Self::default()),
            [a] => {
                let a = Words::of(a)?;
                let [b, c] = a.middle;
                Some(Self { words: [a.first, a.last, b, c, 0, 0], lengths: a.length })
            }
            [a, b] => {
                let (a, b) = (Words::of(a)?, Words::of(b)?);
                if a.length > 16 && b.length > 16 {
                    return None;
                }
                let [c, d] = if a.length > 16 { a.middle } else { b.middle };
                let words = [a.first, a.last, b.first, b.last, c, d];
                Some(Self { words, lengths: a.length << 8 | b.length })
            }
            [a, b, c] => {
                let (a, b, c) = (Words::of(a)?, Words::of(b)?, Words::of(c)?);
                if a.length.max(b.length).max(c.length) > 16 {
                    return None;
                }
                let words = [a.first, a.last, b.first, b.last, c.first, c.last];
                Some(Self { words, lengths: a.length << 16 | b.length << 8 | c.length })
            }
            many => {
                let mut key = Self::default();
                for (word, value) in key.words.get_mut(..many.len())?.iter_mut().zip(many) {
                    let value = Words::of(value).filter(|value| value.length <= 8)?;
                    *word = value.first;
                    key.lengths = key.lengths << 4 | value.length;
                }
                Some(key)
            }
        }
    }

    /// The lengths of the values, in [`LENGTH_BITS`] bits.
    #[inline]
    pub(crate) fn lengths(&self) -> u64 {
        self.lengths
    }

    #[inline]
    pub(crate) fn has_words(&self, words: &[u64; WORDS]) -> bool {
        let differences = self.words.iter().zip(words).map(|(own, other)| own ^ other);
        differences.fold(0, |all, difference| all | difference) == 0
    }

    pub(crate) fn words(&self) -> [u64; WORDS] {
        self.words
    }
}

/// Well mixed for what a cache needs: it is looked at by one thread, and what it does not find is looked for by a hash that
/// nobody can predict.
#[inline]
pub(crate) fn hash(words: &[u64; WORDS], lengths: u64) -> u64 {
    let [first, second, third, fourth, fifth, sixth] = *words;
    fold(first ^ 0x9e37_79b9_7f4a_7c15, second ^ 0xc2b2_ae3d_27d4_eb4f ^ lengths)
        ^ fold(
            third ^ fifth.rotate_left(29) ^ 0x1656_67b1_9e37_79f9,
            fourth ^ sixth.rotate_left(31) ^ 0xa076_1d64_78bd_642f,
        )
}

/// Up to 32 bytes, by reads that may overlap.
struct Words {
    length: u64,
    first: u64,
    last: u64,
    middle: [u64; 2],
}

impl Words {
    #[inline]
    fn of(value: &str) -> Option<Self> {
        let bytes = value.as_bytes();
        let length = bytes.len() as u64;
        if length <= 8 {
            return Some(Self { length, first: short(bytes), last: 0, middle: [0; 2] });
        }
        let (first, last) = (word(bytes)?, last_word(bytes)?);
        if length <= 16 {
            return Some(Self { length, first, last, middle: [0; 2] });
        }
        if length > 32 {
            return None;
        }
        let middle = [word(&bytes[8..])?, last_word(&bytes[..bytes.len() - 8])?];
        Some(Self { length, first, last, middle })
    }
}

/// Up to eight bytes.
#[inline]
fn short(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    match bytes {
        [] => 0,
        // Of one byte three times that byte, of two bytes the second one twice.
        [first, ..] => {
            let (middle, last) = (bytes[bytes.len() / 2], bytes[bytes.len() - 1]);
            u64::from(*first) | u64::from(middle) << 8 | u64::from(last) << 16
        }
    }
}

#[inline]
fn word(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|word| u64::from_le_bytes(*word))
}

#[inline]
fn last_word(bytes: &[u8]) -> Option<u64> {
    bytes.last_chunk().map(|word| u64::from_le_bytes(*word))
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the halves of the product")]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(all(test, not(loom)))]
mod tests {
    use proptest::prelude::*;

    use super::{Key, LENGTH_BITS};

    #[test]
    fn values_that_differ_in_one_byte_have_different_keys() {
        for length in 1..=32 {
            let value = "a".repeat(length);
            for at in 0..length {
                let mut other = value.clone().into_bytes();
                other[at] = b'b';
                let other = String::from_utf8(other).unwrap();
                assert_ne!(Key::of(&[&value]).unwrap(), Key::of(&[&other]).unwrap());
                assert_ne!(Key::of(&[&value, "x"]).unwrap(), Key::of(&[&other, "x"]).unwrap());
                assert_ne!(Key::of(&["x", &value]).unwrap(), Key::of(&["x", &other]).unwrap());
            }
        }
    }

    #[test]
    fn values_that_only_join_to_the_same_text_have_different_keys() {
        assert_ne!(Key::of(&["ab", "c"]), Key::of(&["a", "bc"]));
        assert_ne!(Key::of(&["", "a"]), Key::of(&["a", ""]));
        assert_ne!(Key::of(&["", ""]), Key::of(&["\0", ""]));
    }

    #[test]
    fn what_is_too_long_has_no_key() {
        assert_eq!(Key::of(&[&*"a".repeat(33)]), None);
        assert_eq!(Key::of(&["12345678901234567"; 2]), None);
        assert_eq!(Key::of(&["12345678901234567", "", ""]), None);
        assert_eq!(Key::of(&["123456789", "", "", ""]), None);
        assert_eq!(Key::of(&[""; 7]), None);
    }

    proptest! {
        #[test]
        fn keys_are_equal_exactly_when_the_values_are(
            a in proptest::array::uniform3("[ab\0é]{0,9}"),
            b in proptest::array::uniform3("[ab\0é]{0,9}"),
        ) {
            let (a, b) = (a.each_ref().map(AsRef::as_ref), b.each_ref().map(AsRef::as_ref));
            if let (Some(one), Some(other)) = (Key::of(&a), Key::of(&b)) {
                prop_assert_eq!(one == other, a == b);
                prop_assert!(one.lengths() < 1 << LENGTH_BITS);
            }
            let ([a, c, _], [b, d, _]) = (a, b);
            if let (Some(one), Some(other)) = (Key::of(&[a, c]), Key::of(&[b, d])) {
                prop_assert_eq!(one == other, (a, c) == (b, d));
            }
        }
    }
}
