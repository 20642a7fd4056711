//! Text that is ready but for its numbers: the least work that a page of metrics can be.

use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::data::{Labels, METRIC, weight};
use crate::row::Kind;
use crate::store::{Page, Store, StoreSpec};

const BEFORE_ROUTE: &str = "{route=\"";
const BEFORE_METHOD: &str = "\",method=\"";
const AFTER_LABELS: &str = "\"} ";

/// Creating: hash both strings, insert into a table, append the text. Scraping: copy the text of each series, print its
/// number with `itoa`.
pub(crate) fn prerendered() -> StoreSpec {
    StoreSpec {
        subject: "pre-rendered text",
        kind: Kind::Part,
        how: "to create: foldhash of both strings, insert, append the text of the line; to scrape: copy that text and \
              print the number with itoa into a reused buffer",
        make: || Box::new(Prerendered::default()),
    }
}

#[derive(Default)]
struct Prerendered {
    hasher: FixedState,
    lines: RwLock<Lines>,
}

#[derive(Default)]
struct Lines {
    table: HashTable<u32>,
    /// The beginnings of all lines, up to the number.
    text: String,
    /// Where each of them ends.
    ends: Vec<u32>,
    values: Vec<AtomicU64>,
}

impl Lines {
    fn start(&self, line: usize) -> usize {
        line.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }

    fn is(&self, line: u32, labels: &Labels) -> bool {
        let start = self.start(line as usize) + METRIC.len() + BEFORE_ROUTE.len();
        self.text[start..]
            .strip_prefix(&labels.route)
            .is_some_and(|rest| rest[BEFORE_METHOD.len()..].starts_with(&labels.method))
    }

    fn find(&self, hash: u64, labels: &Labels) -> Option<usize> {
        self.table.find(hash, |line| self.is(*line, labels)).map(|line| *line as usize)
    }

    fn insert(&mut self, hash: u64, labels: &Labels, hasher: &FixedState) -> usize {
        let line = self.values.len();
        for part in
            [METRIC, BEFORE_ROUTE, &labels.route, BEFORE_METHOD, &labels.method, AFTER_LABELS]
        {
            self.text.push_str(part);
        }
        self.ends.push(u32::try_from(self.text.len()).expect("4 GiB of text"));
        self.values.push(AtomicU64::new(0));
        let (text, ends) = (&self.text, &self.ends);
        let entry = u32::try_from(line).expect("so few lines");
        self.table.insert_unique(hash, entry, |line| {
            let start = line.checked_sub(1).map_or(0, |before| ends[before as usize] as usize);
            let labels =
                &text[start + METRIC.len() + BEFORE_ROUTE.len()..ends[*line as usize] as usize];
            let labels = labels.strip_suffix(AFTER_LABELS).unwrap_or_default();
            labels.split_once(BEFORE_METHOD).map_or(0, |labels| hasher.hash_one(labels))
        });
        line
    }
}

impl Store for Prerendered {
    fn fill(&self, series: &[Labels]) {
        let mut lines = self.lines.write().unwrap_or_else(PoisonError::into_inner);
        for (i, labels) in series.iter().enumerate() {
            let hash = self.hasher.hash_one((labels.route.as_str(), labels.method.as_str()));
            let line = match lines.find(hash, labels) {
                Some(line) => line,
                None => lines.insert(hash, labels, &self.hasher),
            };
            *lines.values[line].get_mut() += weight(i);
        }
    }

    fn recorder<'a>(&'a self, _: &'a [Labels]) -> Box<dyn FnMut() + 'a> {
        Box::new(|| {
            for value in &self.lines.read().unwrap_or_else(PoisonError::into_inner).values {
                value.fetch_add(1, Ordering::Relaxed);
            }
        })
    }

    fn scrape(&self, page: &mut Page) {
        let text = &mut page.text;
        text.clear();
        let lines = self.lines.read().unwrap_or_else(PoisonError::into_inner);
        let mut number = itoa::Buffer::new();
        let mut start = 0;
        for (end, value) in lines.ends.iter().zip(&lines.values) {
            let end = *end as usize;
            text.push_str(&lines.text[start..end]);
            text.push_str(number.format(value.load(Ordering::Relaxed)));
            text.push('\n');
            start = end;
        }
    }
}
