//! The thread of a server: accepts until it is told to stop, then waits for what still runs.

use std::io;
use std::net::TcpListener as Socket;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, oneshot, watch};

use super::Limits;
use super::connection::Connection;
use super::service::Service;

/// How long to wait after the system could not give a connection: it is short of something, most often of open files,
/// and asking again at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The most of a shutdown's deadline that is kept for closing, after running responses had the rest.
const CLOSING: Duration = Duration::from_millis(50);

/// A handle on the thread.
pub(super) struct Worker {
    stop: oneshot::Sender<Duration>,
    /// Hangs up as the last thing the thread does. In a mutex only to be `Sync`.
    alive: Mutex<mpsc::Receiver<()>>,
    /// Answers whether every response finished.
    thread: JoinHandle<bool>,
}

impl Worker {
    /// Starts the thread. Its runtime is made on it, since a runtime must not be dropped inside of another one, where
    /// the caller may well be.
    pub(super) fn start(socket: Socket, service: Arc<Service>, limits: Limits) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (tell_started, started) = mpsc::channel();
        let (living, alive) = mpsc::channel();
        let thread = thread::Builder::new().name("ia-serve".to_owned()).spawn(move || {
            let (runtime, listener) = match prepare(socket) {
                Ok(ready) => ready,
                Err(error) => {
                    drop(tell_started.send(Err(error)));
                    return false;
                }
            };
            if tell_started.send(Ok(())).is_err() {
                return false;
            }
            let finished = runtime.block_on(run(listener, service, limits, stopped));
            drop(runtime);
            drop(living);
            finished
        })?;
        started.recv().unwrap_or_else(|_| Err(io::Error::other("it ended at once")))?;
        Ok(Self { stop, alive: Mutex::new(alive), thread })
    }

    /// Ends the thread by the deadline, or leaves it behind. True when every response finished.
    pub(super) fn stop(self, deadline: Duration) -> bool {
        let reserve = CLOSING.min(deadline / 10);
        let told = self.stop.send(deadline.saturating_sub(reserve)).is_ok();
        let alive = self.alive.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ended = alive.recv_timeout(deadline) == Err(RecvTimeoutError::Disconnected);
        // Joining may not wait: a thread that has not ended is left behind.
        told && ended && self.thread.join().unwrap_or(false)
    }
}

fn prepare(socket: Socket) -> io::Result<(Runtime, TcpListener)> {
    let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
    let listener = {
        let _context = runtime.enter();
        TcpListener::from_std(socket)?
    };
    Ok((runtime, listener))
}

/// Serves until it is told to stop. True when every response finished by the deadline that comes with that.
async fn run(
    listener: TcpListener,
    service: Arc<Service>,
    limits: Limits,
    stopped: oneshot::Receiver<Duration>,
) -> bool {
    let (open, closing) = watch::channel(());
    let permits = Arc::new(Semaphore::new(limits.connections.into()));
    let write_timeout = limits.write_timeout;
    let connection = Connection { service, http: http(limits), write_timeout, closing };
    let accepting = tokio::spawn(accept(listener, connection, Arc::clone(&permits)));

    let deadline = stopped.await.unwrap_or_default();
    accepting.abort();
    drop(open);
    // Whoever accepts holds a permit, and so does every connection: who gets all of them is alone.
    tokio::time::timeout(deadline, permits.acquire_many(limits.connections.into())).await.is_ok()
}

fn http(limits: Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(limits.header_bytes)
        // `printf … | nc` ends its side before it has read the answer.
        .half_close(true);
    http
}

async fn accept(listener: TcpListener, connection: Connection, permits: Arc<Semaphore>) {
    // The permit comes first: a connection over the limit stays in the system's queue and costs nothing here.
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = connection.clone();
                tokio::spawn(async move {
                    connection.run(stream).await;
                    drop(permit);
                });
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Whether it is only this one connection that failed.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
