//! This workspace as cargo sees it, and how to call cargo on it.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use cargo_metadata::{DependencyKind, Message, Metadata, MetadataCommand, Package};

use crate::{
    failure::{Failure, Result},
    layers::{Edge, Graph},
};

/// The workspace that this binary was built from.
#[derive(Debug)]
pub(crate) struct Workspace {
    metadata: Metadata,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self> {
        // What manifests declare is enough here: no resolution, so no network.
        MetadataCommand::new()
            // In a member's folder, cargo takes that member for the only default one.
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .no_deps()
            .exec()
            .map(|metadata| Self { metadata })
            .map_err(|error| {
                Failure::new(
                    format!("cannot read the workspace: {error}"),
                    "make `cargo metadata --no-deps` work in the repository's root",
                )
            })
    }

    pub(crate) fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// `target/backends`: what is fetched to be tested against.
    pub(crate) fn backends(&self) -> PathBuf {
        self.metadata.target_directory.join("backends").into()
    }

    /// The cargo that started this process, to be run in the root.
    ///
    /// What `cargo run` told this process about its own package is taken out again: build scripts
    /// that watch those variables would be rebuilt at each change between xtask and plain cargo.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(self.root());
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|name| {
                name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
            }) {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs `cargo build` with these arguments and says where the program called `name` is.
    pub(crate) fn build(&self, arguments: &[&str], name: &str) -> Result<PathBuf> {
        let mut build = self.cargo();
        build.arg("build").args(arguments).arg("--message-format=json-render-diagnostics");
        // What the compiler has to say goes to the terminal.
        let output = build.stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| {
            Failure::new(format!("cargo does not start: {error}"), "put cargo on PATH")
        })?;
        if !output.status.success() {
            let remedy = "fix what its output names, above";
            return Err(Failure::new(format!("`cargo build` failed: {}", output.status), remedy));
        }
        let program = Message::parse_stream(output.stdout.as_slice()).find_map(|message| {
            let Ok(Message::CompilerArtifact(artifact)) = message else { return None };
            artifact.executable.filter(|_| artifact.target.name == name)
        });
        program.map(Into::into).ok_or_else(|| {
            Failure::new(format!("`cargo build` made no {name}"), "give it the target of that name")
        })
    }

    /// The libraries of the house: the default members below `crates/`.
    pub(crate) fn libraries(&self) -> impl Iterator<Item = &Package> {
        let folder = self.metadata.workspace_root.join("crates");
        self.default_members().filter(move |package| package.manifest_path.starts_with(&folder))
    }

    /// The member of this name.
    pub(crate) fn member(&self, name: &str) -> Option<&Package> {
        self.members().find(|package| package.name.as_str() == name)
    }

    /// Each feature of each default member but those called `without`, as `--features` takes them.
    ///
    /// `--all-features` knows no exception, and a second call of cargo for the member with the
    /// exception would build its dependencies again, in another shape.
    pub(crate) fn features_without(&self, without: &str) -> String {
        let features: Vec<String> = self
            .default_members()
            .flat_map(|package| {
                package.features.keys().map(|feature| (package.name.as_str(), feature))
            })
            .filter(|(_, feature)| *feature != without)
            .map(|(package, feature)| format!("{package}/{feature}"))
            .collect();
        features.join(",")
    }

    /// Who depends on whom among the members, by normal and build dependencies.
    pub(crate) fn graph(&self) -> Graph {
        let mut graph = Graph { members: Vec::new(), edges: Vec::new() };
        for package in self.members() {
            let manifest = package
                .manifest_path
                .strip_prefix(&self.metadata.workspace_root)
                .unwrap_or(&package.manifest_path);
            graph.members.push((package.name.to_string(), manifest.to_string()));
            for dependency in &package.dependencies {
                if dependency.kind == DependencyKind::Development {
                    continue;
                }
                let key = dependency.rename.as_ref().unwrap_or(&dependency.name);
                graph.edges.push(Edge {
                    from: package.name.to_string(),
                    to: dependency.name.clone(),
                    manifest: manifest.to_string(),
                    optional: dependency.optional,
                    enabled_by: features_enabling(package, key),
                });
            }
        }
        graph
    }

    /// All members but those that nobody should compile by accident.
    fn default_members(&self) -> impl Iterator<Item = &Package> {
        self.metadata.workspace_default_packages().into_iter()
    }

    fn members(&self) -> impl Iterator<Item = &Package> {
        self.metadata.workspace_packages().into_iter()
    }
}

/// The features of `package` that switch on its dependency `key` by themselves.
fn features_enabling(package: &Package, key: &str) -> Vec<String> {
    let explicit = format!("dep:{key}");
    let through = format!("{key}/");
    package
        .features
        .iter()
        .filter(|(_, enables)| {
            enables
                .iter()
                .any(|item| *item == explicit || item == key || item.starts_with(&through))
        })
        .map(|(feature, _)| feature.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Workspace;

    #[test]
    fn the_exception_is_the_only_feature_left_out() {
        let workspace = Workspace::load().unwrap();
        let all = workspace.features_without("no such feature");
        let some = workspace.features_without("real-backends");
        let kept: Vec<&str> =
            all.split(',').filter(|feature| !feature.ends_with("/real-backends")).collect();
        assert_eq!(some, kept.join(","));
    }

    #[test]
    fn every_member_but_the_comparisons_and_what_they_are_made_of_is_a_default_one() {
        let workspace = Workspace::load().unwrap();
        let default: Vec<&str> =
            workspace.default_members().map(|package| package.name.as_str()).collect();
        let others: Vec<&str> = workspace
            .members()
            .map(|package| package.name.as_str())
            .filter(|name| !default.contains(name))
            .collect();
        let comparisons = ["ia-overhead-comparison", "ia-peer-comparison"];
        let parts = ["ia-bench-machine", "ia-pipeline-uninstrumented"];
        assert_eq!(others.len(), comparisons.len() + parts.len(), "{others:?}");
        assert!(comparisons.iter().chain(&parts).all(|name| others.contains(name)), "{others:?}");
    }
}
