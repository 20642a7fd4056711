//! Drawings of pipelines, for documents and for people.

mod dot;
mod mark;
mod mermaid;
mod shape;

use std::fmt;

use self::mark::Marks;
use self::shape::Shape;
use crate::{Pipeline, StepReport};

/// A drawing of a pipeline: its steps, the arrows between them and what they ask. Made by [`Pipeline::drawing`].
///
/// ```
/// # use ia_pipeline::{Flow, Pipeline, StepContext};
/// # async fn load(_: StepContext, n: u32) -> Result<u32, std::io::Error> { Ok(n) }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pipeline = Pipeline::builder("doubled").step("load", load).step("double", load).build()?;
/// assert!(pipeline.to_mermaid().contains("s0 --> s1"));
///
/// let run = pipeline.run(1).await?;
/// let dot = pipeline.drawing().run(&run.steps).to_dot(); // with statuses and times
/// assert!(dot.contains("success"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a drawing is nothing until `to_mermaid` or `to_dot`"]
pub struct Drawing {
    shape: Shape,
    marks: Option<Marks>,
}

impl Drawing {
    /// Draws what became of the steps in a run: their statuses, times and attempts. Takes the `steps` of a
    /// [`Run`](crate::Run), or [`RunError::steps`](crate::RunError::steps) where it failed. Defaults to the pipeline
    /// alone.
    pub fn run(mut self, steps: &[StepReport]) -> Self {
        self.marks = Some(Marks::of(steps));
        self
    }

    /// As a Mermaid flowchart, as in Markdown on many sites.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        mermaid::draw(&self.shape, self.marks.as_ref())
    }

    /// In the DOT language of Graphviz.
    #[must_use]
    pub fn to_dot(&self) -> String {
        dot::draw(&self.shape, self.marks.as_ref())
    }
}

impl<I, O> Pipeline<I, O> {
    /// A drawing of the pipeline.
    pub fn drawing(&self) -> Drawing {
        Drawing { shape: Shape::of(self.core()), marks: None }
    }

    /// The pipeline as a Mermaid flowchart, as in Markdown on many sites.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        self.drawing().to_mermaid()
    }

    /// The pipeline in the DOT language of Graphviz.
    #[must_use]
    pub fn to_dot(&self) -> String {
        self.drawing().to_dot()
    }
}

impl fmt::Debug for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drawing").field("pipeline", &self.shape.name).finish_non_exhaustive()
    }
}
