//! Spans with the right parent across `await`, `spawn` and threads, in memory and in the terminal.
//!
//! A [`Tracer`] starts a [`Span`]; the span ends when told to or when it is dropped, and becomes a
//! [`SpanData`] that can no longer change. The tracer keeps the newest of them in memory and hands
//! each to every [`SpanSink`]. There is nothing to set up: [`Tracer::global`] is made on first use.
//!
//! ```
//! use ia_tracing::{Instrument, Status, Tracer, Waterfall};
//!
//! async fn load(tracer: &Tracer) -> usize {
//!     let span = tracer.start("load"); // a child of `rag`: nobody passed a parent
//!     span.set_attribute("pages", 12);
//!     12
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let tracer = Tracer::default();
//! let pages = load(&tracer).instrument(tracer.start("rag")).await;
//! tracer.in_span("report", |span| {
//!     span.set_attribute("pages", pages);
//!     span.set_status(Status::Ok);
//! });
//!
//! let spans = tracer.spans();
//! assert_eq!(spans.tree(), "rag > load; report");
//! assert_eq!(spans[0].attribute("pages").and_then(|pages| pages.as_i64()), Some(12));
//! println!("{}", Waterfall::of(&spans));
//! # }
//! ```
//!
//! # Who is the parent
//!
//! The current [`SpanContext`], a small `Copy` value in thread-local memory. These make a span
//! current, each for as long as its code runs and not longer:
//!
//! | code | how |
//! |---|---|
//! | a future | [`Instrument::instrument`], [`Instrument::with_context`]: swapped in at each poll |
//! | a tokio task | `spawn` (feature `tokio`), or [`Instrument::in_current_context`] |
//! | a thread, `spawn_blocking` | [`with_current_context`] around the closure |
//! | a closure, right here | [`Tracer::in_span`] |
//! | a block without `.await` | [`Span::enter`] |
//!
//! [`SpanBuilder::parent`] names a parent outright and [`SpanBuilder::root`] asks for none.
//!
//! # What is kept, what is counted
//!
//! A span holds at most 128 attributes and 128 events of at most 128 attributes each; the memory
//! holds 10,000 spans unless told otherwise. What did not fit is counted, on the span and in
//! [`TracerStats`]. A [`SpanSink`] that panics harms nobody and is counted too.
//!
//! [`Tracer::set_enabled`] switches a tracer off and on while it is in use. While it is off, spans
//! cost next to nothing and still pass their parent's context on.
//!
//! # Features
//!
//! - `tokio`: `spawn`, a `tokio::spawn` whose task keeps the current span. Off by default.

mod anchor;
mod attributes;
mod clock;
mod current;
mod entered;
mod error_name;
mod event;
mod forest;
pub mod gen_ai;
mod global;
mod hex;
mod instrument;
mod instrumented;
mod manual_clock;
mod memory;
mod panic_mark;
mod parse_id_error;
mod random;
mod semconv;
mod simple_tracer;
mod sink;
mod span;
mod span_body;
mod span_builder;
mod span_context;
mod span_data;
mod span_id;
mod spans;
#[cfg(feature = "tokio")]
mod spawn;
mod stats;
mod status;
mod trace_flags;
mod trace_id;
mod tracer;
mod tracer_builder;
mod value;
mod waterfall;
mod with_context;

pub use self::clock::{Clock, SystemClock};
pub use self::entered::Entered;
pub use self::event::Event;
pub use self::global::GlobalAlreadySet;
pub use self::instrument::Instrument;
pub use self::instrumented::Instrumented;
pub use self::manual_clock::ManualClock;
pub use self::parse_id_error::ParseIdError;
pub use self::semconv::{ERROR_TYPE, EXCEPTION, EXCEPTION_MESSAGE, EXCEPTION_TYPE};
pub use self::simple_tracer::SimpleTracer;
pub use self::sink::SpanSink;
pub use self::span::Span;
pub use self::span_builder::SpanBuilder;
pub use self::span_context::SpanContext;
pub use self::span_data::SpanData;
pub use self::span_id::SpanId;
pub use self::spans::Spans;
#[cfg(feature = "tokio")]
pub use self::spawn::spawn;
pub use self::stats::TracerStats;
pub use self::status::Status;
pub use self::trace_flags::TraceFlags;
pub use self::trace_id::TraceId;
pub use self::tracer::Tracer;
pub use self::tracer_builder::TracerBuilder;
pub use self::value::Value;
pub use self::waterfall::Waterfall;
pub use self::with_context::{WithContext, with_current_context};
