//! What can be wrong with a pipeline.

use std::error::Error;
use std::fmt::{self, Write};

use super::StreamBuildError;
use crate::PolicyError;

/// Everything that is wrong with a pipeline, in one go.
///
/// `Debug` writes what `Display` does: a `main` that returns it prints it that way.
#[derive(Clone, PartialEq, Eq)]
pub struct BuildErrors {
    pipeline: String,
    errors: Vec<BuildError>,
}

/// One mistake in a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// A condition asks about another type than the step gives.
    ConditionType {
        /// The step.
        step: String,
        /// What the step gives.
        gives: &'static str,
        /// What the condition asks about.
        asks: &'static str,
    },
    /// Steps lead back to themselves without a limit.
    CycleWithoutLimit {
        /// The way round, the first step also at the end.
        path: Vec<String>,
    },
    /// The same arrow is drawn twice.
    DuplicateEdge {
        /// Where it begins.
        from: String,
        /// Where it leads.
        to: String,
    },
    /// Two steps have one name.
    DuplicateStep {
        /// The name.
        step: String,
    },
    /// The pipeline or a step has no name.
    EmptyName {
        /// Which of them.
        of: &'static str,
    },
    /// There are no steps.
    EmptyPipeline,
    /// A join takes another number of values than it has predecessors.
    JoinArity {
        /// The join.
        step: String,
        /// How many values it takes.
        takes: usize,
        /// Its predecessors.
        predecessors: Vec<String>,
    },
    /// A step needs a service that the pipeline was not given.
    MissingService {
        /// The step.
        step: String,
        /// The type of the service.
        service: &'static str,
        /// The types that were given.
        given: Vec<&'static str>,
    },
    /// Several predecessors always give a step a value, but it takes one.
    NeedsJoin {
        /// The step.
        step: String,
        /// Its predecessors.
        predecessors: Vec<String>,
    },
    /// A loop leads to a step that does not lead back.
    NotALoop {
        /// Where the loop begins.
        from: String,
        /// Where it leads.
        to: String,
    },
    /// The run goes on when this step fails, but then nothing can give the run's output.
    NothingToContinueTo {
        /// The step.
        step: String,
    },
    /// No step at which the flow ends gives the run's output.
    NoOutput {
        /// What a run is to give.
        wanted: &'static str,
        /// The steps at which the flow ends, and what they give.
        ends: Vec<(String, &'static str)>,
    },
    /// A step has a name that flows keep for their ends.
    ReservedName {
        /// The name.
        step: String,
    },
    /// Something about a stream.
    Stream(StreamBuildError),
    /// A step takes something else than it is given.
    TypeMismatch {
        /// Who gives: a step, or `None` for the run's input.
        from: Option<String>,
        /// What is given.
        gives: &'static str,
        /// The step that takes.
        to: String,
        /// What it takes.
        takes: &'static str,
    },
    /// The flow never comes to a step.
    Unreachable {
        /// The step.
        step: String,
    },
    /// The flow names a step that there is not.
    UnknownStep {
        /// The name.
        step: String,
        /// The step that was probably meant.
        meant: Option<String>,
    },
    /// A step has a policy that cannot be followed.
    UnusablePolicy {
        /// The step.
        step: String,
        /// What is wrong.
        error: PolicyError,
    },
    /// A limit of zero: nothing could ever run.
    ZeroLimit {
        /// The limit.
        limit: &'static str,
    },
}

impl BuildError {
    /// The step that it is about, where it is about one.
    pub(crate) fn step(&self) -> Option<&str> {
        match self {
            Self::ConditionType { step, .. }
            | Self::DuplicateStep { step }
            | Self::JoinArity { step, .. }
            | Self::MissingService { step, .. }
            | Self::NeedsJoin { step, .. }
            | Self::NothingToContinueTo { step }
            | Self::ReservedName { step }
            | Self::TypeMismatch { to: step, .. }
            | Self::Unreachable { step }
            | Self::UnknownStep { step, .. }
            | Self::UnusablePolicy { step, .. } => Some(step),
            Self::DuplicateEdge { from, .. } | Self::NotALoop { from, .. } => Some(from),
            Self::CycleWithoutLimit { path } => path.first().map(String::as_str),
            Self::EmptyName { .. }
            | Self::EmptyPipeline
            | Self::NoOutput { .. }
            | Self::Stream(_)
            | Self::ZeroLimit { .. } => None,
        }
    }
}

impl BuildErrors {
    pub(crate) fn new(pipeline: &str, errors: Vec<BuildError>) -> Self {
        Self { pipeline: pipeline.to_owned(), errors }
    }

    /// The mistakes.
    #[must_use]
    pub fn errors(&self) -> &[BuildError] {
        &self.errors
    }
}

impl fmt::Display for BuildErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let things = if self.errors.len() == 1 { "mistake" } else { "mistakes" };
        write!(
            f,
            "pipeline `{}` has {} {things}:",
            self.pipeline.escape_debug(),
            self.errors.len()
        )?;
        self.errors.iter().try_for_each(|error| write!(f, "\n- {error}"))
    }
}

impl fmt::Debug for BuildErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for BuildErrors {}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names come from outside: none may begin a line of its own.
        write!(OneLine(f), "{}", Told(self))
    }
}

/// Writes control characters as escapes.
struct OneLine<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| {
            if c.is_control() {
                write!(self.0, "{}", c.escape_debug())
            } else {
                self.0.write_char(c)
            }
        })
    }
}

/// The words for a mistake, with names as they are.
struct Told<'a>(&'a BuildError);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            BuildError::ConditionType { step, gives, asks } => {
                write!(
                    f,
                    "a condition after `{step}` asks about `{asks}`, but the step gives `{gives}`; ask about that"
                )
            }
            BuildError::CycleWithoutLimit { path } => write!(
                f,
                "the steps {} lead back to themselves without a limit; draw the way back by `.repeat(…)`, which has one",
                path.iter().map(|step| format!("`{step}`")).collect::<Vec<_>>().join(" -> ")
            ),
            BuildError::DuplicateEdge { from, to } => {
                write!(
                    f,
                    "the way from `{from}` to `{to}` is drawn twice; remove one, or ask both conditions in one"
                )
            }
            BuildError::DuplicateStep { step } => {
                write!(f, "two steps are called `{step}`; rename one")
            }
            BuildError::EmptyName { of } => write!(f, "a {of} has no name; give it one"),
            BuildError::EmptyPipeline => {
                f.write_str("there are no steps; add one by `.step(name, function)`")
            }
            BuildError::JoinArity { step, takes, predecessors } => write!(
                f,
                "join `{step}` takes {takes} values, but its predecessors are [{}]; take a tuple of {}, or `Inputs`",
                predecessors.join(", "),
                predecessors.len()
            ),
            BuildError::MissingService { step, service, given } => write!(
                f,
                "step `{step}` needs a service of type `{service}`, but the services are [{}]; add it by `.services(Services::new().insert(…))`",
                given.join(", ")
            ),
            BuildError::NeedsJoin { step, predecessors } => write!(
                f,
                "step `{step}` takes one value, but each of [{}] gives it one; add it by `.join(…)` to take them all",
                predecessors.join(", ")
            ),
            BuildError::NotALoop { from, to } => write!(
                f,
                "`.repeat` leads from `{from}` to `{to}`, but `{to}` does not lead to `{from}`; use `.when` for a way ahead"
            ),
            BuildError::NothingToContinueTo { step } => write!(
                f,
                "the run goes on when `{step}` fails, but then nothing can give its output; let a successor take an `Option`, or give `{step}` a fallback instead"
            ),
            BuildError::NoOutput { wanted, ends } => write!(
                f,
                "a run is to give `{wanted}`, but the flow ends at [{}]; say what a run gives by `.output::<T>()`",
                ends.iter()
                    .map(|(step, gives)| format!("{step}: {gives}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            BuildError::ReservedName { step } => {
                write!(
                    f,
                    "`{step}` means an end of the flow and cannot be the name of a step; choose another"
                )
            }
            BuildError::Stream(error) => error.fmt(f),
            BuildError::TypeMismatch { from: Some(from), gives, to, takes } => {
                write!(
                    f,
                    "step `{to}` takes `{takes}`, but `{from}` gives `{gives}`; change one, or put a step between"
                )
            }
            BuildError::TypeMismatch { from: None, gives, to, takes } => {
                write!(
                    f,
                    "step `{to}` takes `{takes}`, but it begins the run, whose input is `{gives}`; add the step that begins first"
                )
            }
            BuildError::Unreachable { step } => {
                write!(f, "the flow never comes to step `{step}`; lead to it, or remove it")
            }
            BuildError::UnknownStep { step, meant: Some(meant) } => {
                write!(
                    f,
                    "the flow names a step `{step}` that there is not; did you mean `{meant}`?"
                )
            }
            BuildError::UnknownStep { step, meant: None } => {
                write!(f, "the flow names a step `{step}` that there is not; add it by `.step(…)`")
            }
            BuildError::UnusablePolicy { step, error } => {
                write!(f, "step `{step}` has a policy that cannot be followed: {error}")
            }
            BuildError::ZeroLimit { limit } => {
                write!(f, "{limit} is 0, so nothing could ever run; use at least 1")
            }
        }
    }
}

impl Error for BuildError {}
