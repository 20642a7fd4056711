//! Finished spans, and who is under whom.

use std::ops::Deref;
use std::slice;
use std::vec;

use crate::SpanData;
use crate::forest::Forest;

/// Finished spans. A slice with [`Spans::tree`] on top.
#[derive(Debug, Clone, Default)]
pub struct Spans(Vec<SpanData>);

impl Spans {
    /// Who is under whom, in one line that a test can compare.
    ///
    /// A root's children follow ` > `; children of children stand in parentheses behind their
    /// parent; siblings are divided by `, ` and roots by `; `. Everything is in the order it
    /// started. A span whose parent is not in the collection counts as a root. No spans make an
    /// empty text.
    ///
    /// ```text
    /// spans = [ root *( "; " root ) ]
    /// root  = name [ " > " list ]
    /// list  = node *( ", " node )
    /// node  = name [ " (" list ")" ]
    /// ```
    ///
    /// Names are written as they are, so the text is for reading and comparing, not for parsing.
    ///
    /// ```
    /// use ia_tracing::Tracer;
    ///
    /// let tracer = Tracer::default();
    /// tracer.in_span("rag", |_| {
    ///     tracer.in_span("load", |_| ());
    ///     tracer.in_span("summarise", |_| {
    ///         tracer.in_span("attempt", |_| ());
    ///         tracer.in_span("attempt", |_| ());
    ///     });
    /// });
    /// assert_eq!(tracer.spans().tree(), "rag > load, summarise (attempt, attempt)");
    /// ```
    #[must_use]
    pub fn tree(&self) -> String {
        let mut text = String::new();
        let mut before = None;
        for (index, depth) in Forest::of(self).walk() {
            match before {
                None => {}
                Some(0) if depth == 1 => text.push_str(" > "),
                Some(above) if depth == above + 1 => text.push_str(" ("),
                Some(above) => {
                    close(&mut text, above, depth);
                    text.push_str(if depth == 0 { "; " } else { ", " });
                }
            }
            text.push_str(self[index].name());
            before = Some(depth);
        }
        close(&mut text, before.unwrap_or(0), 0);
        text
    }
}

/// Ends the lists between two depths. The list of a root's children has no parentheses.
fn close(text: &mut String, from: usize, to: usize) {
    for _ in to.max(1)..from {
        text.push(')');
    }
}

impl Deref for Spans {
    type Target = [SpanData];

    fn deref(&self) -> &[SpanData] {
        &self.0
    }
}

impl IntoIterator for Spans {
    type Item = SpanData;
    type IntoIter = vec::IntoIter<SpanData>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Spans {
    type Item = &'a SpanData;
    type IntoIter = slice::Iter<'a, SpanData>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromIterator<SpanData> for Spans {
    fn from_iter<I: IntoIterator<Item = SpanData>>(spans: I) -> Self {
        Self(spans.into_iter().collect())
    }
}
