//! One counter family of as many series as asked for, behind `/metrics`: something to load-test a scraper with.
//!
//! `cargo run --release --example series -- --series 200000 --listen 127.0.0.1:9464`

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use ia_telemetry::prelude::*;
use ia_telemetry_examples::{Interrupt, output};

/// How many series share a value of the first label.
const GROUP: usize = 100;

/// One counter family of N two-label series behind `/metrics`, until Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "series")]
struct Args {
    /// How many series
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    series: usize,
    /// Where to serve `/metrics`; port 0 picks a free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9464")]
    listen: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

async fn serve(args: Args) -> Result<(), Box<dyn Error>> {
    let mut interrupt = Interrupt::listen()?;
    let telemetry = Telemetry::builder()
        .prometheus(args.listen)
        .install()
        .map_err(|error| format!("{error}; for example `--listen 127.0.0.1:0`"))?;
    fill(telemetry.registry(), args.series);
    for address in telemetry.addresses() {
        output::say(format!("listening on http://{address}"));
    }
    interrupt.wait().await;
    // No exporter pushes, so there is nothing that could be lost.
    drop(telemetry.shutdown(secs(2)));
    Ok(())
}

/// Makes the series. Each has a value of its own, so that a reader cannot take one for another.
fn fill(registry: &Registry, series: usize) {
    // Without a limit of its own the metric would put what is over 2,000 into one overflow series.
    let total = CounterDesc::new("series_total", "A series to scrape.", ["group", "series"])
        .series_limit(series);
    let family = registry.counter(&total);
    for n in 0..series {
        let [group, name] = [(n / GROUP).to_string(), n.to_string()];
        family.with([group, name]).add(n as u64 + 1);
    }
}
