//! What others keep beside a registry.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

/// One value of each type.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    values: Mutex<Vec<Arc<dyn Any + Send + Sync>>>,
}

impl Extensions {
    pub(super) fn get<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let known = values.iter().find_map(|value| Arc::clone(value).downcast::<T>().ok());
        known.unwrap_or_else(|| {
            let new = Arc::new(T::default());
            values.push(Arc::clone(&new) as Arc<dyn Any + Send + Sync>);
            new
        })
    }
}
