//! The code of the README: each block is one of a guide, where it is compiled and run.

use std::{fs, path::Path};

use crate::failure::{Failure, Result, none_of};

/// Where the guides are. Their code is compiled with the documentation of the facade.
const GUIDES: &str = "crates/ia-telemetry/docs";

/// Finds the `rust` blocks of the README below `root` that no guide has.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut guides = String::new();
    let folder = fs::read_dir(root.join(GUIDES)).map_err(|error| cannot_read(GUIDES, &error))?;
    for entry in folder.flatten() {
        let guide = fs::read_to_string(entry.path());
        guides +=
            &guide.map_err(|error| cannot_read(&entry.path().display().to_string(), &error))?;
        guides.push('\n');
    }
    let readme = fs::read_to_string(root.join("README.md"));
    none_of(&violations(&readme.map_err(|error| cannot_read("README.md", &error))?, &guides))
}

fn cannot_read(what: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot read {what}: {error}"), "restore it")
}

fn violations(readme: &str, guides: &str) -> Vec<Failure> {
    let compiled = blocks(guides);
    let strays = blocks(readme).into_iter().filter(|block| !compiled.contains(block));
    strays
        .map(|block| {
            let first = block.lines().next().unwrap_or_default().trim().to_owned();
            Failure::new(
                format!("the README's code that begins with `{first}` is in no guide"),
                format!("copy it from or to a block of {GUIDES}, hidden lines left out"),
            )
        })
        .collect()
}

/// The `rust` blocks of a text as a reader sees them: without the lines that rustdoc hides.
fn blocks(markdown: &str) -> Vec<String> {
    let (mut blocks, mut open) = (Vec::new(), None::<String>);
    for line in markdown.lines() {
        match &mut open {
            None if line.starts_with("```rust") => open = Some(String::new()),
            None => {}
            Some(_) if line.starts_with("```") => blocks.extend(open.take()),
            Some(_) if line == "#" || line.starts_with("# ") => {}
            Some(block) => {
                *block += line;
                block.push('\n');
            }
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{blocks, check, violations};

    const GUIDE: &str =
        "text\n```rust,no_run\n# fn main() {\nlet a = 1;\n#\n#[derive(Debug)]\n# }\n```\n";

    #[test]
    fn hidden_lines_are_left_out_and_attributes_are_not() {
        assert_eq!(blocks(GUIDE), ["let a = 1;\n#[derive(Debug)]\n"]);
    }

    #[test]
    fn a_block_that_a_guide_has_is_fine() {
        assert!(violations("```rust\nlet a = 1;\n#[derive(Debug)]\n```\n", GUIDE).is_empty());
    }

    #[test]
    fn a_block_that_no_guide_has_is_found() {
        let found = violations("```rust\nlet a = 2;\n```\n```sh\nls\n```\n", GUIDE);
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().contains("let a = 2;"), "{}", found[0]);
    }

    #[test]
    fn the_code_of_this_readme_is_compiled() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        check(&root).expect("the README's code is in a guide");
    }
}
