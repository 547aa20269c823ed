//! Loops over elements in one place: with vector units, in blocks, by threads, or compiled once for all functions.

pub mod decision;
pub mod elementwise;
pub mod light;
pub mod meeting;
pub mod scalar_batch;
pub mod strips;
pub mod vector;
