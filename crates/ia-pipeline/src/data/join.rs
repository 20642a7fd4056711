//! What a join receives.

use std::any::{TypeId, type_name};
use std::fmt;

use super::{Data, Deliveries};

/// The input of a join: one value for each predecessor.
///
/// A tuple takes them in the order of the edges into the join; an element that is an `Option` is `None` when its
/// predecessor was skipped. [`Inputs`] takes them by name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the input of a join",
    label = "expected a tuple with one element for each predecessor, or `Inputs`"
)]
pub trait JoinInput: Data + sealed::JoinInput {}

impl<T: Data + sealed::JoinInput> JoinInput for T {}

/// What a join expects of its predecessors.
pub(crate) enum Slots {
    /// One of each type, in the order of the edges.
    Each(Vec<(TypeId, &'static str)>),
    /// Whatever comes.
    Any,
    /// Whatever comes, what a loop carries included, as one value.
    Merged,
}

pub(crate) mod sealed {
    use super::{Deliveries, Slots};

    #[expect(unnameable_types, reason = "sealed: only this crate implements or names it")]
    pub trait JoinInput: Sized {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        fn slots() -> Slots;
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        fn gather(deliveries: Deliveries) -> Option<Self>;
    }
}

macro_rules! tuples {
    ($($t:ident)+) => {
        #[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
        impl<$($t: Data),+> sealed::JoinInput for ($($t,)+) {
            fn slots() -> Slots {
                Slots::Each(vec![$((TypeId::of::<$t>(), type_name::<$t>())),+])
            }

            fn gather(deliveries: Deliveries) -> Option<Self> {
                let mut deliveries = deliveries.into_iter();
                Some(($(deliveries.next()?.1.take::<$t>()?,)+))
            }
        }
    };
}

tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);

/// The input of a join by the names of its predecessors.
///
/// ```
/// # use ia_pipeline::{Flow, Inputs, Pipeline, StepContext};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// async fn double(_: StepContext, n: u32) -> Result<u32, std::io::Error> { Ok(n * 2) }
/// async fn halve(_: StepContext, n: u32) -> Result<u32, std::io::Error> { Ok(n / 2) }
/// async fn start(_: StepContext, n: u32) -> Result<u32, std::io::Error> { Ok(n) }
/// async fn merge(_: StepContext, inputs: Inputs) -> Result<u32, std::io::Error> {
///     Ok(inputs.get::<u32>("double").unwrap_or(0) + inputs.get::<u32>("halve").unwrap_or(0))
/// }
///
/// let pipeline = Pipeline::builder("sum")
///     .step("start", start).step("double", double).step("halve", halve).join("merge", merge)
///     .flow(Flow::start("start").fan_out("start", ["double", "halve"]).join(["double", "halve"], "merge"))
///     .build()?;
/// assert_eq!(pipeline.run(10).await?.output, 25);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Inputs {
    deliveries: Deliveries,
}

impl Inputs {
    /// What the step of this name gave, as `T`, `Arc<T>` and so on; `None` when it was skipped, is not a predecessor, or
    /// gives another type.
    #[must_use]
    pub fn get<T: Data>(&self, step: &str) -> Option<T> {
        let (_, delivery) = self.deliveries.iter().find(|(name, _)| &**name == step)?;
        delivery.clone().take()
    }

    /// The predecessors that gave nothing, because their branch was not taken or they failed and the run went on.
    pub fn skipped(&self) -> impl Iterator<Item = &str> {
        self.deliveries.iter().filter(|(_, delivery)| delivery.is_absent()).map(|(name, _)| &**name)
    }

    /// The names of all predecessors, in the order of the edges.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.deliveries.iter().map(|(name, _)| &**name)
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: nobody outside can name this")]
impl sealed::JoinInput for Inputs {
    fn slots() -> Slots {
        Slots::Any
    }

    fn gather(deliveries: Deliveries) -> Option<Self> {
        Some(Self { deliveries })
    }
}

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.deliveries.iter().map(|(name, delivery)| (name, !delivery.is_absent()));
        f.debug_map().entries(names).finish()
    }
}
