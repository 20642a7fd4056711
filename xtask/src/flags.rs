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
    /// Measure something
    #[command(subcommand)]
    Bench(Bench),
    /// Check what needs no run: format, tidiness, layers, clippy, docs, dependencies
    Lint,
    /// Run everything that must pass, real backends included
    Test(Test),
}

impl Command {
    /// The command as a person types it.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Bench(Bench::Instructions) => "cargo xtask bench instructions",
            Self::Bench(Bench::Overhead(_)) => "cargo xtask bench overhead",
            Self::Bench(Bench::Peers(_)) => "cargo xtask bench peers",
            Self::Lint => "cargo xtask lint",
            Self::Test(_) => "cargo xtask test",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Count the instructions of the metric core's operations with callgrind
    Instructions,
    /// Measure what telemetry costs a pipeline; writes target/bench/overhead.json
    Overhead(Comparison),
    /// Measure the metric core beside its peers and physical limits; writes target/bench/peers.json
    Peers(Comparison),
}

#[derive(Args, Debug)]
pub(crate) struct Comparison {
    /// For the comparison itself: `-- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Test {
    /// Leave out the tests against a real Prometheus (a failure where `CI` is set)
    #[arg(long)]
    pub(crate) no_backends: bool,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Bench, Command, Xtask};

    #[test]
    fn the_grammar_holds() {
        Xtask::command().debug_assert();
    }

    #[test]
    fn what_follows_bench_peers_goes_to_the_comparison() {
        let line = ["xtask", "bench", "peers", "--group", "counter", "--quick"];
        let Command::Bench(Bench::Peers(peers)) = Xtask::parse_from(line).command else {
            panic!("another command");
        };
        assert_eq!(peers.args, line[3..]);
    }

    #[test]
    fn what_follows_bench_overhead_goes_to_the_comparison() {
        let line = ["xtask", "bench", "overhead", "--quick", "--check"];
        let Command::Bench(Bench::Overhead(overhead)) = Xtask::parse_from(line).command else {
            panic!("another command");
        };
        assert_eq!(overhead.args, line[3..]);
    }
}
