//! What ops along axes share: groups of elements, sums, vectors, rows with labels.

pub mod along;
pub mod averaging;
pub mod groups;
pub mod normalizer;
pub mod pairwise;
pub mod reduce;
pub mod targets;
