//! Many files at once, with results in the order of the files.

use super::{
    case::Case,
    tested::{Failure, Tested},
};
use crate::cancel::{self, Ended};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

/// When a run of many files ends.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub jobs: usize,
    /// The most that one file may take, in place of what its folder says.
    pub timeout: Option<Duration>,
}

/// Tests one case; it may give up once the flag is set.
pub type Test = Arc<dyn Fn(&Case, &Arc<AtomicBool>) -> Tested + Send + Sync>;

/// How often a waiting run looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(20);

/// Tests all cases, several at a time, and hands each result to `done` in the
/// order of the cases. Once `stop` is set, which `done` may do, nothing is begun
/// or waited for any more: files under way are left behind.
pub fn run_all(
    cases: &[Case],
    limits: Limits,
    stop: &Arc<AtomicBool>,
    test: Test,
    mut done: impl FnMut(&Case, Tested, Duration),
) {
    let next = Arc::new(AtomicUsize::new(0));
    let shared: Arc<[Case]> = cases.into();
    let (send, receive) = mpsc::sync_channel::<(usize, Tested, Duration)>(4 * limits.jobs);
    for _ in 0..limits.jobs.clamp(1, cases.len().max(1)) {
        let (send, test, next, cases, stop) =
            (send.clone(), test.clone(), next.clone(), shared.clone(), stop.clone());
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(case) = cases.get(index) else { return };
                let started = Instant::now();
                let of_folder = || case.settings.as_ref()?.timeout.map(Duration::from_secs_f64);
                let tested = guarded(case, limits.timeout.or_else(of_folder), &test);
                if send.send((index, tested, started.elapsed())).is_err() {
                    return;
                }
            }
        });
    }
    drop(send);
    let mut waiting: BTreeMap<usize, (Tested, Duration)> = BTreeMap::new();
    let mut due = 0;
    while !stop.load(Ordering::Relaxed) {
        match receive.recv_timeout(LOOK) {
            Ok((index, tested, took)) => {
                waiting.insert(index, (tested, took));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        while !stop.load(Ordering::Relaxed)
            && let Some((tested, took)) = waiting.remove(&due)
        {
            done(&cases[due], tested, took);
            due += 1;
        }
    }
    // After a stop the results that are there may have gaps between them.
    for (index, (tested, took)) in waiting {
        done(&cases[index], tested, took);
    }
}

/// Tests one file so that neither a panic nor its time takes the others along.
fn guarded(case: &Case, timeout: Option<Duration>, test: &Test) -> Tested {
    let cancel = Arc::new(AtomicBool::new(false));
    let Some(timeout) = timeout else { return caught(case, test, &cancel) };
    let (send, receive) = mpsc::channel();
    let (owned, test, flag) = (case.clone(), test.clone(), cancel.clone());
    // A thread cannot be ended from outside: one that is late is left behind, and ends at the
    // next of its steps.
    std::thread::spawn(move || {
        let _ = send.send(caught(&owned, &test, &flag));
    });
    receive.recv_timeout(timeout).unwrap_or_else(|_| {
        cancel.store(true, Ordering::Relaxed);
        Tested::failed(Failure::Timeout { seconds: timeout.as_secs_f64() })
    })
}

fn caught(case: &Case, test: &Test, flag: &Arc<AtomicBool>) -> Tested {
    cancel::under(flag, || test(case, flag)).unwrap_or_else(|ended| {
        let Ended::Panicked(payload) = ended else {
            return Tested::failed(Failure::Internal("it was given up".to_string()));
        };
        let words = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("a panic without words");
        Tested::failed(Failure::Internal(words.to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regress::Outcome;
    use rayon::prelude::*;

    #[test]
    fn a_panic_in_a_thread_is_one_failed_file() {
        let case = |name: &str| Case::named(name.as_ref());
        let cases = ["a", "b", "c"].map(case);
        let test: Test = Arc::new(|case: &Case, _: &Arc<AtomicBool>| {
            (0..100).into_par_iter().for_each(|at| assert!(at < 50 || case.name != "b", "at {at}"));
            Tested::default()
        });
        for timeout in [None, Some(Duration::from_secs(60))] {
            let mut outcomes = Vec::new();
            let stop = Arc::new(AtomicBool::new(false));
            run_all(&cases, Limits { jobs: 2, timeout }, &stop, test.clone(), |_, tested, _| {
                outcomes.push((tested.outcome(), matches!(tested.failures[..], [Failure::Internal(_)])));
            });
            let passed = (Outcome::Passed, false);
            assert_eq!(outcomes, [passed, (Outcome::Failed, true), passed]);
        }
    }
}
