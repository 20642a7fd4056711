//! What flows between steps.

mod codec;
mod delivery;
mod join;
mod output_type;

use std::any::Any;
use std::sync::Arc;

pub(crate) use self::codec::Codec;
pub(crate) use self::delivery::{Deliveries, Delivery};
pub use self::join::{Inputs, JoinInput};
pub(crate) use self::join::{Slots, sealed};
pub(crate) use self::output_type::{Form, OutputType};

/// A type that steps can take and give: anything that can be cloned, sent and shared.
///
/// A value is cloned only where it must be: for a second consumer, or to try a step again. In a chain of steps that are
/// not retried nothing is cloned. Wrap what is dear to clone in an `Arc`; a step whose predecessor gives a `T` may take
/// `T`, `Arc<T>`, `Option<T>` or `Option<Arc<T>>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot flow between steps",
    label = "it must be `Clone + Send + Sync + 'static`",
    note = "wrap what cannot be cloned in an `Arc`"
)]
pub trait Data: Clone + Send + Sync + 'static {}

impl<T: Clone + Send + Sync + 'static> Data for T {}

/// A value on its way, its type forgotten.
pub(crate) type Shared = Arc<dyn Any + Send + Sync>;
