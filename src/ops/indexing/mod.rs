//! Places that ints name.

pub mod gather;
pub mod one_hot;
pub mod scatter_add;
pub mod take;
