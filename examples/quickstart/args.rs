//! What can be asked for on the command line.

use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use clap::Parser;
use ia_telemetry_examples::output;

const DEFAULT_ADDRESS: &str = "127.0.0.1:9464";

/// The repository that this example is a part of.
const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Runs an instrumented pipeline over a folder of text files and shows what it measured.
#[derive(Debug, Parser)]
#[command(name = "quickstart")]
pub(crate) struct Args {
    /// The folder to read [default: the repository of this example]
    folder: Option<PathBuf>,
    /// Where to serve `/metrics`; port 0 picks a free port [default: 127.0.0.1:9464, or nowhere with --once]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Exit after the summary; opens no port unless --listen is given
    #[arg(long, conflicts_with = "repeat")]
    pub(crate) once: bool,
    /// Run again and again until Ctrl-C
    #[arg(long = "loop")]
    pub(crate) repeat: bool,
    /// How often a step fails, from 0 (never) to 1 (always): to see errors and alerts
    #[arg(long, value_name = "RATE", default_value = "0", value_parser = rate)]
    pub(crate) fail: f64,
    /// Print the summary as one JSON document to standard output, and everything else to standard error
    #[arg(long)]
    pub(crate) json: bool,
}

impl Args {
    /// The folder, absolute.
    pub(crate) fn folder(&self) -> Result<PathBuf, String> {
        let folder = self.folder.as_deref().unwrap_or_else(|| Path::new(REPOSITORY));
        let shown = folder.display();
        let unreadable = |error: &io::Error| {
            format!("cannot open {shown}: {error}; name a folder that you may read")
        };
        let found = folder.canonicalize().map_err(|error| match error.kind() {
            ErrorKind::NotFound if self.folder.is_none() => format!(
                "the folder that this example was built in, {shown}, is gone; name another one: `quickstart FOLDER`"
            ),
            ErrorKind::NotFound => {
                format!("there is no folder {shown}; check the spelling, or name another one")
            }
            _ => unreadable(&error),
        })?;
        if !found.is_dir() {
            return Err(format!("{shown} is not a folder; name the folder that it is in"));
        }
        match found.read_dir() {
            Ok(_) => Ok(found),
            Err(error) => Err(unreadable(&error)),
        }
    }

    /// Where to serve, if anywhere.
    pub(crate) fn listen(&self) -> Option<&str> {
        self.listen.as_deref().or(if self.once { None } else { Some(DEFAULT_ADDRESS) })
    }

    /// Says something beside the summary.
    pub(crate) fn remark(&self, line: impl Display) {
        if self.json {
            output::note(line);
        } else {
            output::say(line);
        }
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.0..=1.0).contains(&rate) => Ok(rate),
        _ => Err("write a number from 0 (never) to 1 (always), for example 0.1".to_owned()),
    }
}
