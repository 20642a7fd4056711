//! What leaves the process, and the account of it.
//!
//! Whatever is handed to an exporter ends in exactly one state, and a [`Ledger`] holds how much is in each. A
//! [`Report`] is the ledgers of all exporters: read it when the process ends, and nothing is lost in silence.
//!
//! ```
//! use ia_export::{Ledger, Report, Signal};
//!
//! let mut ledger = Ledger { recorded: 12, delivered: 10, ..Ledger::default() };
//! assert!(!ledger.is_balanced(), "two are unaccounted for");
//! ledger.dropped.insert("rejected", 2);
//! assert!(ledger.is_balanced());
//!
//! let mut report = Report::default();
//! report.push("statsd", Signal::Metrics, ledger);
//! assert!(!report.is_complete());
//! println!("{report}");
//! ```
//!
//! # Features
//!
//! - `serve`: a small HTTP server with limits (`Listener`, `Handler`, `Server`), for what others come to read: the
//!   metrics of a process, a page that shows them. It runs on a thread of its own, so it works in every host and leaves
//!   the host's runtime alone. Off by default.

mod ledger;
mod report;
#[cfg(feature = "serve")]
mod serve;
mod signal;

pub use self::ledger::Ledger;
pub use self::report::{Report, ReportRow};
#[cfg(feature = "serve")]
pub use self::serve::{Bytes, Handler, Limits, Listener, Request, Response, ServeError, Server};
pub use self::signal::Signal;
#[cfg(feature = "serve")]
pub use http;
