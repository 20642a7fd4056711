//! Where a step is done.

use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use crate::ending::on_a_thread_that_is_ending;

/// A thread.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// That of the test.
    Here,
    /// One that is there until it is ended.
    Worker(usize),
    /// One that has given its slab back.
    Ending,
}

type Work = Box<dyn FnOnce() + Send>;

/// The workers that are there.
#[derive(Default)]
pub(super) struct Threads {
    workers: Vec<Option<(mpsc::Sender<Work>, JoinHandle<()>)>>,
}

impl Threads {
    /// Runs something in a place, and waits for it.
    pub(super) fn on<R: Send + 'static>(
        &mut self,
        place: Place,
        run: impl FnOnce() -> R + Send + 'static,
    ) -> R {
        let (answer, answered) = mpsc::channel();
        let work = move || answer.send(run()).unwrap();
        match place {
            Place::Here => work(),
            Place::Ending => on_a_thread_that_is_ending(work),
            Place::Worker(number) => self.worker(number).send(Box::new(work)).unwrap(),
        }
        answered.recv().unwrap()
    }

    pub(super) fn end(&mut self, place: Place) {
        let Place::Worker(number) = place else { return };
        if let Some((work, thread)) = self.workers.get_mut(number).and_then(Option::take) {
            drop(work);
            thread.join().unwrap();
        }
    }

    fn worker(&mut self, number: usize) -> &mpsc::Sender<Work> {
        if self.workers.len() <= number {
            self.workers.resize_with(number + 1, || None);
        }
        let (work, _) = self.workers[number].get_or_insert_with(|| {
            let (work, todo) = mpsc::channel::<Work>();
            (work, thread::spawn(move || todo.into_iter().for_each(|work| work())))
        });
        work
    }
}
