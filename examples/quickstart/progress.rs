//! How far a run is, for people who watch; and one example of each kind of failure, to show in the summary.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// Shared by the steps of a run and the summary.
pub(crate) struct Progress {
    /// Draws on standard error, and only where that is a terminal.
    bar: ProgressBar,
    failures: Mutex<BTreeMap<String, PathBuf>>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        // Nothing is drawn before the first run.
        Self { bar: ProgressBar::no_length(), failures: Mutex::default() }
    }

    /// The folder is being walked.
    pub(crate) fn looking(&self) {
        // The style comes first: what follows draws.
        self.set_style("{spinner:.cyan} looking for files");
        self.bar.reset();
        self.bar.unset_length();
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(Duration::from_millis(100));
        }
    }

    /// So many files are to be read.
    pub(crate) fn start(&self, files: usize) {
        self.bar.set_length(files as u64);
        self.set_style("{spinner:.cyan} {wide_bar:.cyan/dim} {pos}/{len}  {rate}  {eta} left");
    }

    /// A file is done.
    pub(crate) fn advance(&self) {
        self.bar.inc(1);
    }

    /// A file failed. Of each kind of error the first path in the alphabet is kept, whichever file was done first.
    pub(crate) fn failed(&self, error_type: &str, path: PathBuf) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        match failures.get_mut(error_type) {
            Some(known) if *known <= path => {}
            Some(known) => *known = path,
            None => {
                failures.insert(error_type.to_owned(), path);
            }
        }
    }

    /// A file that failed with this type of error.
    pub(crate) fn example(&self, error_type: &str) -> Option<PathBuf> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).get(error_type).cloned()
    }

    /// Takes the bar off the screen.
    pub(crate) fn clear(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }

    fn set_style(&self, template: &str) {
        // The templates are constants; a bar of the default style would do too.
        let Ok(style) = ProgressStyle::with_template(template) else { return };
        self.bar.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            write!(out, "{:.0} files/s", state.per_sec()).ok();
        }));
    }
}
