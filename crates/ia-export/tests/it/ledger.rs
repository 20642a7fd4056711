//! The ledger of one exporter.

use ia_export::Ledger;

fn ledger() -> Ledger {
    let mut ledger =
        Ledger { recorded: 20, delivered: 10, pending: 3, ambiguous: 2, ..Ledger::default() };
    ledger.dropped.extend([("rejected", 4), ("queue_full", 1)]);
    ledger
}

#[test]
fn a_ledger_whose_states_add_up_is_balanced() {
    assert!(ledger().is_balanced());
    assert!(Ledger::default().is_balanced());
}

#[test]
fn one_item_more_or_less_in_any_state_is_no_balance() {
    let changes: [fn(&mut Ledger); 5] = [
        |ledger| ledger.recorded += 1,
        |ledger| ledger.delivered -= 1,
        |ledger| ledger.pending += 1,
        |ledger| ledger.ambiguous -= 1,
        |ledger| *ledger.dropped.entry("rejected").or_default() += 1,
    ];
    for change in changes {
        let mut ledger = ledger();
        change(&mut ledger);
        assert!(!ledger.is_balanced(), "{ledger}");
    }
}

#[test]
fn sums_that_wrap_around_are_no_balance() {
    let ledger =
        Ledger { recorded: 1, delivered: u64::MAX, pending: 1, ambiguous: 1, ..Ledger::default() };
    assert!(!ledger.is_balanced());
}

#[test]
fn only_what_is_delivered_is_complete() {
    let delivered = Ledger { recorded: 5, delivered: 5, ..Ledger::default() };
    assert!(delivered.is_complete());
    assert!(!Ledger { recorded: 6, ambiguous: 1, ..delivered.clone() }.is_complete());
    assert!(!Ledger { recorded: 6, ..delivered }.is_complete());
}

#[test]
fn a_ledger_reads_as_one_line() {
    assert_eq!(
        ledger().to_string(),
        "20 recorded = 10 delivered + 3 pending + 2 ambiguous + 5 dropped (queue_full: 1, rejected: 4)"
    );
}

#[test]
fn a_ledger_that_does_not_add_up_says_so() {
    let ledger = Ledger { recorded: 2, delivered: 1, ..Ledger::default() };
    assert_eq!(
        ledger.to_string(),
        "2 recorded ≠ 1 delivered + 0 pending + 0 ambiguous + 0 dropped"
    );
}
