//! The exemplars of one series.

use super::Exemplar;

/// Exemplars by bucket, ascending, each with the round that it is of.
#[derive(Debug, Default)]
pub(super) struct Kept(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    bucket: usize,
    round: u64,
    exemplar: Exemplar,
}

impl Kept {
    /// Keeps one for this bucket, unless it has one of this round. Where there are `most` already, the oldest goes.
    pub(super) fn put(
        &mut self,
        bucket: usize,
        round: u64,
        most: usize,
        exemplar: impl FnOnce() -> Exemplar,
    ) {
        let entries = &mut self.0;
        match entries.binary_search_by_key(&bucket, |entry| entry.bucket) {
            Ok(at) if entries[at].round == round => {}
            Ok(at) => entries[at] = Entry { bucket, round, exemplar: exemplar() },
            Err(at) => {
                entries.insert(at, Entry { bucket, round, exemplar: exemplar() });
                if entries.len() > most {
                    let others = entries.iter().enumerate().filter(|(other, _)| *other != at);
                    let oldest =
                        others.min_by_key(|(_, entry)| (entry.round, entry.exemplar.recorded_at()));
                    if let Some(oldest) = oldest.map(|(oldest, _)| oldest) {
                        entries.remove(oldest);
                    }
                }
            }
        }
    }

    /// The exemplars by bucket, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, Exemplar)> {
        self.0.iter().map(|entry| (entry.bucket, entry.exemplar))
    }
}
