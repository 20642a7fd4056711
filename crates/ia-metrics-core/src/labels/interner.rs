//! Every distinct label of a registry, once.

use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::LabelText;
use super::arena::{Arena, Free};

/// Copies go in pieces of so many bytes: texts are padded to it.
pub(super) const PIECE: usize = 16;

/// The bytes before a text: how many rows use it, and its length.
const HEADER: usize = 8;

/// The second half of the header: the length of the pair, that of the name, and whether the value had to be escaped: then
/// it follows as it was given, with its length.
const PAIR_BITS: u32 = 20;
const NAME_BITS: u32 = 11;
const ESCAPED: u32 = 1 << 31;

/// The longest name of a label, in bytes.
pub(crate) const NAME_LIMIT: usize = (1 << NAME_BITS) - 1;

/// A label, `name="value"`, known to the [`Interner`] that made it. Zero is none.
pub(crate) type Symbol = u32;

/// Keeps labels as long as rows of series use them.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    arena: Arena,
    hasher: DefaultHashBuilder,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    index: HashTable<Symbol>,
    free: Free,
}

impl Interner {
    /// The symbol of a label, used once more; `None` when there is no room for another.
    pub(crate) fn intern(&self, name: &str, value: &str) -> Option<Symbol> {
        let hash = self.hash(name, value);
        let mut state = self.lock();
        let same = |known: &Symbol| {
            let text = self.text(*known);
            text.name() == name && text.value() == value
        };
        if let Some(&symbol) = state.index.find(hash, same) {
            self.add_use(symbol);
            return Some(symbol);
        }
        let symbol = self.write(&mut state, name, value)?;
        state.index.insert_unique(hash, symbol, |known| {
            let text = self.text(*known);
            self.hash(text.name(), text.value())
        });
        Some(symbol)
    }

    /// Counts one more row for each symbol.
    pub(crate) fn retain(&self, symbols: impl Iterator<Item = Symbol>) {
        let _state = self.lock();
        symbols.for_each(|symbol| self.add_use(symbol));
    }

    /// Counts one row less for each symbol, and forgets what no row uses.
    pub(crate) fn release(&self, symbols: impl Iterator<Item = Symbol>) {
        let mut state = self.lock();
        symbols.for_each(|symbol| self.remove_use(&mut state, symbol));
    }

    fn hash(&self, name: &str, value: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(name.as_bytes());
        hasher.write_u8(0xff);
        hasher.write(value.as_bytes());
        hasher.finish()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, state: &mut State, name: &str, value: &str) -> Option<Symbol> {
        let escaped = value.contains(['\\', '"', '\n']);
        let shown = if escaped { escape(value).into() } else { std::borrow::Cow::Borrowed(value) };
        let pair = name.len() + shown.len() + 3;
        let padded = padded(pair);
        let raw = if escaped { 4 + value.len() } else { 0 };
        if name.len() > NAME_LIMIT || pair >= 1 << PAIR_BITS {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "both were just checked")]
        let lengths =
            pair as u32 | (name.len() as u32) << PAIR_BITS | if escaped { ESCAPED } else { 0 };
        self.arena.put(&mut state.free, HEADER + padded + raw, |bytes| {
            let (header, rest) = bytes.split_at_mut(HEADER);
            header[..4].copy_from_slice(&1_u32.to_ne_bytes());
            header[4..].copy_from_slice(&lengths.to_ne_bytes());
            let (text, raw) = rest.split_at_mut(padded);
            let mut at = 0;
            for part in [name, "=\"", &shown, "\""] {
                text[at..at + part.len()].copy_from_slice(part.as_bytes());
                at += part.len();
            }
            // A comma behind the text saves who writes several labels a step.
            text[at..].fill(b',');
            if escaped {
                raw[..4].copy_from_slice(&u32::try_from(value.len()).unwrap_or(0).to_ne_bytes());
                raw[4..].copy_from_slice(value.as_bytes());
            }
        })
    }
}

#[expect(unsafe_code, reason = "texts are read without a lock while others are written")]
impl Interner {
    /// The text of a symbol.
    ///
    /// A symbol is given out with the row that uses it, and the row is what keeps its text: rows and snapshots ask only
    /// for symbols of rows that they hold.
    #[inline]
    pub(crate) fn text(&self, symbol: Symbol) -> LabelText<'_> {
        // SAFETY: the caller's row uses the symbol, so its place is not given back.
        let place = unsafe { self.arena.at(symbol) };
        // SAFETY: every place has a header, and this half of it is never written again.
        let lengths = unsafe { place.bytes(HEADER / 2, 4) };
        let lengths = lengths.first_chunk().map_or(0, |lengths| u32::from_ne_bytes(*lengths));
        let pair = (lengths & ((1 << PAIR_BITS) - 1)) as usize;
        let name = (lengths >> PAIR_BITS & ((1 << NAME_BITS) - 1)) as usize;
        // SAFETY: this is where `write` put the text and the comma behind it: a piece more than the text fills.
        let (first, more) = unsafe { place.pieces::<PIECE>(HEADER, pair / PIECE) };
        let raw = (lengths & ESCAPED != 0).then_some((self, symbol));
        LabelText::new(first, more, pair, name, raw)
    }

    /// The value as it was given, of a symbol whose text is so long and where it is not part of the text.
    #[cold]
    pub(super) fn raw(&self, symbol: Symbol, pair: usize) -> &str {
        let at = HEADER + padded(pair);
        // SAFETY: as in `text`; the value follows its length after the text.
        let (place, length) = unsafe {
            let place = self.arena.at(symbol);
            (place, place.bytes(at, 4))
        };
        let length = length.first_chunk().map_or(0, |length| u32::from_ne_bytes(*length)) as usize;
        // SAFETY: as above.
        let raw = unsafe { place.bytes(at + 4, length) };
        // SAFETY: `write` put the bytes of a string there.
        unsafe { str::from_utf8_unchecked(raw) }
    }

    /// Under the lock.
    fn add_use(&self, symbol: Symbol) {
        // SAFETY: the symbol is in the index or in a row of the caller's, so its place is not given back.
        let uses = unsafe { self.arena.head(symbol) };
        uses.store(uses.load(Ordering::Relaxed).saturating_add(1), Ordering::Relaxed);
    }

    fn remove_use(&self, state: &mut State, symbol: Symbol) {
        // SAFETY: as in `add_use`.
        let uses = unsafe { self.arena.head(symbol) };
        match uses.load(Ordering::Relaxed) {
            1 => {}
            // A number that has reached the end of its range is not known any more: the text stays.
            u32::MAX => return,
            many => return uses.store(many - 1, Ordering::Relaxed),
        }
        let text = self.text(symbol);
        let hash = self.hash(text.name(), text.value());
        let raw = if text.is_escaped() { 4 + text.value().len() } else { 0 };
        let bytes = HEADER + padded(text.len()) + raw;
        if let Ok(entry) = state.index.find_entry(hash, |known| *known == symbol) {
            entry.remove();
        }
        Arena::give_back(&mut state.free, symbol, bytes);
    }
}

/// The length of a text and the comma behind it, in whole pieces.
#[inline]
fn padded(pair: usize) -> usize {
    (pair / PIECE + 1) * PIECE
}

/// The value as the Prometheus text format writes it. Source: Prometheus documentation, "Text-based format", comments,
/// help text, and type information.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            c => escaped.push(c),
        }
    }
    escaped
}
