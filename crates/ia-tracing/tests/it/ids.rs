use std::collections::HashSet;
use std::thread;

use ia_tracing::{ParseIdError, SpanId, TraceFlags, TraceId, Tracer};
use proptest::prelude::*;

#[test]
fn random_ids_are_lower_case_hex_of_the_w3c_length() {
    for _ in 0..1_000 {
        for (text, digits) in
            [(TraceId::random().to_string(), 32), (SpanId::random().to_string(), 16)]
        {
            assert_eq!(text.len(), digits);
            assert!(text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')), "{text}");
        }
    }
}

#[test]
fn ids_with_leading_zeros_keep_all_digits() {
    let mut bytes = [0; 16];
    bytes[15] = 7;
    let id = TraceId::from_bytes(bytes).unwrap();
    assert_eq!(id.to_string(), "00000000000000000000000000000007");
    assert_eq!(id.to_bytes(), bytes);
}

#[test]
fn ids_are_unique_across_threads() {
    let threads: Vec<_> = (0..20)
        .map(|_| {
            thread::spawn(|| -> Vec<_> {
                (0..5_000).map(|_| (TraceId::random(), SpanId::random())).collect()
            })
        })
        .collect();
    let ids: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let traces: HashSet<_> = ids.iter().map(|(trace, _)| trace).collect();
    let spans: HashSet<_> = ids.iter().map(|(_, span)| span).collect();
    assert_eq!((traces.len(), spans.len()), (100_000, 100_000));
}

#[test]
fn ids_do_not_depend_on_the_seed_that_the_user_gave_to_fastrand() {
    fastrand::seed(42);
    let before = (TraceId::random(), SpanId::random());
    fastrand::seed(42);
    let after = (TraceId::random(), SpanId::random());
    assert_ne!(after.0, before.0);
    assert_ne!(after.1, before.1);
}

#[test]
fn all_zero_bytes_are_no_id() {
    assert_eq!(TraceId::from_bytes([0; 16]), None);
    assert_eq!(SpanId::from_bytes([0; 8]), None);
}

#[test]
fn parse_refuses_all_zero() {
    assert_eq!("0".repeat(32).parse::<TraceId>(), Err(ParseIdError::AllZero));
    assert_eq!("0".repeat(16).parse::<SpanId>(), Err(ParseIdError::AllZero));
}

#[test]
fn parse_refuses_a_wrong_length() {
    let error = "abc".parse::<SpanId>().unwrap_err();
    assert_eq!(error, ParseIdError::WrongLength { expected: 16, found: 3 });
    assert!("a".repeat(33).parse::<TraceId>().is_err());
    assert!("".parse::<TraceId>().is_err());
}

#[test]
fn parse_refuses_upper_case_and_says_so() {
    let error = "4BF92F3577B34DA6A3CE929D0E0E4736".parse::<TraceId>().unwrap_err();
    assert_eq!(error, ParseIdError::InvalidDigit { index: 1, found: 'B' });
    assert!(error.to_string().contains("lower case"), "{error}");
}

#[test]
fn parse_refuses_what_is_not_hex() {
    for text in ["trace-0000000001", "+0f067aa0ba902b7", "00f067aa0ba902bé", " 0f067aa0ba902b7"] {
        let error = text.parse::<SpanId>().unwrap_err();
        assert!(matches!(error, ParseIdError::InvalidDigit { .. }), "{text}: {error}");
    }
}

#[test]
fn parse_tells_a_trace_id_from_a_span_id() {
    let error = TraceId::random().to_string().parse::<SpanId>().unwrap_err();
    assert!(error.to_string().contains("trace id"), "{error}");
}

#[test]
fn a_recorded_span_has_the_sampled_flag() {
    assert_eq!(Tracer::default().start("work").context().flags, TraceFlags::SAMPLED);
}

#[test]
fn unknown_flags_are_kept() {
    let flags = TraceFlags::from_u8(0b1000_0010);
    assert!(!flags.is_sampled());
    assert_eq!(flags.sampled().to_u8(), 0b1000_0011);
}

proptest! {
    #[test]
    fn trace_ids_survive_text_and_bytes(value in 1_u128..) {
        let id = TraceId::from_bytes(value.to_be_bytes()).unwrap();
        prop_assert_eq!(id.to_string().parse(), Ok(id));
        prop_assert_eq!(TraceId::from_bytes(id.to_bytes()), Some(id));
    }

    #[test]
    fn span_ids_survive_text_and_bytes(value in 1_u64..) {
        let id = SpanId::from_bytes(value.to_be_bytes()).unwrap();
        prop_assert_eq!(id.to_string().parse(), Ok(id));
        prop_assert_eq!(SpanId::from_bytes(id.to_bytes()), Some(id));
    }

    #[test]
    fn what_parses_prints_the_same(text in "\\PC{0,40}|[0-9a-fA-F]{31,33}") {
        if let Ok(id) = text.parse::<TraceId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }
}
