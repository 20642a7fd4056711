//! The command line, and nothing else.

use std::path::PathBuf;

use clap::Parser;

use crate::data::Shape;
use crate::groups::Group;

/// Compares ia-metrics-core with its peers and with physical limits.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench peers", bin_name = "cargo xtask bench peers")]
pub(crate) struct Flags {
    /// Measure this group only; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Vec<Group>,
    /// Measure shorter: enough to see whether something broke, not to quote
    #[arg(long)]
    pub(crate) quick: bool,
    /// Where the figures go
    #[arg(long, value_name = "PATH", default_value = "target/bench/peers.json")]
    pub(crate) json: PathBuf,
    /// Fail where a goal is missed
    #[arg(long)]
    pub(crate) check: bool,
    /// Measure the memory of this subject, in a process of its own, and print the bytes per series
    #[arg(long, hide = true, value_name = "SUBJECT")]
    pub(crate) child: Option<String>,
    #[arg(long, hide = true, value_enum, default_value = "routes")]
    pub(crate) shape: Shape,
    #[arg(long, hide = true, default_value_t = 1)]
    pub(crate) threads: usize,
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
