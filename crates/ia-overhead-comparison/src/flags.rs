//! The command line, and nothing else.

use std::path::PathBuf;

use clap::Parser;

/// Measures what telemetry costs a pipeline of ten steps.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench overhead", bin_name = "cargo xtask bench overhead")]
pub(crate) struct Flags {
    /// Measure shorter: enough to see whether something broke, not to quote
    #[arg(long)]
    pub(crate) quick: bool,
    /// Where the figures go
    #[arg(long, value_name = "PATH", default_value = "target/bench/overhead.json")]
    pub(crate) json: PathBuf,
    /// Fail where a goal is missed
    #[arg(long)]
    pub(crate) check: bool,
    /// Measure these subjects only, by the beginning of their names; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub(crate) subject: Vec<String>,
    /// Run the no-op chain of the subject so many times and measure nothing: for callgrind
    #[arg(long, hide = true, value_name = "RUNS", requires = "subject")]
    pub(crate) runs: Option<u32>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Flags;

    #[test]
    fn the_grammar_holds() {
        Flags::command().debug_assert();
    }
}
