//! The bucket of a value among arbitrary upper-inclusive bounds, exactly.
//!
//! A table answers for almost every value. Its bins are ranges of neighbouring numbers; a bin that holds no bound or one
//! is answered by one addition or one comparison, a bin that holds several by a short search from the first of them.

mod float;
mod integer;
mod near;
#[cfg(test)]
mod tests;
mod window;

pub(crate) use self::float::FloatSearch;
pub(crate) use self::integer::IntegerSearch;

/// Marks an answer that is not one yet: several bounds share the bin, and the rest is where the search begins. More than
/// the most bounds that a histogram may have.
const SHARED: usize = 1 << 10;
