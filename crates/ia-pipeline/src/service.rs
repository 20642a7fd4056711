//! What steps need from outside: clients, pools, models.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The services of a pipeline, one of each type.
///
/// ```
/// # use ia_pipeline::Services;
/// struct Client;
/// let services = Services::new().insert(Client);
/// assert!(services.get::<Client>().is_some());
/// ```
#[derive(Clone, Default)]
pub struct Services {
    by_type: HashMap<TypeId, Entry>,
}

#[derive(Clone)]
struct Entry {
    name: &'static str,
    value: Arc<dyn Any + Send + Sync>,
}

/// A service, shared by all runs. A step takes it as a trailing argument, or asks its context for it. One that is only
/// known by its trait is a service in a box: `Service<Arc<dyn Client>>`, from `.insert(client as Arc<dyn Client>)`.
pub struct Service<T>(Arc<T>);

/// A step asked for a service that the pipeline was not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingService {
    name: &'static str,
}

/// A type of service that a step declares to need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceType {
    pub(crate) id: TypeId,
    pub(crate) name: &'static str,
}

impl Services {
    /// No services.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service; one of the same type is replaced.
    #[must_use]
    pub fn insert<T: Send + Sync + 'static>(self, service: T) -> Self {
        self.insert_shared(Arc::new(service))
    }

    /// Adds a service that is shared already.
    #[must_use]
    pub fn insert_shared<T: Send + Sync + 'static>(mut self, service: Arc<T>) -> Self {
        self.by_type.insert(TypeId::of::<T>(), Entry { name: type_name::<T>(), value: service });
        self
    }

    /// The service of this type.
    #[must_use]
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Service<T>> {
        let value = Arc::clone(&self.by_type.get(&TypeId::of::<T>())?.value);
        value.downcast().ok().map(Service)
    }

    pub(crate) fn require<T: Send + Sync + 'static>(&self) -> Result<Service<T>, MissingService> {
        self.get().ok_or_else(|| MissingService { name: type_name::<T>() })
    }

    pub(crate) fn has(&self, id: TypeId) -> bool {
        self.by_type.contains_key(&id)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.by_type.values().map(|entry| entry.name)
    }
}

impl ServiceType {
    pub(crate) fn of<T: Send + Sync + 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }
}

impl<T> Clone for Service<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Service<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Service<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Service").field(&self.0).finish()
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl fmt::Display for MissingService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the pipeline has no service of type `{}`; add it by `.services(Services::new().insert(…))`",
            self.name
        )
    }
}

impl Error for MissingService {}
