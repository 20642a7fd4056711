//! Label values as a few words, so that comparing them is comparing words.

/// Words of a key: with its lengths and what it is for, it fills a cache line.
const WORDS: usize = 5;

/// The values of a series, where they are short enough: up to 40 bytes in all, give or take.
///
/// Each value is one to five words that, with its length, hold all of it; so two keys are the same exactly when their words
/// and lengths are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Key {
    words: [u64; WORDS],
    /// One byte for each value.
    lengths: u64,
}

impl Key {
    /// `None` when the values are too many or too long.
    #[inline]
    pub(crate) fn of(values: &[&str]) -> Option<Self> {
        let mut key = Self::default();
        if values.len() > size_of::<u64>() {
            return None;
        }
        let mut at = 0;
        for value in values {
            let bytes = value.as_bytes();
            key.lengths = key.lengths << 8 | bytes.len().min(0xff) as u64;
            match bytes.len() {
                0..=8 => {
                    *key.words.get_mut(at)? = short(bytes);
                    at += 1;
                }
                9..=16 => {
                    let [first, last] = key.words.get_mut(at..at + 2)?.as_mut_array()?;
                    *first = first_word(bytes)?;
                    *last = last_word(bytes)?;
                    at += 2;
                }
                17..=24 => {
                    let [first, second, last] = key.words.get_mut(at..at + 3)?.as_mut_array()?;
                    *first = first_word(bytes)?;
                    *second = first_word(&bytes[8..])?;
                    *last = last_word(bytes)?;
                    at += 3;
                }
                25..=32 => {
                    let [first, second, third, last] =
                        key.words.get_mut(at..at + 4)?.as_mut_array()?;
                    *first = first_word(bytes)?;
                    *second = first_word(&bytes[8..])?;
                    *third = first_word(&bytes[16..])?;
                    *last = last_word(bytes)?;
                    at += 4;
                }
                _ => return None,
            }
        }
        Some(key)
    }

    /// Well mixed for what a cache needs: it is looked at by one thread, and what it does not find is looked for by a hash
    /// that nobody can predict.
    #[inline]
    pub(crate) fn hash(&self) -> u64 {
        let [a, b, c, d, e] = self.words;
        let mut hash = fold(a ^ 0x9e37_79b9_7f4a_7c15, b ^ 0xc2b2_ae3d_27d4_eb4f ^ self.lengths);
        hash ^= fold(c ^ 0x1656_67b1_9e37_79f9, d ^ 0xa076_1d64_78bd_642f);
        fold(hash ^ e, 0xe703_7ed1_a0b4_28db)
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the halves of the product")]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// Up to eight bytes, by reads that may overlap.
#[inline]
fn short(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    match bytes {
        [] => 0,
        [a] => u64::from(*a),
        [a, b] => u64::from(*a) | u64::from(*b) << 8,
        [a, b, c, ..] => u64::from(*a) | u64::from(*b) << 8 | u64::from(*c) << 16,
    }
}

#[inline]
fn first_word(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|word| u64::from_le_bytes(*word))
}

#[inline]
fn last_word(bytes: &[u8]) -> Option<u64> {
    bytes.last_chunk().map(|word| u64::from_le_bytes(*word))
}

#[cfg(all(test, not(loom)))]
mod tests {
    use proptest::prelude::*;

    use super::Key;

    #[test]
    fn values_that_differ_in_one_byte_have_different_keys() {
        for length in 1..=32 {
            let value = "a".repeat(length);
            for at in 0..length {
                let mut other = value.clone().into_bytes();
                other[at] = b'b';
                let other = String::from_utf8(other).unwrap();
                assert_ne!(Key::of(&[&value]).unwrap(), Key::of(&[&other]).unwrap());
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
        assert_eq!(Key::of(&[&"a".repeat(33)]), None);
        assert_eq!(Key::of(&["12345678901234567"; 2]), None);
        assert_eq!(Key::of(&[""; 9]), None);
    }

    proptest! {
        #[test]
        fn keys_are_equal_exactly_when_the_values_are(
            a in proptest::collection::vec("[ab\0é]{0,12}", 2),
            b in proptest::collection::vec("[ab\0é]{0,12}", 2),
        ) {
            let key = |values: &[String]| Key::of(&[&values[0], &values[1]]);
            if let (Some(one), Some(other)) = (key(&a), key(&b)) {
                prop_assert_eq!(one == other, a == b);
            }
        }
    }
}
