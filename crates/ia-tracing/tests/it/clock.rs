use std::time::{Duration, SystemTime};

use ia_tracing::{Clock, ManualClock, SystemClock, Tracer};

use crate::support::{manual, ms};

#[test]
fn a_duration_is_the_time_the_clock_advanced() {
    let (tracer, clock) = manual();
    let span = tracer.start("work");
    clock.advance(ms(250));
    span.end();
    assert_eq!(tracer.spans()[0].duration(), ms(250));
}

#[test]
fn starts_follow_the_monotonic_clock_from_one_anchor() {
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
    let clock = ManualClock::starting_at(wall);
    let tracer = Tracer::builder().clock(clock.clone()).build();
    clock.advance(ms(10));
    tracer.start("work").end();
    assert_eq!(tracer.spans()[0].start(), wall + ms(10));
}

#[test]
fn a_wall_clock_that_jumps_moves_no_span() {
    /// A wall clock that is set back by an hour at each reading.
    struct Jumping(ManualClock, std::sync::atomic::AtomicU64);
    impl Clock for Jumping {
        fn now(&self) -> std::time::Instant {
            self.0.now()
        }
        fn wall(&self) -> SystemTime {
            let hours = self.1.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
            SystemTime::UNIX_EPOCH + Duration::from_hours(hours)
        }
    }
    let clock = ManualClock::new();
    let tracer = Tracer::builder().clock(Jumping(clock.clone(), 9.into())).build();
    tracer.start("first").end();
    clock.advance(ms(1));
    tracer.start("second").end();
    let spans = tracer.spans();
    assert_eq!(spans[1].start().duration_since(spans[0].start()).unwrap(), ms(1));
}

#[test]
fn an_end_before_the_start_makes_a_duration_of_zero() {
    let (tracer, clock) = manual();
    let before = tracer.now();
    clock.advance(ms(5));
    tracer.start("work").end_at(before);
    assert_eq!(tracer.spans()[0].duration(), Duration::ZERO);
}

#[test]
fn a_start_before_the_tracer_was_made_is_told_as_it_was() {
    let clock = ManualClock::starting_at(SystemTime::UNIX_EPOCH + ms(100));
    let early = clock.now();
    clock.advance(ms(50));
    let tracer = Tracer::builder().clock(clock).build();
    tracer.span("work").start_time(early).start().end();
    let spans = tracer.spans();
    assert_eq!(spans[0].start(), SystemTime::UNIX_EPOCH + ms(100));
    assert_eq!(spans[0].duration(), ms(50));
}

#[test]
fn one_reading_can_end_a_span_and_start_the_next() {
    let (tracer, clock) = manual();
    let first = tracer.start("first");
    clock.advance(ms(5));
    let boundary = tracer.now();
    clock.advance(ms(1));
    first.end_at(boundary);
    tracer.span("second").start_time(boundary).start().end();
    let spans = tracer.spans();
    assert_eq!(spans[0].end(), spans[1].start());
}

#[test]
fn the_system_clock_never_runs_backwards() {
    let tracer = Tracer::default();
    let start = SystemClock.now();
    tracer.start("work").end();
    assert!(tracer.spans()[0].duration() <= SystemClock.now().duration_since(start));
}

#[test]
fn a_manual_clock_advanced_without_end_stops_and_does_not_wrap() {
    let clock = ManualClock::new();
    clock.advance(Duration::MAX);
    let end = clock.now();
    clock.advance(Duration::MAX);
    assert_eq!(clock.now(), end);
}
