//! A process of its own for a test.

use std::fmt::Display;
use std::process::{Command, Stdio};
use std::str::FromStr;

use super::{cpu, dhat, work};

const SCENARIO: &str = "IA_ATTRIBUTION_SCENARIO";
const ANSWER: &str = "answer:";

/// This program, told to be the child.
pub(crate) fn command(scenario: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    as_child(&mut command, scenario);
    command
}

/// Tells a command that ends in this program to be the child.
pub(crate) fn as_child(command: &mut Command, scenario: &str) {
    command.args(["--exact", "child::child", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(SCENARIO, scenario).stdin(Stdio::null());
}

/// Runs the child to its end; the numbers that it answers.
pub(crate) fn run<T: FromStr>(mut command: Command) -> Vec<T> {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let answer = text.lines().find_map(|line| Some(line.split_once(ANSWER)?.1));
    let numbers = answer.unwrap_or_else(|| panic!("no answer in {text}")).split_whitespace();
    numbers.map(|number| number.parse().unwrap_or_else(|_| panic!("{number}"))).collect()
}

pub(crate) fn answer(numbers: &[impl Display]) {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    println!("{ANSWER} {}", numbers.join(" "));
}

/// The child. Without a scenario it has nothing to do.
#[test]
#[ignore = "the other tests run it"]
fn child() {
    let Ok(scenario) = std::env::var(SCENARIO) else { return };
    match scenario.split_once(' ') {
        Some(("cpu", scenario)) => cpu::scenario(scenario),
        Some(("memory", rounds)) => dhat::scenario(rounds.parse().unwrap()),
        _ if scenario == "load" => loop {
            work::rounds(1_000_000);
        },
        _ => panic!("{scenario}"),
    }
}
