//! Work in Rust while other threads of Python go on, Ctrl-C, and processes that fork.
//!
//! A fork takes one thread along, and none of the threads that the core shares its work among: whoever waits
//! for them in the child waits for ever. So a child has threads of its own, which it starts once there is
//! something to share, and all work of this crate that may be shared goes [`among`] them.

use graphrun::cancel::{self, Ended};
use pyo3::{exceptions::PyRuntimeError, prelude::*, types::PyDict};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::{
    panic::resume_unwind,
    ptr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicPtr, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

/// How often long work looks whether a signal has come.
const LOOK: Duration = Duration::from_millis(20);

/// Threads that are started when they are needed, or why there are none.
type Threads = OnceLock<Result<ThreadPool, String>>;

/// The threads of a child; null in a process that was not forked since it loaded this module, where the core's
/// own serve.
static OF_CHILD: AtomicPtr<Threads> = AtomicPtr::new(ptr::null_mut());

/// Hears of every fork from now on.
pub fn listen_for_forks(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    // Where processes do not fork there is no such function.
    if let Ok(register) = py.import("os")?.getattr("register_at_fork") {
        let words = PyDict::new(py);
        words.set_item("after_in_child", wrap_pyfunction!(forked, module)?)?;
        register.call((), Some(&words))?;
    }
    Ok(())
}

/// This process is a child now. What its parent had is left as it is: someone may have been about to use it.
#[pyfunction]
fn forked() {
    OF_CHILD.store(Box::into_raw(Box::default()), Ordering::Release);
}

/// This process was forked since it loaded this module.
pub fn is_forked() -> bool {
    !OF_CHILD.load(Ordering::Acquire).is_null()
}

/// Does work so that what it shares goes among threads that there are. Only in a child does this cost
/// anything.
///
/// # Errors
/// A `RuntimeError`, where a child can start no threads.
pub fn among<T: Send>(work: impl FnOnce() -> T + Send) -> PyResult<T> {
    // SAFETY: null, or a box that is never freed.
    let Some(threads) = (unsafe { OF_CHILD.load(Ordering::Acquire).as_ref() }) else { return Ok(work()) };
    let threads = threads.get_or_init(|| ThreadPoolBuilder::new().build().map_err(|fault| fault.to_string()));
    let threads = threads.as_ref().map_err(|fault| {
        PyRuntimeError::new_err(format!("graphrun can start no threads in this forked process: {fault}"))
    })?;
    let shared = cancel::shared();
    Ok(threads.install(|| shared.run(work)))
}

/// Does work without the interpreter's lock that may take long. Python hears of a signal only in this
/// thread, so the work is done in another; once a signal raises, as Ctrl-C does, the work's flag is set,
/// and it ends at its next step.
///
/// # Errors
/// What the signal raised; what [`among`] says.
pub fn long<T: Send>(py: Python<'_>, work: impl FnOnce(&Arc<AtomicBool>) -> T + Send) -> PyResult<T> {
    listening(py, |flag| among(|| work(flag)))?
}

/// As [`long`], of work that itself says what goes [`among`] threads: what waits for other threads must not
/// hold one of those.
///
/// # Errors
/// What the signal raised.
pub fn listening<T: Send>(py: Python<'_>, work: impl FnOnce(&Arc<AtomicBool>) -> T + Send) -> PyResult<T> {
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
