//! `ia-metrics-core` beside its peers and beside physical limits, in one process.
//!
//! `cargo xtask bench peers` builds this with the profile `bench-peers` and runs it. It prints one table per group, the
//! goals of the metric core with what was measured for each, and writes everything as JSON.
//!
//! Where to look: `subjects` has a file for each library and shows what exactly is timed; `limits` has what no library
//! can beat; `timing` has the methods; `groups` puts them together.
//!
//! Rules of the comparison:
//!
//! - Every library is used the fastest way its documentation shows. Where two ways are documented, both have a row.
//! - What only works with an owner (`&mut`) or is unseen until it is flushed by hand has a row, marked `owned`, and does
//!   not count as a peer: its values cannot be scraped while they are recorded by several threads.
//! - A subject and its limit are measured in turns, so that a change in the machine's speed hits both.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "reporting to a terminal is the job"
)]
#![expect(
    clippy::expect_used,
    reason = "a comparison that cannot be set up has nothing to report, and says where it stopped"
)]

mod data;
mod flags;
mod goals;
mod groups;
mod limits;
mod report;
mod row;
mod store;
mod subjects;
mod table;
mod timing;
mod work;

use std::process::ExitCode;

use clap::Parser as _;

use crate::flags::Flags;
use crate::groups::{Context, Group};
use ia_bench_machine::Machine;

fn main() -> ExitCode {
    let flags = Flags::parse();
    if let Some(subject) = &flags.child {
        return groups::memory::child(subject, flags.shape, flags.threads);
    }
    compare(&flags)
}

fn compare(flags: &Flags) -> ExitCode {
    let machine = Machine::look();
    println!("{machine}");
    let context = Context::new(flags.quick);
    let mut rows = Vec::new();
    for group in Group::ALL {
        if flags.group.is_empty() || flags.group.contains(&group) {
            eprintln!("measuring {} …", group.name());
            let found = group.measure(&context);
            println!("{}", table::of(group, &found));
            rows.extend(found);
        }
    }
    let goals = goals::judge(&rows);
    println!("{}", goals::table(&goals));
    let written = report::write(&flags.json, &machine, &rows, &goals);
    match &written {
        Ok(()) => println!("written: {}", flags.json.display()),
        Err(error) => eprintln!("{} cannot be written: {error}", flags.json.display()),
    }
    let missed = flags.check && goals.iter().any(|goal| goal.is_missed(flags.group.is_empty()));
    if written.is_err() || missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
