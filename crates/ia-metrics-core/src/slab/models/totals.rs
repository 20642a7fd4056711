//! Totals of what several threads write.

use std::sync::Arc;

use loom::thread;

use super::{SLOT, model, slab};
use crate::slab::{Class, Domain, Slab, Totals};
use crate::sync::{AtomicU32, Ordering};

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
            let taken = slab.take_mark(1) == crate::slab::slab::Mark::Written;
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
