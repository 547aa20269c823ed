//! Products of matrices and of more.

pub mod affine;
pub mod einsum;
pub mod matmul;
