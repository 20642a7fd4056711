//! What there is to draw.

use std::time::Duration;

use crate::builder::{Link, LinkKind, Target};
use crate::flow::EdgeKind;
use crate::pipeline::Core;

/// The longest question that is drawn.
const LONGEST: usize = 80;

/// The steps of a pipeline and the arrows between them.
#[derive(Clone)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) steps: Vec<String>,
    pub(super) start: usize,
    pub(super) arrows: Vec<Arrow>,
}

#[derive(Clone)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: Target,
    pub(super) label: Option<String>,
    /// Whether it leads back.
    pub(super) back: bool,
}

impl Shape {
    pub(super) fn of(core: &Core) -> Self {
        Self {
            name: core.name.to_string(),
            steps: core.plans.iter().map(|plan| plan.name.to_string()).collect(),
            start: core.graph.start,
            arrows: core.graph.links.iter().map(Arrow::of).collect(),
        }
    }

    pub(super) fn leads_to(&self, target: Target) -> bool {
        self.arrows.iter().any(|arrow| arrow.to == target)
    }
}

impl Arrow {
    fn of(link: &Link) -> Self {
        let question = link
            .edge()
            .condition()
            .map(|condition| condition.text().map_or_else(|| "if".to_owned(), shortened));
        let label = match link.edge() {
            EdgeKind::Always => None,
            EdgeKind::Otherwise => Some("else".to_owned()),
            EdgeKind::When(_) => question,
            EdgeKind::Loop { limit, pause, .. } => {
                let pause = if *pause == Duration::ZERO {
                    String::new()
                } else {
                    format!(", after {pause:?}")
                };
                let times = if *limit == 1 { "once".to_owned() } else { format!("{limit} times") };
                question.map(|question| format!("{question} (at most {times}{pause})"))
            }
        };
        let back = matches!(link.kind, LinkKind::Loop { .. });
        Self { from: link.from, to: link.to, label, back }
    }
}

fn shortened(question: &str) -> String {
    match question.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &question[..cut]),
        None => question.to_owned(),
    }
}
