//! Label values that the compiler knows.

/// A label whose values are known to the compiler: an enum, as [`label_values!`](crate::label_values) makes them.
///
/// An implementation by hand gives each value an index below the number of [`VALUES`](Self::VALUES). An index beyond that
/// harms nobody: see [`ClosedFamily::get`](crate::ClosedFamily::get).
pub trait LabelValue: Copy + 'static {
    /// The texts of all values, by their index.
    const VALUES: &'static [&'static str];

    /// The index of this value.
    fn index(self) -> usize;
}

/// All labels of a metric, each with values known to the compiler: one [`LabelValue`], or a tuple of two or three.
pub trait LabelSet: Copy + 'static {
    /// The texts of one combination: an array with one for each label.
    type Values;

    /// All combinations, by their position.
    fn all() -> impl Iterator<Item = Self::Values>;

    /// The position of this combination among all; `usize::MAX` where an index is out of range.
    fn position(self) -> usize;
}

impl<A: LabelValue> LabelSet for A {
    type Values = [&'static str; 1];

    fn all() -> impl Iterator<Item = Self::Values> {
        A::VALUES.iter().map(|a| [*a])
    }

    #[inline]
    fn position(self) -> usize {
        step(0, self)
    }
}

impl<A: LabelValue, B: LabelValue> LabelSet for (A, B) {
    type Values = [&'static str; 2];

    fn all() -> impl Iterator<Item = Self::Values> {
        A::VALUES.iter().flat_map(|a| B::VALUES.iter().map(|b| [*a, *b]))
    }

    #[inline]
    fn position(self) -> usize {
        step(step(0, self.0), self.1)
    }
}

impl<A: LabelValue, B: LabelValue, C: LabelValue> LabelSet for (A, B, C) {
    type Values = [&'static str; 3];

    fn all() -> impl Iterator<Item = Self::Values> {
        <(A, B)>::all().flat_map(|[a, b]| C::VALUES.iter().map(move |c| [a, b, *c]))
    }

    #[inline]
    fn position(self) -> usize {
        step(step(step(0, self.0), self.1), self.2)
    }
}

/// The position of a combination, given that of the labels before this one.
#[inline]
fn step<L: LabelValue>(before: usize, label: L) -> usize {
    let index = label.index();
    if index >= L::VALUES.len() {
        return usize::MAX;
    }
    before.saturating_mul(L::VALUES.len()).saturating_add(index)
}

/// Makes enums whose values are the values of a label: `Clone`, `Copy`, `Debug`, `PartialEq`, `Eq` and
/// [`LabelValue`](crate::LabelValue).
///
/// ```
/// use ia_metrics_core::{LabelValue, label_values};
///
/// label_values! {
///     /// How a request was made.
///     pub enum Method {
///         Get = "GET",
///         Post = "POST",
///     }
/// }
///
/// assert_eq!(Method::VALUES, ["GET", "POST"]);
/// assert_eq!(Method::Post.index(), 1);
/// ```
#[macro_export]
macro_rules! label_values {
    ($(
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$value_meta:meta])* $value:ident = $text:literal),+ $(,)?
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $name {
            $($(#[$value_meta])* $value),+
        }

        impl $crate::LabelValue for $name {
            const VALUES: &'static [&'static str] = &[$($text),+];

            #[inline]
            fn index(self) -> usize {
                self as usize
            }
        }
    )+};
}
