//! What products share: matrices, windows, index equations.

pub mod convolution;
pub mod equation;
pub mod matrix;
mod plane;
pub mod pool;
pub mod windows;
