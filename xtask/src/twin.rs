//! `ia-pipeline-uninstrumented` is the source of `ia-pipeline`, so it needs the same dependencies and features.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Package};

use crate::{
    failure::{Failure, Result, none_of},
    workspace::Workspace,
};

const ORIGINAL: &str = "ia-pipeline";
const TWIN: &str = "ia-pipeline-uninstrumented";

/// Finds where the manifests of the two differ.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    match (workspace.member(ORIGINAL), workspace.member(TWIN)) {
        (Some(original), Some(twin)) => none_of(&differences(&needs(original), &needs(twin))),
        _ => Err(Failure::new(
            format!("{ORIGINAL} and {TWIN} are not both members"),
            "name them in xtask/src/twin.rs as they are called now",
        )),
    }
}

fn differences(original: &BTreeSet<String>, twin: &BTreeSet<String>) -> Vec<Failure> {
    let remedy = |verb: &str| format!("{verb} crates/{TWIN}/Cargo.toml: its source is the same");
    let missing = original.difference(twin).map(|need| {
        Failure::new(format!("{ORIGINAL} has {need}, {TWIN} has not"), remedy("add it to"))
    });
    let surplus = twin.difference(original).map(|need| {
        Failure::new(format!("{TWIN} has {need}, {ORIGINAL} has not"), remedy("take it out of"))
    });
    missing.chain(surplus).collect()
}

/// What of a manifest decides how the source is built.
fn needs(package: &Package) -> BTreeSet<String> {
    let dependencies = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| {
            let mut features = dependency.features.clone();
            features.sort_unstable();
            format!(
                "the dependency {} {} with features {features:?}, default features {}, optional {}, target {:?}",
                dependency.name,
                dependency.req,
                dependency.uses_default_features,
                dependency.optional,
                dependency.target.as_ref().map(ToString::to_string),
            )
        });
    let features = package
        .features
        .iter()
        .map(|(feature, enables)| format!("the feature {feature} = {enables:?}"));
    dependencies.chain(features).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ORIGINAL, check, differences, needs};
    use crate::workspace::Workspace;

    #[test]
    fn the_twin_needs_what_the_original_needs() {
        let same = check(&Workspace::load().unwrap());
        assert!(same.is_ok(), "{same:?}");
    }

    #[test]
    fn a_dependency_of_one_alone_is_told() {
        let workspace = Workspace::load().unwrap();
        let original = needs(workspace.member(ORIGINAL).unwrap());
        let mut twin = original.clone();
        let lost = twin.pop_first().unwrap();
        twin.insert("the feature more = []".to_owned());
        let found: Vec<String> =
            differences(&original, &twin).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains(&lost) && found[0].contains("remedy: add it to "), "{found:?}");
        assert!(found[1].contains("remedy: take it out of "), "{found:?}");
        assert!(differences(&BTreeSet::new(), &BTreeSet::new()).is_empty());
    }
}
