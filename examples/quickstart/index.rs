//! A term index in memory: which documents a term is in, and how often.

use std::collections::HashMap;

/// Longer words are data, not language.
const LONGEST_TERM: usize = 40;
/// How many terms a report names.
const TOP: usize = 10;

/// The terms of one document and how often each is in it. Compact, as there is one of each file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// Separated by spaces.
    words: String,
    counts: Vec<u32>,
}

/// Terms by the documents that they are in.
#[derive(Debug, Default)]
pub(crate) struct Index {
    terms: HashMap<Box<str>, Vec<Posting>>,
    documents: u32,
}

/// That a term is in a document.
#[derive(Debug)]
struct Posting {
    document: u32,
    count: u32,
}

/// What there is to say about an index.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) documents: u32,
    pub(crate) distinct_terms: usize,
    /// The terms that are used most, in that order.
    pub(crate) top: Vec<TermReport>,
}

/// A term and how much it is used.
#[derive(Clone, Debug)]
pub(crate) struct TermReport {
    pub(crate) term: String,
    pub(crate) documents: usize,
    pub(crate) occurrences: u64,
}

impl Terms {
    /// The words of a text in lower case: runs of letters and digits, with at least two characters and one letter.
    pub(crate) fn of(text: &str) -> Self {
        let mut counts: HashMap<String, u32> = HashMap::new();
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            let is_term = (2..=LONGEST_TERM).contains(&word.len())
                && word.contains(char::is_alphabetic)
                && word.chars().nth(1).is_some();
            if is_term {
                *counts.entry(word.to_lowercase()).or_default() += 1;
            }
        }
        let (words, counts): (Vec<String>, Vec<u32>) = counts.into_iter().unzip();
        Self { words: words.join(" "), counts }
    }

    fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.words.split(' ').zip(self.counts.iter().copied())
    }
}

impl Index {
    /// Adds a document.
    pub(crate) fn add(&mut self, terms: &Terms) {
        let document = self.documents;
        self.documents += 1;
        for (term, count) in terms.iter() {
            let posting = Posting { document, count };
            match self.terms.get_mut(term) {
                Some(postings) => postings.push(posting),
                None => {
                    self.terms.insert(term.into(), vec![posting]);
                }
            }
        }
    }

    pub(crate) fn report(&self) -> Report {
        let mut terms: Vec<(u64, &str)> =
            self.terms.iter().map(|(term, postings)| (occurrences(postings), &**term)).collect();
        terms.sort_unstable_by(|(a, x), (b, y)| b.cmp(a).then(x.cmp(y)));
        let top = terms.iter().take(TOP).map(|(occurrences, term)| TermReport {
            term: (*term).to_owned(),
            documents: self.documents_with(term).count(),
            occurrences: *occurrences,
        });
        Report { documents: self.documents, distinct_terms: self.terms.len(), top: top.collect() }
    }

    /// The documents that a term is in.
    fn documents_with(&self, term: &str) -> impl Iterator<Item = u32> {
        self.terms.get(term).into_iter().flatten().map(|posting| posting.document)
    }
}

fn occurrences(postings: &[Posting]) -> u64 {
    postings.iter().map(|posting| u64::from(posting.count)).sum()
}
