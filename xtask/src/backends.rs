//! The real servers to test against: found on PATH, or unpacked privately from Debian's packages.
//!
//! Nothing is installed: Debian's `prometheus`, once installed, runs as a service that listens on
//! all interfaces. Nothing of the system is changed either, not even its package lists, so this
//! needs no root.

use std::{
    env, fs,
    path::{Path, PathBuf, absolute},
    process::Command,
};

use crate::failure::{Failure, Result};

const ELSEWHERE: &str =
    "give apt-get Debian's packages to download, or put `prometheus` and `promtool` on PATH";

/// Programs that run, as absolute paths.
#[derive(Debug)]
pub(crate) struct Backends {
    pub(crate) prometheus: PathBuf,
    pub(crate) promtool: PathBuf,
}

impl Backends {
    /// From PATH, from `folder` where an earlier run left them, else freshly into `folder`.
    pub(crate) fn obtain(folder: &Path) -> Result<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let on_path = |name: &str| {
            let candidates = env::split_paths(&path).map(|folder| folder.join(name));
            candidates.filter_map(|file| absolute(file).ok()).find(|file| file.is_file())
        };
        if let (Some(prometheus), Some(promtool)) = (on_path("prometheus"), on_path("promtool")) {
            return Self { prometheus, promtool }.verified();
        }
        let unpacked = folder.join("unpacked");
        if let Ok(backends) = Self::unpacked_in(&unpacked).verified() {
            return Ok(backends);
        }
        let backends = Self::unpacked_in(&unpacked);
        let mut apt = Apt::fresh(folder, unpacked)?;
        apt.unpack("prometheus")?;
        // Newer Debian has a package of its own for it.
        if !backends.promtool.exists() {
            apt.unpack("promtool")?;
        }
        backends.verified()
    }

    fn unpacked_in(unpacked: &Path) -> Self {
        let bin = unpacked.join("usr/bin");
        Self { prometheus: bin.join("prometheus"), promtool: bin.join("promtool") }
    }

    /// Runs each, so that a broken one is told here and not by a test that waits for it.
    fn verified(self) -> Result<Self> {
        for program in [&self.prometheus, &self.promtool] {
            let version = version(program)?;
            println!("{}: {version}", program.display());
        }
        Ok(self)
    }
}

/// The first line of what `program --version` says.
fn version(program: &Path) -> Result<String> {
    let line = format!("{} --version", program.display());
    let output = Command::new(program)
        .arg("--version")
        .output()
        .map_err(|error| Failure::new(format!("`{line}` does not start: {error}"), ELSEWHERE))?;
    if !output.status.success() {
        return Err(Failure::of_program(&line, &output, ELSEWHERE));
    }
    // Some versions tell it on one stream, some on the other.
    let told = [output.stdout, output.stderr].concat();
    let first = String::from_utf8_lossy(&told).lines().next().unwrap_or_default().to_owned();
    Ok(first)
}

/// Debian's packages, downloaded and unpacked below one folder.
#[derive(Debug)]
struct Apt {
    folder: PathBuf,
    unpacked: PathBuf,
    /// Whether the system's package lists did not do, so that our own are used.
    own_lists: bool,
}

impl Apt {
    /// Starts over: what half an earlier run left behind would only confuse.
    fn fresh(folder: &Path, unpacked: PathBuf) -> Result<Self> {
        let apt = Self { folder: folder.to_owned(), unpacked, own_lists: false };
        for folder in [apt.debs(), apt.unpacked.clone()] {
            if folder.exists() {
                fs::remove_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
            }
            create(&folder)?;
        }
        Ok(apt)
    }

    /// Downloads `package` and unpacks it, without what it depends on.
    fn unpack(&mut self, package: &str) -> Result<()> {
        if self.run(&["download", package]).is_err() {
            // The system's lists are empty, as in most containers, or too old.
            self.update()?;
            self.run(&["download", package])?;
        }
        let deb = self.deb(package)?;
        println!("unpacking {}", deb.display());
        succeed(Command::new("dpkg").arg("-x").arg(deb).arg(&self.unpacked), "dpkg -x")
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
        succeed(apt.args(arguments), &format!("apt-get {}", arguments.join(" ")))
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
                Failure::new(format!("`apt-get download {package}` left no file"), ELSEWHERE)
            })
    }

    fn debs(&self) -> PathBuf {
        self.folder.join("debs")
    }
}

fn succeed(command: &mut Command, name: &str) -> Result<()> {
    let output = command
        .output()
        .map_err(|error| Failure::new(format!("`{name}` does not start: {error}"), ELSEWHERE))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(Failure::of_program(name, &output, ELSEWHERE))
    }
}

fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))
}

fn unwritable(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", folder.display()), "make it writable")
}
