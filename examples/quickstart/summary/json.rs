//! The summary for programs.

use serde_json::{Value, json};

use super::{ESTIMATED, Failure, MODEL, Runs, Summary, Timing};

impl Summary<'_> {
    /// One JSON document.
    pub(crate) fn to_json(&self) -> String {
        let index = self.index.map(|index| {
            let top = index.top.iter().map(|top| {
                json!({ "term": top.term, "occurrences": top.occurrences, "documents": top.documents })
            });
            json!({
                "documents": index.documents,
                "distinct_terms": index.distinct_terms,
                "top": top.collect::<Vec<_>>(),
            })
        });
        let document = json!({
            "folder": self.folder.to_string_lossy(),
            "interrupted": self.runs.cancelled > 0.0,
            "seconds": self.seconds,
            "runs": self.runs.to_json(),
            "files": self.files.to_json(),
            "pipelines": self.pipelines.iter().map(Timing::to_json).collect::<Vec<_>>(),
            "items": whole(self.chunks),
            "tokens": whole(self.tokens),
            "model": MODEL,
            "api_calls": whole(self.api_calls),
            "cost_usd": self.cost_usd,
            "estimated": true,
            "note": format!("api_calls and cost_usd: {ESTIMATED}"),
            "prices": self.prices,
            "files_per_second": self.files_per_second(),
            "tokens_per_second": self.tokens_per_second(),
            "index": index,
            "errors": self.errors.iter().map(|error| self.error(error)).collect::<Vec<_>>(),
            "url": self.url,
        });
        format!("{document:#}")
    }

    fn error(&self, error: &Failure) -> Value {
        json!({
            "step": error.step,
            "error_type": error.error_type,
            "count": whole(error.count),
            "example": error.example.as_deref().map(|path| self.relative(path).to_string_lossy()),
        })
    }
}

impl Runs {
    fn to_json(&self) -> Value {
        json!({
            "ok": whole(self.ok),
            "failed": whole(self.failed),
            "cancelled": whole(self.cancelled),
        })
    }
}

impl Timing {
    fn to_json(&self) -> Value {
        let mut timing = json!({
            "name": self.name,
            "runs": whole(self.runs),
            "errors": whole(self.errors),
            "seconds": self.seconds,
            "mean_seconds": self.mean,
            "p95_seconds": self.p95,
        });
        if !self.steps.is_empty() {
            timing["steps"] = self.steps.iter().map(Self::to_json).collect();
        }
        timing
    }
}

/// Counts have no decimal places.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count is not negative, and a snapshot gives it as a float"
)]
fn whole(count: f64) -> u64 {
    count as u64
}
