//! Runs the steps of a command: each timed and reported, all of them even where one fails.

use std::{
    env,
    ffi::OsStr,
    fmt,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use crate::failure::{Failure, Result};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Failed,
    Passed,
}

/// How a step ended.
#[derive(Debug)]
enum Outcome {
    Failed(Failure),
    Passed,
    Skipped(Failure),
}

#[derive(Debug)]
struct Row {
    name: String,
    took: Duration,
    outcome: Outcome,
}

/// How it went, as the table shows it.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Failed(failure) => write!(f, "FAILED: {}: {failure}", self.name),
            Outcome::Passed => f.write_str("ok"),
            Outcome::Skipped(why) => write!(f, "SKIPPED: {} because {why}", self.name),
        }
    }
}

/// The steps of one command, in the order they ran.
#[derive(Debug)]
pub(crate) struct Steps {
    title: &'static str,
    rows: Vec<Row>,
    may_skip: bool,
}

impl Steps {
    /// Where the environment says `CI`, a skipped step counts as failed.
    pub(crate) fn new(title: &'static str) -> Self {
        let ci = env::var("CI").is_ok_and(|ci| !matches!(ci.as_str(), "" | "0" | "false"));
        Self { title, rows: Vec::new(), may_skip: !ci }
    }

    /// A step that is another program's work.
    pub(crate) fn command(&mut self, name: &str, command: &mut Command) {
        let line = command_line(command);
        println!("\n==> {name}: {line}");
        self.timed(name, Outcome::Failed, || match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::new(status.to_string(), "fix what its output names, above")),
            Err(error) => Err(Failure::new(error.to_string(), format!("make `{line}` start"))),
        });
    }

    /// A step that is our own work.
    pub(crate) fn check<T>(&mut self, name: &str, run: impl FnOnce() -> Result<T>) -> Option<T> {
        println!("\n==> {name}");
        self.timed(name, Outcome::Failed, run)
    }

    /// A step that this machine may be unable to take.
    pub(crate) fn attempt<T>(&mut self, name: &str, run: impl FnOnce() -> Result<T>) -> Option<T> {
        println!("\n==> {name}");
        let without = if self.may_skip {
            Outcome::Skipped
        } else {
            |why: Failure| Outcome::Failed(why.context("nothing is skipped where CI is set, but"))
        };
        self.timed(name, without, run)
    }

    /// Prints the table of steps and the last line.
    pub(crate) fn finish(self) -> Verdict {
        println!("\n{}\n\n{}", self.table(), self.last_line());
        self.verdict()
    }

    fn timed<T>(
        &mut self,
        name: &str,
        otherwise: fn(Failure) -> Outcome,
        run: impl FnOnce() -> Result<T>,
    ) -> Option<T> {
        #[expect(clippy::disallowed_methods, reason = "shown to people, never computed with")]
        let start = Instant::now();
        let (outcome, value) = match run() {
            Ok(value) => (Outcome::Passed, Some(value)),
            Err(failure) => (otherwise(failure), None),
        };
        let row = Row { name: name.to_owned(), took: start.elapsed(), outcome };
        println!("<== {name}: {:.1} s, {row}", row.took.as_secs_f64());
        self.rows.push(row);
        value
    }

    fn verdict(&self) -> Verdict {
        if self.rows.iter().any(|row| matches!(row.outcome, Outcome::Failed(_))) {
            Verdict::Failed
        } else {
            Verdict::Passed
        }
    }

    fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        let head = format!("{:width$}  seconds  result", "step");
        let rows = self
            .rows
            .iter()
            .map(|row| format!("{:width$}  {:7.1}  {row}", row.name, row.took.as_secs_f64()));
        [head].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
    }

    /// The whole outcome in one line: whoever reads only this knows what was not looked at.
    fn last_line(&self) -> String {
        let failed: Vec<&str> = self
            .rows
            .iter()
            .filter(|row| matches!(row.outcome, Outcome::Failed(_)))
            .map(|row| row.name.as_str())
            .collect();
        let mut line = match self.verdict() {
            Verdict::Failed => format!("{}: FAILED: {}", self.title, failed.join(", ")),
            Verdict::Passed => format!("{}: passed", self.title),
        };
        for row in self.rows.iter().filter(|row| matches!(row.outcome, Outcome::Skipped(_))) {
            line = format!("{line}; {row}");
        }
        let took: Duration = self.rows.iter().map(|row| row.took).sum();
        format!("{line} ({} steps, {:.1} s)", self.rows.len(), took.as_secs_f64())
    }
}

/// `command` as one can paste it into a shell.
fn command_line(command: &Command) -> String {
    let program = command.get_program();
    let program = Path::new(program).file_name().unwrap_or(program);
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), quoted(value?))));
    let words = [program].into_iter().chain(command.get_args()).map(quoted);
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if word.contains(' ') { format!("'{word}'") } else { word.into_owned() }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Steps, Verdict, command_line};
    use crate::failure::{Failure, Result};

    fn steps(may_skip: bool) -> Steps {
        Steps { title: "cargo xtask test", rows: Vec::new(), may_skip }
    }

    fn no_network() -> Result<()> {
        Err(Failure::new("there is no network", "plug it in"))
    }

    #[test]
    fn a_skip_is_told_in_the_table_and_in_the_last_line() {
        let mut steps = steps(true);
        steps.check("fmt", || Ok(()));
        assert_eq!(steps.attempt("real backends", no_network), None);
        let told = "SKIPPED: real backends because there is no network, remedy: plug it in";
        assert!(steps.table().contains(told), "{}", steps.table());
        assert!(steps.last_line().contains(told), "{}", steps.last_line());
        assert!(steps.last_line().starts_with("cargo xtask test: passed; "));
        assert_eq!(steps.verdict(), Verdict::Passed);
    }

    #[test]
    fn under_ci_a_skip_is_a_failure() {
        let mut steps = steps(false);
        steps.attempt("real backends", no_network);
        assert!(
            steps.table().contains("FAILED: real backends: nothing is skipped where CI is set")
        );
        assert!(steps.last_line().starts_with("cargo xtask test: FAILED: real backends ("));
        assert_eq!(steps.verdict(), Verdict::Failed);
    }

    #[test]
    fn a_failed_step_does_not_stop_the_next_one() {
        let mut steps = steps(true);
        steps.command("false", &mut Command::new("false"));
        assert_eq!(steps.check("next", || Ok(7)), Some(7));
        assert_eq!(steps.verdict(), Verdict::Failed);
    }

    #[test]
    fn a_command_is_shown_as_it_is_typed() {
        let mut command = Command::new("/opt/bin/cargo");
        command.arg("doc").env("RUSTDOCFLAGS", "-D warnings").env_remove("CARGO_PKG_NAME");
        assert_eq!(command_line(&command), "RUSTDOCFLAGS='-D warnings' cargo doc");
    }
}
