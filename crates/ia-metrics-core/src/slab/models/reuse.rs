//! Places that are used again.

use std::sync::Arc;

use loom::thread;

use super::{Memory, SLOT, domain, model, slab, warm_head};
use crate::series::Head;
use crate::slab::{Class, Domain, Slab, Totals};
use crate::summary::Run;
use crate::sync::{AtomicU32, Ordering};

/// A reader looks the series up, and `again` enters another read section while it has its handle; the remover makes the
/// series unfindable and uses its place for another one.
fn look_up_while_it_is_removed(again: bool) {
    model(3, move || {
        let (domain, [slab]) = domain();
        let (head, memory) = (warm_head(), Memory::new());
        let entry = Arc::new(AtomicU32::new(1));
        let reader = {
            let (head, memory, entry) =
                (Arc::clone(&head), Arc::clone(&memory), Arc::clone(&entry));
            thread::spawn(move || {
                let found = slab.section(|| {
                    let found = entry.load(Ordering::Acquire) == 1;
                    if found {
                        head.birth(Some(slab));
                    }
                    found
                });
                if again {
                    slab.section(|| ());
                }
                if found {
                    slab.add(SLOT, 1);
                    memory.touch();
                    head.death(Some(slab));
                }
            })
        };
        let remover = {
            let (head, domain) = (Arc::clone(&head), Arc::clone(&domain));
            thread::spawn(move || {
                entry.store(0, Ordering::Release);
                domain.synchronize();
                let free = head.unreferenced(&domain);
                if free {
                    memory.free();
                    let mut totals = Totals::default();
                    assert_eq!(head.reset(), Some(SLOT));
                    domain.give_back(&mut totals, Class::Totals, 1, SLOT);
                }
                free
            })
        };
        reader.join().unwrap();
        if remover.join().unwrap() {
            assert_eq!(domain.total(SLOT), 0, "a late writer wrote into the new series");
        } else {
            assert!(head.unreferenced(&domain));
        }
    });
}

#[test]
fn nobody_writes_into_a_series_that_took_the_place_of_a_removed_one() {
    look_up_while_it_is_removed(false);
}

#[test]
fn a_reader_that_is_in_its_next_read_section_has_its_handle_seen() {
    look_up_while_it_is_removed(true);
}

/// Born where there is no slab, dropped where there is one: counted in two places, while the first handle stays.
#[test]
fn a_series_is_not_free_while_only_its_clones_are_dropped() {
    model(3, || {
        let (domain, [a, b]) = domain();
        let head = warm_head();
        head.birth(Some(a));
        let sent = Arc::new(AtomicU32::new(0));
        let cloner = {
            let (head, sent) = (Arc::clone(&head), Arc::clone(&sent));
            thread::spawn(move || {
                head.birth(None);
                sent.store(1, Ordering::Release);
            })
        };
        let dropper = {
            let head = Arc::clone(&head);
            thread::spawn(move || {
                if sent.load(Ordering::Acquire) == 1 {
                    head.death(Some(b));
                }
            })
        };
        let reaper = thread::spawn(move || assert!(!head.unreferenced(&domain)));
        [cloner, dropper, reaper].into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// The slot is cleared and given to a series to which the thread that wrote it last has a handle already; that counts
/// with `record`, and the slab then has one of what `counted` asks for.
fn use_a_slot_again(record: fn(&Head, &'static Slab) -> bool, counted: fn(&Domain) -> u64) {
    model(3, move || {
        let (domain, [slab]) = domain();
        let (head, next) = (warm_head(), Arc::new(Head::cold()));
        head.birth(Some(slab));
        next.birth(Some(slab));
        let user = {
            let (head, next) = (Arc::clone(&head), Arc::clone(&next));
            thread::spawn(move || {
                slab.add(SLOT, 5);
                head.death(Some(slab));
                record(&next, slab)
            })
        };
        let remover = {
            let domain = Arc::clone(&domain);
            thread::spawn(move || {
                if head.unreferenced(&domain) {
                    head.reset();
                    domain.give_back(&mut Totals::default(), Class::Totals, 1, SLOT);
                    next.promote(SLOT, false, false);
                }
            })
        };
        let recorded = user.join().unwrap();
        remover.join().unwrap();
        assert!(!recorded || counted(&domain) == 1);
    });
}

#[test]
fn a_slot_is_empty_for_the_next_series_that_gets_it() {
    let record = |next: &Head, slab: &'static Slab| {
        next.hot_slot().inspect(|slot| slab.add(*slot, 1)).is_some()
    };
    use_a_slot_again(record, |domain| domain.total(SLOT));
}

#[test]
fn a_slot_has_no_handles_of_the_series_that_had_it_before() {
    let record = |next: &Head, slab: &'static Slab| {
        next.birth(Some(slab));
        next.slot().is_some()
    };
    // The clone may have been born before there was a slot.
    use_a_slot_again(record, |domain| u64::from(domain.births(Some(SLOT)).max(1)));
}

#[test]
fn the_extremes_of_a_step_are_not_taken_for_those_of_a_later_one() {
    model(3, || {
        let slab = slab();
        let writer = thread::spawn(move || {
            // The cells of a step are used again six steps later.
            let run = Run::new(slab, SLOT);
            run.record_extremes(0, 5);
            run.record_extremes(6, 1);
        });
        let reader = thread::spawn(move || {
            let run = Run::new(slab, SLOT);
            for (step, expected) in [(6, 1), (0, 5)] {
                if let Some(extremes) = run.extremes(step) {
                    assert_eq!((extremes.smallest, extremes.largest), (expected, expected));
                }
            }
        });
        writer.join().unwrap();
        reader.join().unwrap();
    });
}
