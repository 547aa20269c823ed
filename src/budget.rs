//! Memory that is shared by files that are worked on at the same time.

use crate::cancel;
use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// How often one that waits looks whether anybody still waits for it.
const LOOK: Duration = Duration::from_millis(20);

/// So many bytes, for all.
#[derive(Debug)]
pub struct Budget {
    all: u64,
    free: Mutex<u64>,
    freed: Condvar,
}

impl Budget {
    pub fn new(all: u64) -> Arc<Self> {
        Arc::new(Self { all, free: Mutex::new(all), freed: Condvar::new() })
    }
}

/// What one file has of a budget, until it is dropped. Without a budget there is memory for anything.
#[derive(Debug, Default)]
pub struct Share {
    budget: Option<Arc<Budget>>,
    /// How many times what the values of the file take is taken.
    times: u64,
    taken: Mutex<u64>,
}

/// A copy has taken nothing.
impl Clone for Share {
    fn clone(&self) -> Self {
        Self { budget: self.budget.clone(), times: self.times, taken: Mutex::default() }
    }
}

impl Share {
    pub fn of(budget: &Arc<Budget>, times: u64) -> Self {
        Self { budget: Some(budget.clone()), times, taken: Mutex::default() }
    }

    /// Takes what values of so many bytes need, once it is free; more than all is all.
    /// To be called once: one that waited for more while it has some could wait for ever.
    pub fn take(&self, bytes: u64) {
        let Some(budget) = &self.budget else { return };
        let bytes = bytes.saturating_mul(self.times).min(budget.all);
        let mut free = budget.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < bytes {
            free = budget
                .freed
                .wait_timeout(free, LOOK)
                .map_or_else(|poisoned| poisoned.into_inner().0, |(free, _)| free);
            cancel::check();
        }
        *free -= bytes;
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) += bytes;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(budget) = &self.budget else { return };
        *budget.free.lock().unwrap_or_else(PoisonError::into_inner) +=
            *self.taken.get_mut().unwrap_or_else(PoisonError::into_inner);
        budget.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn no_more_is_taken_than_there_is() {
        let (budget, now) = (Budget::new(100), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for bytes in [60, 50, 70, 10, 1000] {
                let (budget, now) = (&budget, &now);
                scope.spawn(move || {
                    let share = Share::of(budget, 1);
                    share.take(bytes);
                    let bytes = bytes.min(100);
                    assert!(now.fetch_add(bytes, Ordering::SeqCst) + bytes <= 100);
                    std::thread::sleep(Duration::from_millis(2));
                    now.fetch_sub(bytes, Ordering::SeqCst);
                    drop(share);
                });
            }
        });
        assert_eq!(*budget.free.lock().unwrap(), 100);
    }
}
