//! Debian's packages without installing them.
//!
//! Nothing of the system is changed, not even its package lists, so this needs no root.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::failure::{Failure, Result};

/// Debian's packages, downloaded and unpacked below one folder.
#[derive(Debug)]
pub(crate) struct Apt {
    folder: PathBuf,
    unpacked: PathBuf,
    /// Whether the system's package lists did not do, so that our own are used.
    own_lists: bool,
    /// What to do where there are no packages.
    elsewhere: &'static str,
}

impl Apt {
    /// Starts over: what half an earlier run left behind would only confuse.
    pub(crate) fn fresh(folder: &Path, unpacked: PathBuf, elsewhere: &'static str) -> Result<Self> {
        let apt = Self { folder: folder.to_owned(), unpacked, own_lists: false, elsewhere };
        for folder in [apt.debs(), apt.unpacked.clone()] {
            if folder.exists() {
                fs::remove_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
            }
            create(&folder)?;
        }
        Ok(apt)
    }

    /// Downloads `package` and unpacks it, without what it depends on.
    pub(crate) fn unpack(&mut self, package: &str) -> Result<()> {
        if self.run(&["download", package]).is_err() {
            // The system's lists are empty, as in most containers, or too old.
            self.update()?;
            self.run(&["download", package])?;
        }
        let deb = self.deb(package)?;
        println!("unpacking {}", deb.display());
        self.succeed(Command::new("dpkg").arg("-x").arg(deb).arg(&self.unpacked), "dpkg -x")
    }

    /// Fetches package lists of our own.
    fn update(&mut self) -> Result<()> {
        if self.own_lists {
            return Ok(());
        }
        self.own_lists = true;
        create(&self.folder.join("lists/partial"))?;
        create(&self.folder.join("cache/archives/partial"))?;
        self.run(&["update"])
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        let mut apt = Command::new("apt-get");
        apt.current_dir(self.debs());
        // Where root calls it, apt would download as a user who may not write here.
        apt.args(["-o", "APT::Sandbox::User=root"]);
        apt.args(["-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30"]);
        if self.own_lists {
            let option =
                |name: &str, folder| format!("{name}={}", self.folder.join(folder).display());
            apt.args(["-o", &option("Dir::State::Lists", "lists")]);
            apt.args(["-o", &option("Dir::Cache", "cache")]);
        }
        self.succeed(apt.args(arguments), &format!("apt-get {}", arguments.join(" ")))
    }

    /// The file that `apt-get download` left: its name holds a version that only apt knows.
    fn deb(&self, package: &str) -> Result<PathBuf> {
        let debs = self.debs();
        let prefix = format!("{package}_");
        fs::read_dir(&debs)
            .map_err(|error| unwritable(&debs, &error))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .find(|path| {
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
            })
            .ok_or_else(|| {
                Failure::new(format!("`apt-get download {package}` left no file"), self.elsewhere)
            })
    }

    fn debs(&self) -> PathBuf {
        self.folder.join("debs")
    }

    fn succeed(&self, command: &mut Command, name: &str) -> Result<()> {
        let output = command.output().map_err(|error| {
            Failure::new(format!("`{name}` does not start: {error}"), self.elsewhere)
        })?;
        if output.status.success() {
            Ok(())
        } else {
            Err(Failure::of_program(name, &output, self.elsewhere))
        }
    }
}

fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))
}

fn unwritable(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", folder.display()), "make it writable")
}
