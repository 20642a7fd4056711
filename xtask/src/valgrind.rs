//! valgrind, whose DHAT counts what a process allocates: found on PATH, or unpacked privately from Debian's package.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{apt::Apt, failure::Result, program};

const ELSEWHERE: &str = "give apt-get Debian's packages to download, or put `valgrind` on PATH";

/// A valgrind that runs.
#[derive(Debug)]
pub(crate) struct Valgrind {
    program: PathBuf,
    /// Where its tools are, if not where it was built for.
    tools: Option<PathBuf>,
}

impl Valgrind {
    /// From PATH, from `folder` where an earlier run left it, else freshly into `folder`.
    pub(crate) fn obtain(folder: &Path) -> Result<Self> {
        if let Some(program) = program::on_path("valgrind") {
            return Self { program, tools: None }.verified();
        }
        let unpacked = folder.join("unpacked");
        let there = || Self {
            program: unpacked.join("usr/bin/valgrind.bin"),
            tools: Some(unpacked.join("usr/libexec/valgrind")),
        };
        if let Ok(valgrind) = there().verified() {
            return Ok(valgrind);
        }
        Apt::fresh(folder, unpacked.clone(), ELSEWHERE)?.unpack("valgrind")?;
        there().verified()
    }

    /// Tells a command where it is.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.env("IA_VALGRIND", &self.program);
        if let Some(tools) = &self.tools {
            command.env("VALGRIND_LIB", tools);
        }
    }

    fn verified(self) -> Result<Self> {
        let version = program::version(&self.program, ELSEWHERE)?;
        println!("{}: {version}", self.program.display());
        Ok(self)
    }
}
