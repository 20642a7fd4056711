//! Concurrent maps as the table in which series are found: the look-up alone.
//!
//! All hash with `foldhash`, keep the two strings as the key and compare them whole; the value is a number, and the count
//! is one add in thread-local memory. So threads share nothing but the table.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::{Arc, PoisonError, RwLock};

use dashmap::DashMap;
use foldhash::fast::FixedState;
use hashbrown::{Equivalent, HashMap};

use super::Subject;
use crate::data::{Labels, Pair, Sequence};
use crate::row::Kind;
use crate::work::{Work, over_labels};

/// Series in the largest sequence that is measured.
const MOST: usize = 10_000;

thread_local! {
    static CELLS: [Cell<u64>; MOST] = const { [const { Cell::new(0) }; MOST] };
}

pub(crate) struct Tables;

impl Subject for Tables {
    fn labels(&self, sequence: &Arc<Sequence>) -> Vec<Work> {
        vec![
            table("RwLock<hashbrown>", "read lock, HashMap::get, thread-local add", sequence, {
                let map: HashMap<Labels, usize, FixedState> = numbered(sequence).collect();
                let map = RwLock::new(map);
                move |pair| map.read().unwrap_or_else(PoisonError::into_inner).get(pair).copied()
            }),
            table("dashmap", "DashMap::get, thread-local add", sequence, {
                let map = DashMap::with_hasher(FixedState::default());
                numbered(sequence).for_each(|(labels, number)| {
                    map.insert(labels, number);
                });
                move |pair| map.get(pair).map(|number| *number)
            }),
            table("papaya", "HashMap::pin, get, thread-local add", sequence, {
                let map = papaya::HashMap::with_hasher(FixedState::default());
                numbered(sequence).for_each(|(labels, number)| {
                    map.pin().insert(labels, number);
                });
                move |pair| map.pin().get(pair).copied()
            }),
        ]
    }
}

impl Equivalent<Labels> for Pair<'_> {
    fn equivalent(&self, key: &Labels) -> bool {
        self.route == key.route && self.method == key.method
    }
}

fn numbered(sequence: &Sequence) -> impl Iterator<Item = (Labels, usize)> {
    sequence.series.iter().cloned().zip(0..MOST)
}

fn table(
    subject: &'static str,
    how: &'static str,
    sequence: &Arc<Sequence>,
    find: impl Fn(&Pair<'_>) -> Option<usize> + Send + Sync + 'static,
) -> Work {
    let (sequence, find) = (Arc::clone(sequence), Arc::new(find));
    Work::new(Kind::Part, subject, how, move || {
        let find = Arc::clone(&find);
        over_labels(&sequence, move |pair| {
            let number = black_box(&find)(&pair).unwrap_or_default();
            CELLS.with(|cells| {
                let cell = &black_box(cells)[number];
                cell.set(cell.get().wrapping_add(1));
            });
        })
    })
}
