//! Which crate may know which: the arrows of ARCHITECTURE.md, and no others.
//!
//! The table names crates that do not exist yet, so that they are born into their place. Only
//! normal and build dependencies count: a test may use what its crate may not.

use crate::failure::Failure;

use Arrow::{Behind, Feature, To};
use Reach::{Anything, Only};

/// What a crate may depend on, among the crates of this workspace.
#[derive(Debug)]
enum Reach {
    /// A leaf of the workspace: sees everything and is seen by nobody.
    Anything,
    Only(&'static [Arrow]),
}

/// One allowed dependency.
#[derive(Debug)]
enum Arrow {
    /// Allowed when optional and enabled by the feature of that name.
    Behind(&'static str, &'static str),
    /// Allowed when optional, whatever the feature is called.
    Feature(&'static str),
    To(&'static str),
}

impl Arrow {
    fn target(&self) -> &'static str {
        match self {
            Self::Behind(target, _) | Self::Feature(target) | Self::To(target) => target,
        }
    }
}

/// Every member of the workspace. An arrow points to a row further down, so there are no cycles.
const TABLE: &[(&str, Reach)] = &[
    ("ia-telemetry-examples", Anything),
    ("ia-overhead-comparison", Anything),
    ("ia-peer-comparison", Anything),
    ("xtask", Anything),
    (
        "ia-telemetry",
        Only(&[
            Feature("ia-live"),
            Feature("ia-benchmark-bridge"),
            Feature("ia-dashboards"),
            Feature("ia-exporter-prometheus"),
            Feature("ia-exporter-statsd"),
            Feature("ia-exporter-datadog"),
            Feature("ia-exporter-cloudwatch"),
            Feature("ia-exporter-otlp"),
            // What the facade itself is made of.
            To("ia-pipeline"),
            To("ia-export"),
            To("ia-metrics-core"),
            To("ia-tracing"),
        ]),
    ),
    (
        "ia-live",
        Only(&[
            To("ia-dashboards"),
            To("ia-pipeline"),
            Behind("ia-export", "serve"),
            To("ia-metrics-core"),
            To("ia-tracing"),
        ]),
    ),
    (
        "ia-benchmark-bridge",
        Only(&[Behind("ia-dashboards", "dashboard"), To("ia-pipeline"), To("ia-metrics-core")]),
    ),
    ("ia-dashboards", Only(&[To("ia-pipeline"), To("ia-export"), To("ia-metrics-core")])),
    ("ia-exporter-prometheus", EXPORTER),
    ("ia-exporter-statsd", EXPORTER),
    ("ia-exporter-datadog", EXPORTER),
    ("ia-exporter-cloudwatch", EXPORTER),
    ("ia-exporter-otlp", Only(&[To("ia-export"), To("ia-metrics-core"), To("ia-tracing")])),
    // The source of the next one, built without what records. No row but a leaf's may point to it.
    ("ia-pipeline-uninstrumented", Only(&[To("ia-metrics-core"), To("ia-tracing")])),
    ("ia-pipeline", Only(&[To("ia-metrics-core"), To("ia-tracing")])),
    ("ia-export", Only(&[To("ia-metrics-core"), Behind("ia-tracing", "spans")])),
    ("ia-bench-machine", Only(&[])),
    ("ia-metrics-core", Only(&[])),
    ("ia-tracing", Only(&[])),
];

/// No exporter knows another one, or a pipeline.
const EXPORTER: Reach = Only(&[To("ia-export"), To("ia-metrics-core")]);

/// The members of a workspace and their dependencies.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Name and manifest of each.
    pub(crate) members: Vec<(String, String)>,
    /// Dependencies on crates from elsewhere may be among them.
    pub(crate) edges: Vec<Edge>,
}

/// One normal or build dependency.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) manifest: String,
    pub(crate) optional: bool,
    /// The features of `from` that switch it on by themselves.
    pub(crate) enabled_by: Vec<String>,
}

/// Everything in `graph` that the table does not draw.
pub(crate) fn violations(graph: &Graph) -> Vec<Failure> {
    let strangers = graph.members.iter().filter(|(name, _)| reach(name).is_none());
    strangers
        .map(|(name, manifest)| {
            Failure::new(
                format!("{name} ({manifest}) is not in the table of layers"),
                "give it a row in xtask/src/layers.rs and its arrows in ARCHITECTURE.md",
            )
        })
        .chain(graph.edges.iter().filter(|edge| is_ours(graph, &edge.to)).filter_map(violation))
        .collect()
}

fn is_ours(graph: &Graph, name: &str) -> bool {
    reach(name).is_some() || graph.members.iter().any(|(member, _)| member == name)
}

fn reach(name: &str) -> Option<&'static Reach> {
    TABLE.iter().find(|(row, _)| *row == name).map(|(_, reach)| reach)
}

fn violation(edge: &Edge) -> Option<Failure> {
    let Edge { from, to, manifest, optional, enabled_by } = edge;
    let found = |what: &str, remedy: String| {
        Some(Failure::new(format!("{from} -> {to} ({manifest}) {what}"), remedy))
    };
    if matches!(reach(to), Some(Anything)) {
        return found("points to a leaf", format!("move what {from} needs of {to} into a library"));
    }
    let arrows = match reach(from) {
        // A crate without a row is reported as such.
        None | Some(Anything) => return None,
        Some(Only(arrows)) => arrows,
    };
    match arrows.iter().find(|arrow| arrow.target() == to) {
        None => found(
            "is not drawn",
            "remove the dependency, or change the design: the arrow is drawn in ARCHITECTURE.md \
             and in xtask/src/layers.rs"
                .to_owned(),
        ),
        Some(Feature(_) | Behind(..)) if !optional => found(
            "is drawn as optional only",
            "write `optional = true` and let a feature enable it with `dep:`".to_owned(),
        ),
        Some(Behind(_, feature)) if !enabled_by.iter().any(|by| by == feature) => found(
            &format!("is drawn behind the feature `{feature}`"),
            format!("write `{feature} = [\"dep:{to}\"]` under [features]"),
        ),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Edge, Graph, Only, TABLE, violations};
    use crate::workspace::Workspace;

    fn found(members: &[&str], edges: Vec<Edge>) -> Vec<String> {
        let members = members.iter().map(|name| ((*name).to_owned(), manifest_of(name))).collect();
        violations(&Graph { members, edges }).iter().map(ToString::to_string).collect()
    }

    fn edge(from: &str, to: &str) -> Edge {
        Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            manifest: manifest_of(from),
            optional: false,
            enabled_by: Vec::new(),
        }
    }

    fn optional(from: &str, to: &str, feature: &str) -> Edge {
        Edge { optional: true, enabled_by: vec![feature.to_owned()], ..edge(from, to) }
    }

    fn manifest_of(name: &str) -> String {
        format!("crates/{name}/Cargo.toml")
    }

    #[test]
    fn this_workspace_is_as_drawn() {
        let violations = violations(&Workspace::load().unwrap().graph());
        assert!(violations.is_empty(), "{violations:#?}");
    }

    #[test]
    fn drawn_edges_and_other_peoples_crates_pass() {
        let members = ["ia-pipeline", "ia-live", "ia-export", "ia-telemetry-examples"];
        let edges = vec![
            edge("ia-pipeline", "ia-metrics-core"),
            edge("ia-pipeline", "tokio"),
            edge("ia-telemetry-examples", "ia-exporter-otlp"),
            optional("ia-live", "ia-export", "serve"),
            optional("ia-telemetry", "ia-live", "any-name"),
        ];
        assert_eq!(found(&members, edges), Vec::<String>::new());
    }

    #[test]
    fn an_undrawn_edge_fails_and_says_where() {
        let found = found(&["ia-export"], vec![edge("ia-export", "ia-pipeline")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(
            "ia-export -> ia-pipeline (crates/ia-export/Cargo.toml) is not drawn, remedy: "
        ));
    }

    #[test]
    fn an_exporter_knows_no_other_exporter() {
        let edges = vec![optional("ia-exporter-statsd", "ia-exporter-datadog", "any-name")];
        assert_eq!(found(&[], edges).len(), 1);
    }

    #[test]
    fn a_conditional_edge_must_be_optional() {
        for (from, to) in [
            ("ia-live", "ia-export"),
            ("ia-export", "ia-tracing"),
            ("ia-benchmark-bridge", "ia-dashboards"),
            ("ia-telemetry", "ia-exporter-prometheus"),
        ] {
            let found = found(&[], vec![edge(from, to)]);
            assert!(found[0].contains("drawn as optional only, remedy: "), "{found:?}");
        }
    }

    #[test]
    fn a_conditional_edge_hangs_on_its_feature() {
        let found = found(&[], vec![optional("ia-live", "ia-export", "default")]);
        assert!(found[0].contains("behind the feature `serve`, remedy: "), "{found:?}");
    }

    #[test]
    fn a_crate_without_a_row_fails() {
        let found = found(&["ia-new"], vec![edge("ia-new", "ia-metrics-core")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("ia-new (crates/ia-new/Cargo.toml) is not in the table"));
    }

    #[test]
    fn an_edge_to_a_crate_without_a_row_fails_too() {
        let found = found(&["ia-new"], vec![edge("ia-tracing", "ia-new")]);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn nothing_points_to_a_leaf_not_even_another_leaf() {
        for from in ["ia-telemetry", "xtask"] {
            for to in ["ia-telemetry-examples", "ia-overhead-comparison", "ia-peer-comparison"] {
                let found = found(&[], vec![edge(from, to)]);
                assert!(found[0].contains("points to a leaf"), "{found:?}");
            }
        }
    }

    #[test]
    fn arrows_point_downwards_to_existing_rows() {
        for (index, (name, reach)) in TABLE.iter().enumerate() {
            let Only(arrows) = reach else { continue };
            for arrow in *arrows {
                let below = TABLE[index + 1..].iter().any(|(row, _)| *row == arrow.target());
                assert!(below, "{name} -> {}", arrow.target());
            }
        }
    }
}
