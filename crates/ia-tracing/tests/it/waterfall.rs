use std::time::Duration;

use ia_tracing::{Span, Spans, Status, Tracer, Waterfall};

use crate::support::{manual, ms};

/// The rows, without the lines that name the traces.
fn rows(spans: &Spans, width: usize) -> Vec<String> {
    let text = Waterfall::of(spans).width(width).to_string();
    text.lines().filter(|line| line.ends_with('|')).map(str::to_owned).collect()
}

#[test]
fn no_spans_are_said_to_be_none() {
    assert_eq!(Waterfall::of(&[]).to_string(), "no spans");
}

#[test]
fn traces_become_rows_with_marks_durations_and_bars() {
    let (tracer, clock) = manual();
    let first = tracer.in_span("rag", |rag| {
        tracer.in_span("load", |load| {
            clock.advance(ms(250));
            load.set_status(Status::Ok);
        });
        tracer.in_span("summarise", |summarise| {
            tracer.in_span("attempt", |_| clock.advance(ms(500)));
            clock.advance(ms(250));
            summarise.set_status(Status::error("timeout"));
        });
        rag.trace_id()
    });
    let second = tracer.in_span("idle", Span::trace_id);
    let expected = [
        format!("trace {first}, 4 spans, 1.00s"),
        "rag         ·    1.00s |███████████████████████████████████|".into(),
        "  load      ✓ 250.00ms |█████████                          |".into(),
        "  summarise ✗ 750.00ms |        ███████████████████████████|".into(),
        "    attempt · 500.00ms |        ███████████████████        |".into(),
        String::new(),
        format!("trace {second}, 1 span, 0.00ns"),
        "idle · 0.00ns |█                                           |".into(),
    ]
    .join("\n");
    let actual = Waterfall::of(&tracer.spans()).width(60).to_string();
    assert_eq!(actual, expected, "\n{actual}\n");
}

#[test]
fn rows_are_100_columns_wide_unless_told_otherwise() {
    let (tracer, clock) = manual();
    tracer.in_span("work", |_| clock.advance(ms(1)));
    let text = Waterfall::of(&tracer.spans()).to_string();
    assert_eq!(text.lines().last().unwrap().chars().count(), 100);
}

#[test]
fn widths_beyond_reason_are_clamped() {
    let (tracer, clock) = manual();
    tracer.in_span("work", |_| clock.advance(ms(1)));
    let spans = tracer.spans();
    assert_eq!(rows(&spans, 0)[0].chars().count(), 40);
    assert_eq!(rows(&spans, usize::MAX)[0].chars().count(), 1_000);
}

#[test]
fn control_characters_in_names_are_replaced() {
    let (tracer, _clock) = manual();
    tracer.start("a\x1b[2J\nb\u{202e}c\t").end();
    let row = &rows(&tracer.spans(), 60)[0];
    assert!(row.starts_with("a�[2J�b�c� ·"), "{row}");
}

#[test]
fn long_names_are_cut() {
    let (tracer, _clock) = manual();
    tracer.start("x".repeat(1_000)).end();
    let row = &rows(&tracer.spans(), 50)[0];
    assert!(row.starts_with(&format!("{}… ·", "x".repeat(19))), "{row}");
    assert_eq!(row.chars().count(), 50);
}

#[test]
fn a_name_of_many_bytes_is_cut_between_characters() {
    let (tracer, _clock) = manual();
    tracer.start("é".repeat(100)).end();
    assert_eq!(rows(&tracer.spans(), 50)[0].chars().count(), 50);
}

#[test]
fn overlapping_spans_each_have_their_place() {
    let (tracer, clock) = manual();
    tracer.in_span("root", |_| {
        let a = tracer.start("a");
        clock.advance(ms(10));
        let b = tracer.start("b");
        clock.advance(ms(10));
        a.end();
        clock.advance(ms(10));
        b.end();
    });
    let bars: Vec<_> = rows(&tracer.spans(), 47)
        .iter()
        .map(|row| row.split('|').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(
        bars,
        [
            "██████████████████████████████",
            "████████████████████          ",
            "          ████████████████████",
        ]
    );
}

#[test]
fn a_span_of_no_length_at_the_very_end_is_still_seen() {
    let (tracer, clock) = manual();
    tracer.in_span("root", |_| {
        clock.advance(ms(10));
        tracer.start("point").end();
    });
    let row = &rows(&tracer.spans(), 50)[1];
    assert!(row.ends_with(" █|"), "{row}");
}

#[test]
fn orphans_stand_at_the_margin() {
    let (tracer, _clock) = manual();
    tracer.in_span("gone", |_| tracer.in_span("orphan", |_| tracer.start("child").end()));
    let spans: Spans = tracer.spans().into_iter().filter(|span| span.name() != "gone").collect();
    let rows = rows(&spans, 60);
    assert!(rows[0].starts_with("orphan"), "{rows:?}");
    assert!(rows[1].starts_with("  child"), "{rows:?}");
}

#[test]
fn a_child_that_outlives_its_parent_stays_inside_the_bar() {
    let (tracer, clock) = manual();
    let parent = tracer.start("parent");
    let child = tracer.span("child").parent(&parent).start();
    clock.advance(ms(10));
    parent.end();
    clock.advance(ms(10));
    child.end();
    let rows = rows(&tracer.spans(), 50);
    assert_eq!(rows[0].chars().count(), rows[1].chars().count());
    assert_eq!(rows[0].matches('█').count() * 2, rows[1].matches('█').count());
}

#[test]
fn a_span_of_many_ages_does_not_panic() {
    let tracer = Tracer::default();
    let start = tracer.now();
    let mut ages = Duration::MAX;
    let end = loop {
        match start.checked_add(ages) {
            Some(end) => break end,
            None => ages /= 2,
        }
    };
    tracer.span("ages").start_time(start).start().end_at(end);
    tracer.span("late").start_time(end).start().end_at(end);
    let text = Waterfall::of(&tracer.spans()).to_string();
    assert!(text.contains("ages"), "{text}");
}

#[test]
fn a_trace_of_100_000_levels_keeps_its_names_in_sight() {
    const LEVELS: usize = 100_000;
    let (tracer, _clock) = {
        let (_, clock) = manual();
        (Tracer::builder().memory(LEVELS).clock(clock.clone()).build(), clock)
    };
    let mut parent = None;
    for _ in 0..LEVELS {
        let span = tracer.span("level").parent(parent).start();
        parent = Some(span.context());
    }
    let rows = rows(&tracer.spans(), 60);
    assert_eq!(rows.len(), LEVELS);
    assert!(rows[LEVELS - 1].trim_start().starts_with("level"), "{}", rows[LEVELS - 1]);
}
