//! What a recorder's cell counts.

/// The bucket that a cell of a recorder belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Values that count as zero.
    Zero,
    /// The bucket of this index among positive values.
    Positive(i32),
    /// The bucket of this index among negative values, by their magnitude.
    Negative(i32),
}
