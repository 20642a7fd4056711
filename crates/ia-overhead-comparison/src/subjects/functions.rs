//! Plain functions, and nothing else.

use crate::job::work;
use crate::runner::Each;
use crate::{Job, Refused, Runner};

macro_rules! functions {
    (; $($step:ident $name:literal),*) => {
        $(
            pub(super) async fn $step(job: Job) -> Result<Job, Refused> {
                work(job)
            }
        )*

        /// One after the other.
        async fn all(mut job: Job) -> Result<Job, Refused> {
            $(job = $step(job).await?;)*
            Ok(job)
        }
    };
}

with_steps!(functions!());

pub(super) fn plain() -> Box<dyn Runner> {
    Box::new(Each::new(all))
}
