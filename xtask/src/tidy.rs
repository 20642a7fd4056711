//! What the repository looks like: which files there are, how long, and how they begin.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use crate::failure::{Failure, Result, none_of};

/// From here on a file is told to be long.
const LONG: usize = 400;
/// From here on a file is too long.
const TOO_LONG: usize = 500;

/// Everything that may lie in the root; `target` and `.git` are git's business.
const ROOT: &[&str] = &[
    ".cargo",
    ".ci",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "crates",
    "dashboards",
    "deny.toml",
    "examples",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "xtask",
];

/// The files, or folders, that each exporter has: whoever knows one knows all.
const EXPORTER: &[&str] = &["config", "error", "encode", "transport", "exporter"];

/// One file of the repository.
#[derive(Debug)]
struct File {
    /// From the root, with slashes.
    path: String,
    /// Read for Rust files only.
    text: String,
}

/// Finds what is untidy below `root`; what is only long is printed.
pub(crate) fn check(root: &Path) -> Result<()> {
    let files = files(root)?;
    for warning in long(&files) {
        println!("warning: {warning}");
    }
    none_of(&violations(&files))
}

/// The files that git tracks, or would after `git add --all`.
fn files(root: &Path) -> Result<Vec<File>> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git
        .output()
        .map_err(|error| Failure::new(format!("git does not start: {error}"), "put git on PATH"))?;
    if !output.status.success() {
        let remedy = "run this in a git checkout that you own";
        return Err(Failure::of_program("git ls-files", &output, remedy));
    }
    String::from_utf8_lossy(&output.stdout)
        .split_terminator('\0')
        // A file that is deleted but not yet staged is still listed.
        .filter(|path| root.join(path).exists())
        .map(|path| {
            let text = if is_rust(path) { read(&root.join(path))? } else { String::new() };
            Ok(File { path: path.to_owned(), text })
        })
        .collect()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| {
        Failure::new(format!("cannot read {}: {error}", path.display()), "make it readable UTF-8")
    })
}

fn violations(files: &[File]) -> Vec<Failure> {
    strays(files)
        .chain(undocumented(files))
        .chain(too_long(files))
        .chain(misshapen(files))
        .collect()
}

fn strays(files: &[File]) -> impl Iterator<Item = Failure> {
    let roots: BTreeSet<&str> =
        files.iter().filter_map(|file| file.path.split('/').next()).collect();
    roots.into_iter().filter(|entry| !ROOT.contains(entry)).map(|entry| {
        Failure::new(
            format!("{entry} does not belong in the root"),
            "move it, ignore it, or name it in xtask/src/tidy.rs",
        )
    })
}

fn undocumented(files: &[File]) -> impl Iterator<Item = Failure> {
    files
        .iter()
        .filter(|file| {
            is_rust(&file.path) && is_source(&file.path) && !file.text.starts_with("//!")
        })
        .map(|file| {
            Failure::new(
                format!("{} does not begin with module docs", file.path),
                "say in a first line `//! …` what the file is for",
            )
        })
}

fn too_long(files: &[File]) -> impl Iterator<Item = Failure> {
    lengths(files).filter(|(_, lines)| *lines > TOO_LONG).map(|(path, lines)| {
        Failure::new(
            format!("{path} has {lines} lines without its tests, over {TOO_LONG}"),
            "split it: one duty for each file, which its name tells",
        )
    })
}

fn long(files: &[File]) -> impl Iterator<Item = String> {
    lengths(files)
        .filter(|(_, lines)| (LONG + 1..=TOO_LONG).contains(lines))
        .map(|(path, lines)| format!("{path} has {lines} lines without its tests, over {LONG}"))
}

fn misshapen(files: &[File]) -> impl Iterator<Item = Failure> {
    let exporters: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| file.path.strip_prefix("crates/"))
        .filter_map(|path| path.split('/').next())
        .filter(|name| name.starts_with("ia-exporter-"))
        .collect();
    exporters
        .into_iter()
        .flat_map(|name| EXPORTER.iter().map(move |part| format!("crates/{name}/src/{part}")))
        .filter(|part| {
            let (file, folder) = (format!("{part}.rs"), format!("{part}/"));
            !files.iter().any(|other| other.path == file || other.path.starts_with(&folder))
        })
        .map(|part| {
            Failure::new(
                format!("{part}.rs is missing"),
                "give it the files of every exporter, as ARCHITECTURE.md lists them",
            )
        })
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

/// Whether people read this file to learn how something works.
fn is_source(path: &str) -> bool {
    let mut parts = path.split('/');
    match parts.next() {
        Some("crates") => parts.nth(1) == Some("src"),
        Some("xtask") => parts.next() == Some("src"),
        first => first == Some("examples"),
    }
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "tests.rs"))
}

/// The Rust files that are no tests, and their lines without the tests at their end.
fn lengths(files: &[File]) -> impl Iterator<Item = (&str, usize)> {
    files
        .iter()
        .filter(|file| is_rust(&file.path) && !is_test(&file.path))
        .map(|file| (file.path.as_str(), lines_before_tests(&file.text)))
}

fn lines_before_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1] == "mod tests {")
        .unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::{EXPORTER, File, check, long, violations};
    use crate::workspace::Workspace;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    fn found(files: &[File]) -> Vec<String> {
        violations(files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn this_repository_is_tidy() {
        let tidy = check(Workspace::load().unwrap().root());
        assert!(tidy.is_ok(), "{tidy:?}");
    }

    #[test]
    fn a_stray_in_the_root_is_told_once() {
        let files = [file("notes/a.md", ""), file("notes/b.md", ""), file("README.md", "")];
        let found = found(&files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("notes does not belong in the root, remedy: "));
    }

    #[test]
    fn sources_begin_with_docs() {
        for path in ["crates/a/src/b/c.rs", "xtask/src/a.rs", "examples/a.rs"] {
            assert!(found(&[file(path, "use a;")])[0].contains("module docs"), "{path}");
            assert!(found(&[file(path, "//! A.")]).is_empty(), "{path}");
        }
        assert!(found(&[file("crates/a/tests/ui/b.rs", "use a;")]).is_empty());
    }

    #[test]
    fn a_file_is_as_long_as_it_is_without_its_tests() {
        let body = |lines| "//!\n".repeat(lines);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", body(1000));
        let of = |path, text: &str| [file(path, text)];
        let path = "crates/a/src/b.rs";
        assert!(found(&of(path, &body(501)))[0].contains("501 lines"));
        assert!(found(&of(path, &(body(500) + &tests))).is_empty());
        assert!(found(&of("crates/a/tests/it/b.rs", &body(2000))).is_empty());
        assert_eq!(long(&of(path, &body(400))).count(), 0);
        assert_eq!(long(&of(path, &body(401))).count(), 1);
        assert_eq!(long(&of(path, &body(501))).count(), 0);
    }

    #[test]
    fn every_exporter_has_the_same_files() {
        let path = |part: &str| format!("crates/ia-exporter-x/src/{part}");
        let mut files: Vec<File> =
            EXPORTER[1..].iter().map(|part| file(&path(&format!("{part}.rs")), "//!")).collect();
        assert!(found(&files)[0].starts_with("crates/ia-exporter-x/src/config.rs is missing"));
        files.push(file(&path("config/mod.rs"), "//!"));
        assert!(found(&files).is_empty());
    }
}
