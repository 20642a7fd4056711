//! Handles that come and go, and series that get their slot meanwhile.

use std::sync::Arc;

use loom::thread;

use super::{Memory, SLOT, domain, model, warm_head};
use crate::series::Head;
use crate::slab::{Domain, Slab};
use crate::sync::{AtomicU32, AtomicU64, Mutex, Ordering};

/// One handle is there; it is cloned on the first thread, which then drops it, and the clone goes to the second one.
fn clone_here_and_drop_there(
    head: impl Fn(&Domain, &'static Slab) -> Arc<Head> + Send + Sync + 'static,
    first: impl Fn(&Head, &'static Slab) + Copy + Send + Sync + 'static,
    second: fn(&'static Slab) -> Option<&'static Slab>,
) {
    model(3, move || {
        let (domain, [a, b]) = domain();
        let (head, memory) = (head(&domain, a), Memory::new());
        let sent = Arc::new(AtomicU32::new(0));
        let cloner = {
            let (head, memory, sent) = (Arc::clone(&head), Arc::clone(&memory), Arc::clone(&sent));
            thread::spawn(move || {
                head.birth(Some(a));
                sent.store(1, Ordering::Release);
                memory.touch();
                first(&head, a);
            })
        };
        let dropper = {
            let (head, memory, sent) = (Arc::clone(&head), Arc::clone(&memory), Arc::clone(&sent));
            thread::spawn(move || {
                let received = sent.load(Ordering::Acquire) == 1;
                if received {
                    memory.touch();
                    head.death(second(b));
                }
                received
            })
        };
        let reaper = {
            let (domain, head, memory) =
                (Arc::clone(&domain), Arc::clone(&head), Arc::clone(&memory));
            thread::spawn(move || {
                if head.unreferenced(&domain) {
                    memory.free();
                }
            })
        };
        cloner.join().unwrap();
        if !dropper.join().unwrap() {
            assert!(!head.unreferenced(&domain), "the clone is still there");
            head.death(Some(b));
        }
        reaper.join().unwrap();
        assert!(head.unreferenced(&domain), "nobody is there");
    });
}

#[test]
fn a_series_is_not_free_while_a_clone_lives_on_another_thread() {
    let head = |_: &Domain, slab| {
        let head = warm_head();
        head.birth(Some(slab));
        head
    };
    clone_here_and_drop_there(head, |head, slab| head.death(Some(slab)), Some);
}

#[test]
fn a_series_is_not_free_while_a_clone_lives_that_a_thread_without_a_slab_drops() {
    let head = |_: &Domain, slab| {
        let head = warm_head();
        head.birth(Some(slab));
        head
    };
    clone_here_and_drop_there(head, |head, slab| head.death(Some(slab)), |_| None);
}

#[test]
fn a_series_is_not_free_while_a_clone_lives_of_a_handle_born_without_a_slab() {
    let head = |_: &Domain, _| {
        let head = warm_head();
        head.birth(None);
        head
    };
    clone_here_and_drop_there(head, |head, slab| head.death(Some(slab)), |_| None);
}

/// A metric without an owner is asked whether it has handles without the lock under which its series get slots.
#[test]
fn a_series_that_is_given_its_slot_is_not_free_while_a_handle_lives() {
    model(3, || {
        let (domain, [a]) = domain();
        let (head, memory) = (Arc::new(Head::cold()), Memory::new());
        head.birth(Some(a));
        let user = {
            let (head, memory) = (Arc::clone(&head), Arc::clone(&memory));
            thread::spawn(move || {
                head.promote(SLOT, false, false);
                head.birth(Some(a));
                // As a thread that is ending drops it.
                head.death(None);
                memory.touch();
                head.death(Some(a));
            })
        };
        let reaper = {
            let (domain, head, memory) =
                (Arc::clone(&domain), Arc::clone(&head), Arc::clone(&memory));
            thread::spawn(move || {
                if head.unreferenced(&domain) {
                    memory.free();
                }
            })
        };
        user.join().unwrap();
        reaper.join().unwrap();
        assert!(head.unreferenced(&domain));
    });
}

#[test]
fn nothing_is_lost_while_a_series_gets_its_slot() {
    model(3, || {
        let (domain, slabs) = domain::<2>();
        let (head, shared) = (Arc::new(Head::cold()), Arc::new(AtomicU64::new(0)));
        let next = Arc::new(Mutex::new(SLOT));
        let record = |slab: &'static Slab| {
            let (head, shared, next) = (Arc::clone(&head), Arc::clone(&shared), Arc::clone(&next));
            thread::spawn(move || {
                for _ in 0..2 {
                    // As a handle does: `SeriesRef::route` and `FamilyCore::warm`.
                    if head.slot().is_none() && head.warm() >= 1 {
                        let mut next = next.lock().unwrap();
                        if head.slot().is_none() {
                            head.promote(*next, false, false);
                            *next += 1;
                        }
                    }
                    match head.hot_slot() {
                        Some(slot) => slab.add(slot, 1),
                        None => {
                            shared.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            })
        };
        let recorders = slabs.map(record);
        recorders.into_iter().for_each(|recorder| recorder.join().unwrap());
        let threads = head.slot().map_or(0, |slot| domain.total(slot));
        assert_eq!(threads + shared.load(Ordering::Relaxed), 4);
    });
}

#[test]
fn the_value_does_not_go_back_while_a_series_gets_its_slot() {
    model(3, || {
        let (domain, [slab]) = domain();
        let (head, shared) = (Arc::new(Head::cold()), Arc::new(AtomicU64::new(0)));
        let recorder = {
            let (head, shared) = (Arc::clone(&head), Arc::clone(&shared));
            thread::spawn(move || {
                shared.fetch_add(1, Ordering::Relaxed);
                head.promote(SLOT, false, false);
                slab.add(SLOT, 1);
            })
        };
        let reader = {
            let (head, shared) = (Arc::clone(&head), Arc::clone(&shared));
            thread::spawn(move || {
                let value = || {
                    let threads = head.slot().map_or(0, |slot| domain.total(slot));
                    threads + shared.load(Ordering::Relaxed)
                };
                let before = value();
                assert!(value() >= before);
            })
        };
        recorder.join().unwrap();
        reader.join().unwrap();
    });
}
