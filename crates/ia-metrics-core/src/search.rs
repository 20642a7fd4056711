//! placeholder
#[derive(Debug)]
pub(crate) struct FloatSearch(Box<[f64]>);
impl FloatSearch {
    pub(crate) fn new(bounds: &[f64]) -> Self {
        Self(bounds.into())
    }
    pub(crate) fn bucket(&self, value: f64) -> usize {
        self.0.partition_point(|b| *b < value)
    }
    pub(crate) fn buckets(&self) -> usize {
        self.0.len() + 1
    }
}
#[derive(Debug)]
pub(crate) struct IntegerSearch(Box<[u64]>);
impl IntegerSearch {
    pub(crate) fn new(bounds: &[u64]) -> Self {
        Self(bounds.into())
    }
    pub(crate) fn bucket(&self, value: u64) -> usize {
        self.0.partition_point(|b| *b < value)
    }
    pub(crate) fn buckets(&self) -> usize {
        self.0.len() + 1
    }
}
