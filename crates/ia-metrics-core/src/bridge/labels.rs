//! The labels of a key, and what they are called on export.

use std::collections::HashMap;

use metrics::Key;

use super::names;

/// How many label names of one metric are remembered; more are only kept apart within one key.
const MOST: usize = 256;

/// Name and value of each label, sorted by name. Of a name that is given twice the last one counts. A label without a
/// value is left out: to Prometheus the two are the same.
pub(super) fn pairs(key: &Key) -> Vec<(&str, &str)> {
    let mut pairs: Vec<(&str, &str)> =
        key.labels().map(|label| (label.key(), label.value())).collect();
    pairs.sort_by_key(|(name, _)| *name);
    pairs.dedup_by(|later, earlier| {
        let again = later.0 == earlier.0;
        if again {
            *earlier = *later;
        }
        again
    });
    pairs.retain(|(_, value)| !value.is_empty());
    pairs
}

/// The label names of one metric: as given, and as exported.
#[derive(Debug, Default)]
pub(super) struct LabelNames {
    exported: HashMap<String, String>,
}

impl LabelNames {
    /// The exported names of these labels, each another one, and how many had to give way to one that was there before.
    pub(super) fn export(&mut self, pairs: &[(&str, &str)]) -> (Vec<String>, u64) {
        let (mut names, mut collisions) = (Vec::with_capacity(pairs.len()), 0);
        for (given, _) in pairs {
            if let Some(known) = self.exported.get(*given) {
                names.push(known.clone());
                continue;
            }
            let plain = names::label(given);
            let taken = |name: &String| *name == plain;
            let name = if self.exported.values().chain(&names).any(taken) {
                collisions += 1;
                names::distinct_label(&plain, given)
            } else {
                plain.into_owned()
            };
            if self.exported.len() < MOST {
                self.exported.insert((*given).to_owned(), name.clone());
            }
            names.push(name);
        }
        (names, collisions)
    }
}

#[cfg(test)]
mod tests {
    use metrics::{Key, Label};

    use super::{LabelNames, pairs};

    #[test]
    fn labels_are_sorted_the_last_of_a_name_counts_and_empty_ones_are_none() {
        let labels = vec![
            Label::new("b", "1"),
            Label::new("a", "2"),
            Label::new("b", "3"),
            Label::new("c", ""),
        ];
        assert_eq!(pairs(&Key::from_parts("k", labels)), [("a", "2"), ("b", "3")]);
    }

    #[test]
    fn names_that_become_the_same_are_kept_apart_in_one_key_and_across_keys() {
        let mut names = LabelNames::default();
        let (first, collisions) = names.export(&[("a.b", "1"), ("a_b", "2")]);
        assert_eq!((first[0].as_str(), collisions), ("a_b", 1));
        assert_ne!(first[0], first[1]);
        assert_eq!(names.export(&[("a_b", "3")]), (vec![first[1].clone()], 0));
        assert_eq!(names.export(&[("a-b", "3")]).1, 1);
    }

    #[test]
    fn a_metric_with_ever_new_label_names_remembers_a_bounded_number() {
        let mut names = LabelNames::default();
        (0..10_000).for_each(|n: u32| drop(names.export(&[(&format!("l{n}"), "1")])));
        assert_eq!(names.exported.len(), super::MOST);
    }
}
