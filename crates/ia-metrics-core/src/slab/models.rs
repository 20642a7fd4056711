//! Models of what threads do to slabs, in every order that loom can think of.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p ia-metrics-core --lib --release models`
//!
//! Readers are threads of their own: loom hardly interleaves the main thread with those it waits for.

use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::thread;

use super::{Class, Domain, Slab, Totals};
use crate::series::Head;
use crate::summary::Run;
use crate::sync::{AtomicU32, AtomicU64, Mutex, Ordering};

/// The first slot of the first page that is somebody's.
const SLOT: u32 = 2;

/// Tries every order of up to `preemptions` interruptions, or of as many as `LOOM_MAX_PREEMPTIONS` says.
fn model(preemptions: usize, run: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound.get_or_insert(preemptions);
    builder.check(run);
}

fn slab() -> &'static Slab {
    Box::leak(Box::new(Slab::model()))
}

/// A domain that has so many slabs, and they.
fn domain<const N: usize>() -> (Arc<Domain>, [&'static Slab; N]) {
    let domain = Arc::new(Domain::new());
    let slabs = std::array::from_fn(|_| domain.pool().take().unwrap().slab);
    (domain, slabs)
}

/// A series with a slot.
fn warm_head() -> Arc<Head> {
    let head = Head::cold();
    head.promote(SLOT, false, false);
    Arc::new(head)
}

/// What is freed, or becomes another series, when nobody refers to it any more: loom sees who touches it at the same time.
struct Memory(UnsafeCell<()>);

#[expect(unsafe_code, reason = "loom says whether it is shared rightly")]
// SAFETY: there is nothing in it.
unsafe impl Send for Memory {}
#[expect(unsafe_code, reason = "loom says whether it is shared rightly")]
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    fn new() -> Arc<Self> {
        Arc::new(Self(UnsafeCell::new(())))
    }

    /// What a handle does.
    fn touch(&self) {
        self.0.with(|_| ());
    }

    /// What is done when no handle is left.
    fn free(&self) {
        self.0.with_mut(|_| ());
    }
}

/// Reads totals twice, and once more when everything is over.
fn totals_of(
    slabs: &'static [&'static Slab],
    class: Class,
    write: impl FnOnce() -> Vec<thread::JoinHandle<()>>,
    check: impl Fn(&mut Totals) -> u64 + Copy + Send + 'static,
) -> u64 {
    let classes = [None, Some(class), Some(class)];
    let reader = thread::spawn(move || {
        let (mut totals, mut last) = (Totals::default(), 0);
        for _ in 0..2 {
            totals.begin(slabs, &classes);
            let now = check(&mut totals);
            assert!(now >= last, "{now} after {last}");
            last = now;
        }
        totals
    });
    write().into_iter().for_each(|writer| writer.join().unwrap());
    let mut totals = reader.join().unwrap();
    totals.begin(slabs, &classes);
    check(&mut totals)
}

/// Why [`Slab::add`] and [`Head::promote`] do by an exchange here what is a store otherwise: between the two exchanges of the second thread there is no room for
/// the store of the first one, so that the store is the last one if neither has seen it. When loom knows that, this fails,
/// and the store can be one here too.
#[test]
#[should_panic(expected = "the store is lost")]
fn loom_lets_a_store_come_between_the_halves_of_an_exchange() {
    model(3, || {
        let mark = Arc::new(AtomicU32::new(0));
        let writer = {
            let mark = Arc::clone(&mark);
            thread::spawn(move || mark.store(2, Ordering::Release))
        };
        let reader = {
            let mark = Arc::clone(&mark);
            thread::spawn(move || [(); 2].map(|()| mark.swap(1, Ordering::AcqRel)).contains(&2))
        };
        writer.join().unwrap();
        let seen = reader.join().unwrap();
        assert!(seen || mark.load(Ordering::Relaxed) == 2, "the store is lost");
    });
}

#[test]
fn totals_of_one_writer_never_go_back_and_are_exact_at_the_end() {
    model(3, || {
        let slabs: &'static _ = Box::leak(Box::new([slab()]));
        let write = || {
            let writer = thread::spawn(|| {
                slabs[0].add(SLOT, 1);
                slabs[0].add(SLOT + 1, 1);
                slabs[0].add(SLOT, 1);
            });
            vec![writer]
        };
        let sum = |totals: &mut Totals| totals.get(SLOT) + totals.get(SLOT + 1);
        assert_eq!(totals_of(slabs, Class::Totals, write, sum), 3);
    });
}

#[test]
fn totals_of_two_writers_never_go_back_and_are_exact_at_the_end() {
    model(2, || {
        let slabs: &'static _ = Box::leak(Box::new([slab(), slab()]));
        let write = || {
            let write = |slab: &'static Slab| {
                thread::spawn(move || {
                    slab.add(SLOT, 1);
                    slab.add(SLOT, 1);
                })
            };
            slabs.map(write).into()
        };
        assert_eq!(totals_of(slabs, Class::Totals, write, |totals| totals.get(SLOT)), 4);
    });
}

#[test]
fn totals_of_two_pages_are_exact_at_the_end() {
    model(3, || {
        let slabs: &'static _ = Box::leak(Box::new([slab()]));
        let write = || {
            let writer = thread::spawn(|| {
                slabs[0].add(SLOT, 1);
                slabs[0].add(SLOT + 2, 1);
                slabs[0].add(SLOT, 1);
            });
            vec![writer]
        };
        let sum = |totals: &mut Totals| totals.get(SLOT) + totals.get(SLOT + 2);
        assert_eq!(totals_of(slabs, Class::Totals, write, sum), 3);
    });
}

#[test]
fn what_a_mark_was_taken_for_is_seen() {
    model(3, || {
        let slab = slab();
        let writer = thread::spawn(move || {
            slab.add(SLOT, 1);
            slab.add(SLOT, 1);
        });
        let reader = thread::spawn(move || {
            let taken = slab.take_mark(1) == super::slab::Mark::Written;
            assert!(!taken || slab.get(SLOT) > 0);
        });
        writer.join().unwrap();
        reader.join().unwrap();
    });
}

#[test]
fn pairs_are_torn_by_at_most_one_observation() {
    model(3, || {
        let slab = slab();
        let writer = thread::spawn(move || (0..3).for_each(|_| slab.observe(SLOT, |sum| sum + 1)));
        let reader = thread::spawn(move || {
            let (count, sum) = slab.pair(SLOT);
            assert!(sum == count || sum == count + 1, "a sum of {sum} for {count}");
        });
        writer.join().unwrap();
        reader.join().unwrap();
        assert_eq!(slab.pair(SLOT), (3, 3));
    });
}

#[test]
fn totals_of_pairs_never_go_back_and_are_exact_at_the_end() {
    model(2, || {
        let slabs: &'static _ = Box::leak(Box::new([slab(), slab()]));
        let write = || {
            let write = |slab: &'static Slab| {
                thread::spawn(move || (0..2).for_each(|_| slab.observe(SLOT, |sum| sum + 1)))
            };
            slabs.map(write).into()
        };
        let count = |totals: &mut Totals| totals.get(SLOT);
        assert_eq!(totals_of(slabs, Class::IntegerPairs, write, count), 4);
    });
}

#[test]
fn the_next_thread_adds_to_what_the_last_one_left() {
    model(3, || {
        let domain = Arc::new(Domain::new());
        let work = |domain: Arc<Domain>| {
            thread::spawn(move || {
                let seat = domain.pool().take().unwrap();
                seat.slab.add(SLOT, 1);
                domain.pool().leave(seat);
            })
        };
        let workers = [work(Arc::clone(&domain)), work(Arc::clone(&domain))];
        let reader = {
            let domain = Arc::clone(&domain);
            thread::spawn(move || {
                let first = domain.total(SLOT);
                assert!(domain.total(SLOT) >= first);
            })
        };
        workers.into_iter().chain([reader]).for_each(|thread| thread.join().unwrap());
        assert_eq!(domain.total(SLOT), 2);
        assert!(domain.pool().read(<[_]>::len) <= 2);
    });
}

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
