//! The bars.

use std::time::Duration;

/// A bar in `width` columns for a span that begins at `offset` into a trace of `total`. It takes up
/// one column at least.
pub(super) fn bar(offset: Duration, duration: Duration, total: Duration, width: usize) -> String {
    let total = total.as_nanos().max(1);
    // 2^94 nanoseconds at most, times a thousand columns: far from the end of 128 bits.
    let column = |nanos: u128| nanos * width as u128;
    let from = clamp(column(offset.as_nanos()) / total, width - 1);
    let to = clamp(column(offset.saturating_add(duration).as_nanos()).div_ceil(total), width);
    let length = to.saturating_sub(from).max(1);
    format!("{}{}{}", " ".repeat(from), "█".repeat(length), " ".repeat(width - from - length))
}

fn clamp(column: u128, max: usize) -> usize {
    usize::try_from(column).unwrap_or(max).min(max)
}
