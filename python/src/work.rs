//! Work in Rust while other threads of Python go on, and Ctrl-C.

use graphrun::cancel::{self, Ended};
use pyo3::prelude::*;
use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

/// How often long work looks whether a signal has come.
const LOOK: Duration = Duration::from_millis(20);

/// Does work without the interpreter's lock that may take long. Python hears of a signal only in this
/// thread, so the work is done in another; once a signal raises, as Ctrl-C does, the work's flag is set,
/// and it ends at its next step.
///
/// # Errors
/// What the signal raised.
pub fn long<T: Send>(py: Python<'_>, work: impl FnOnce(&Arc<AtomicBool>) -> T + Send) -> PyResult<T> {
    let flag = Arc::new(AtomicBool::new(false));
    let (ended, raised) = py.detach(|| {
        let (done, is_done) = channel::<()>();
        thread::scope(|scope| {
            let flag = &flag;
            let worker = scope.spawn(move || {
                let _done = done;
                cancel::under(flag, || work(flag))
            });
            let mut raised = None;
            while is_done.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                if let Err(fault) = Python::attach(|py| py.check_signals()) {
                    flag.store(true, Ordering::Relaxed);
                    raised = Some(fault);
                }
            }
            (worker.join(), raised)
        })
    });
    match (ended, raised) {
        (Ok(Err(Ended::Panicked(payload))) | Err(payload), _) => resume_unwind(payload),
        (_, Some(raised)) => Err(raised),
        (Ok(Ok(result)), None) => Ok(result),
        (Ok(Err(Ended::GivenUp)), None) => unreachable!("work is given up where a signal raised"),
    }
}
