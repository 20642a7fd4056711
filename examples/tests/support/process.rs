//! Processes that do not outlive a test.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// Whatever a test waits for, on a slow machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A process that is killed when this is dropped, also by a test that fails.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<(bool, String)>,
    /// What it wrote to standard output so far.
    pub(crate) stdout: String,
    /// What it wrote to standard error so far.
    pub(crate) stderr: String,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (sender, lines) = channel();
        forward(child.stdout.take().unwrap(), true, sender.clone());
        forward(child.stderr.take().unwrap(), false, sender);
        Self { child, lines, stdout: String::new(), stderr: String::new() }
    }

    /// The next line, on either stream, that contains `text`.
    pub(crate) fn line(&mut self, text: &str) -> String {
        loop {
            let line = self.next().unwrap_or_else(|| panic!("no line with {text:?} in {self}"));
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Sends a signal, like `INT`.
    pub(crate) fn signal(&self, signal: &str) {
        // The shell has it built in; a program of that name is not everywhere.
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for the end; the exit code.
    pub(crate) fn code(&mut self) -> Option<i32> {
        while self.next().is_some() {}
        // Both streams are closed, so it has ended or is about to.
        self.child.wait().unwrap().code()
    }

    /// The next line; `None` where both streams are closed.
    fn next(&mut self) -> Option<String> {
        use std::sync::mpsc::RecvTimeoutError::{Disconnected, Timeout};
        match self.lines.recv_timeout(PATIENCE) {
            Ok((is_stdout, line)) => {
                let stream = if is_stdout { &mut self.stdout } else { &mut self.stderr };
                writeln!(stream, "{line}").unwrap();
                Some(line)
            }
            Err(Disconnected) => None,
            Err(Timeout) => panic!("nothing more came from {self}"),
        }
    }
}

fn forward(stream: impl Read + Send + 'static, is_stdout: bool, lines: Sender<(bool, String)>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if lines.send((is_stdout, line)).is_err() {
                break;
            }
        }
    });
}

impl std::fmt::Display for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "--- stdout\n{}--- stderr\n{}---", self.stdout, self.stderr)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
