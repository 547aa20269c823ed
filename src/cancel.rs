//! How work that nobody waits for any more ends: between two of its steps.
//!
//! No thread can be stopped from outside. Work that may be given up runs [`under`] a flag, and
//! whatever loops for long asks [`check`] as it goes: once the flag is set, the check unwinds to
//! where the work began. One step, such as a single product of matrices, is finished first.

use std::{
    any::Any,
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

thread_local! {
    static FLAG: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// What unwinds; it is no panic, and says nothing.
struct GivenUp;

/// Why work has no result.
pub enum Ended {
    GivenUp,
    /// It panicked, with this payload.
    Panicked(Box<dyn Any + Send>),
}

/// Runs work of this thread that ends early once the flag is set.
///
/// # Errors
/// It was given up, or it panicked.
pub fn under<T>(flag: &Arc<AtomicBool>, work: impl FnOnce() -> T) -> Result<T, Ended> {
    let before = FLAG.replace(Some(flag.clone()));
    let result = catch_unwind(AssertUnwindSafe(work));
    FLAG.set(before);
    result.map_err(|payload| match payload.is::<GivenUp>() {
        true => Ended::GivenUp,
        false => Ended::Panicked(payload),
    })
}

/// Gives the work of this thread up, if that is asked for.
#[inline]
pub fn check() {
    let is_asked = |flag: &RefCell<Option<Arc<AtomicBool>>>| {
        flag.borrow().as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    };
    if FLAG.with(is_asked) {
        resume_unwind(Box::new(GivenUp));
    }
}

/// What work of this thread takes to others, so that they give up with it.
pub fn shared() -> Shared {
    Shared(FLAG.with(|flag| flag.borrow().clone()))
}

/// The flag of some thread's work.
pub struct Shared(Option<Arc<AtomicBool>>);

impl Shared {
    /// Runs a part of the work on whatever thread this is; giving up unwinds it.
    pub fn run<T>(&self, part: impl FnOnce() -> T) -> T {
        /// Puts the thread's own flag back, when the part unwinds too.
        struct Back(Option<Arc<AtomicBool>>);
        impl Drop for Back {
            fn drop(&mut self) {
                FLAG.set(self.0.take());
            }
        }
        let _back = Back(FLAG.replace(self.0.clone()));
        part()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_at_its_next_check() {
        let flag = Arc::new(AtomicBool::new(false));
        let mut steps = 0;
        let ended = under(&flag, || {
            for step in 0..10 {
                check();
                steps += 1;
                if step == 3 {
                    flag.store(true, Ordering::Relaxed);
                }
            }
        });
        assert!(matches!(ended, Err(Ended::GivenUp)) && steps == 4);
        // Outside of any flag a check lets everything go on.
        check();
        assert!(under(&Arc::new(AtomicBool::new(false)), || 7).is_ok_and(|seven| seven == 7));
    }
    #[test]
    fn other_threads_give_up_with_the_work() {
        use rayon::prelude::*;
        let flag = Arc::new(AtomicBool::new(true));
        let ended = under(&flag, || {
            let shared = shared();
            (0..100).into_par_iter().for_each(|_| shared.run(check));
        });
        assert!(matches!(ended, Err(Ended::GivenUp)));
        // No thread keeps the flag.
        (0..100).into_par_iter().for_each(|_| check());
    }
}
