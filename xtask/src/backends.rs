//! The real servers to test against: found on PATH, or unpacked privately from Debian's packages.
//!
//! Nothing is installed: Debian's `prometheus`, once installed, runs as a service that listens on
//! all interfaces.

use std::path::{Path, PathBuf};

use crate::{apt::Apt, failure::Result, program};

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
        let found = (program::on_path("prometheus"), program::on_path("promtool"));
        if let (Some(prometheus), Some(promtool)) = found {
            return Self { prometheus, promtool }.verified();
        }
        let unpacked = folder.join("unpacked");
        if let Ok(backends) = Self::unpacked_in(&unpacked).verified() {
            return Ok(backends);
        }
        let backends = Self::unpacked_in(&unpacked);
        let mut apt = Apt::fresh(folder, unpacked, ELSEWHERE)?;
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
            let version = program::version(program, ELSEWHERE)?;
            println!("{}: {version}", program.display());
        }
        Ok(self)
    }
}
