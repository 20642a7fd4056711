//! A real Prometheus.

use std::fmt::Write as _;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Folder, Process, get};

const PAUSE: Duration = Duration::from_millis(200);
/// A minute's worth of pauses.
const ATTEMPTS: usize = 300;

/// A Prometheus with a folder of its own. It ends when this is dropped.
pub(crate) struct Prometheus {
    // Before its folder, so that it ends before that is deleted.
    _process: Process,
    _folder: Folder,
    address: String,
}

impl Prometheus {
    /// Starts one that scrapes this address every second.
    pub(crate) fn scraping(target: &str) -> Self {
        let folder = Folder::new();
        let config = format!(
            "global:\n  scrape_interval: 1s\nscrape_configs:\n- job_name: quickstart\n  static_configs:\n  - targets: ['{target}']\n"
        );
        folder.file("prometheus.yml", config);
        let option =
            |name: &str, file: &str| format!("--{name}={}", folder.path().join(file).display());
        let mut process = Process::start(
            Command::new(super::program("IA_PROMETHEUS"))
                .arg(option("config.file", "prometheus.yml"))
                .arg(option("storage.tsdb.path", "data"))
                // Port 0: the system chooses, and the log tells which it is.
                .arg("--web.listen-address=127.0.0.1:0"),
        );
        let line = process.line("Listening on");
        let address = line.split("address=").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.unwrap_or_else(|| panic!("no address in {line}")).to_owned();
        Self { _process: process, _folder: folder, address }
    }

    /// The value of a query that gives one sample, as Prometheus writes it. Waits until there is one.
    pub(crate) fn value(&self, query: &str) -> String {
        let path = format!("/api/v1/query?query={}", encoded(query));
        let mut last = String::new();
        for _ in 0..ATTEMPTS {
            last = get(&self.address, &path).unwrap_or_else(|error| error.to_string());
            let answer: Value = serde_json::from_str(&last).unwrap_or_default();
            if let Some([sample]) = answer["data"]["result"].as_array().map(Vec::as_slice) {
                return sample["value"][1].as_str().unwrap().to_owned();
            }
            sleep(PAUSE);
        }
        panic!("no sample for {query}: {last}");
    }
}

/// For a URL.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02X}").unwrap();
        encoded
    })
}
