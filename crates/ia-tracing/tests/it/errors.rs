use std::error::Error;
use std::fmt;

use ia_tracing::{EXCEPTION_MESSAGE, EXCEPTION_TYPE, Event, Status, Tracer};

#[derive(Debug)]
enum LoadError {
    TooLarge { _bytes: u64 },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the file is too large")
    }
}

impl Error for LoadError {}

const ERROR: LoadError = LoadError::TooLarge { _bytes: 7 };

/// The status and the one event of a span on which an error was recorded.
fn recorded<E: Error + ?Sized>(error: &E) -> (Status, Event) {
    let tracer = Tracer::default();
    tracer.in_span("work", |span| span.record_error(error));
    let spans = tracer.spans();
    let [event] = spans[0].events() else { panic!("not one event: {spans:?}") };
    (spans[0].status().clone(), event.clone())
}

#[test]
fn an_error_sets_the_status_to_its_message() {
    assert_eq!(recorded(&ERROR).0, Status::error("the file is too large"));
}

#[test]
fn an_error_becomes_an_exception_event_with_type_and_message() {
    let (_, event) = recorded(&ERROR);
    assert_eq!(event.name(), "exception");
    assert_eq!(*event.attribute(EXCEPTION_MESSAGE).unwrap(), "the file is too large");
    assert_eq!(*event.attribute(EXCEPTION_TYPE).unwrap(), "it::errors::LoadError");
}

#[test]
fn an_error_of_hidden_type_is_named_by_its_debug_text() {
    let hidden: Box<dyn Error + Send + Sync> = ERROR.into();
    let (_, event) = recorded(&*hidden);
    assert_eq!(*event.attribute(EXCEPTION_TYPE).unwrap(), "TooLarge");
}

#[test]
fn an_error_of_hidden_type_whose_debug_text_is_no_name_still_has_a_type() {
    let hidden: Box<dyn Error> = "only a message".into();
    let (status, event) = recorded(&*hidden);
    assert_eq!(*event.attribute(EXCEPTION_TYPE).unwrap(), "error");
    assert_eq!(status, Status::error("only a message"));
}
