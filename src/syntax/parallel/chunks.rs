//! Long lists of texts, read in chunks side by side.
//!
//! What is read is the same for any number of threads: chunks keep their order,
//! and no text looks at another one.

use rayon::prelude::*;

/// So many texts take some milliseconds: enough to be worth a thread.
const CHUNK: usize = 1024;

/// What `read` makes of each chunk of a list, in order. A short list is read at
/// once, without waking any thread.
pub(in crate::syntax) fn in_chunks<T: Sync, R: Send>(list: &[T], read: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    match list.len() {
        0..=CHUNK => vec![read(list)],
        _ => list.par_chunks(CHUNK).map(&read).collect(),
    }
}
