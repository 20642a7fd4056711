//! Runs of the outcome table that are dropped: each counts once, whenever that is.

use ia_pipeline::StepStatus;
use ia_tracing::Status;

use crate::outcome_table::table;

#[tokio::test(start_paused = true)]
async fn every_row_counts_once_when_its_run_is_dropped_at_any_poll() {
    for polls in 1..30 {
        for row in table() {
            let what = row.what;
            let finished = crate::cancellation::poll_times(row.pipeline.run(7), polls).await;
            let probe = &row.probe;
            assert_eq!(
                probe.all_runs() + probe.runs("paused"),
                1.0,
                "{what}, dropped after {polls} polls: one terminal count"
            );
            assert_eq!(
                probe.runs("cancelled"),
                f64::from(u8::from(!finished)),
                "{what}, dropped after {polls} polls"
            );
            probe.assert_settled();
            let executed: f64 = StepStatus::ALL
                .into_iter()
                .filter(|status| *status != StepStatus::Skipped)
                .map(|status| {
                    probe
                        .registry
                        .snapshot()
                        .sum("step_executions_total", [("status", status.as_str())])
                })
                .sum();
            let of_steps =
                probe.spans().iter().filter(|span| span.attribute("step.status").is_some()).count();
            assert_eq!(of_steps as f64, executed, "{what}: a span for each execution of a step");
            let of_runs = probe
                .spans()
                .iter()
                .filter(|span| span.attribute("pipeline.status").is_some())
                .count();
            assert_eq!(of_runs, 1, "{what}: one span of the run");
            for span in &probe.spans() {
                assert_ne!(
                    *span.status(),
                    Status::Unset,
                    "{what}: span `{}` has no end",
                    span.name()
                );
            }
        }
    }
}
