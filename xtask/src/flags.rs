//! The command grammar: every command and option, and nothing else.

use clap::{Args, Parser, Subcommand};

/// The commands of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Xtask {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check what needs no run: format, tidiness, layers, clippy, docs, dependencies
    Lint,
    /// Run everything that must pass, real backends included
    Test(Test),
}

impl Command {
    /// The command as a person types it.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Lint => "cargo xtask lint",
            Self::Test(_) => "cargo xtask test",
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Test {
    /// Leave out the tests against a real Prometheus (a failure where `CI` is set)
    #[arg(long)]
    pub(crate) no_backends: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Xtask;

    #[test]
    fn the_grammar_holds() {
        Xtask::command().debug_assert();
    }
}
