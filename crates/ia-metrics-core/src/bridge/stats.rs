//! What a bridge passes on, and what it could not.

/// What a [`Recorder`](super::Recorder) passes on, and what it could not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecorderStats {
    /// How many keys it knows: combinations of a name and labels that have a series of their own.
    pub keys: usize,
    /// How often a metric or a label could not have a name because another one had it: once for each name that was
    /// tried. What stood in the way of metrics is in [`RegistryStats::conflicts`](crate::RegistryStats::conflicts).
    pub collisions: u64,
    /// How many metrics are not exported, because no name was left for them.
    pub refused: u64,
}
