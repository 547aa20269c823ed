//! graphrun

pub mod diagnostic;
pub mod op;
pub mod ops;
pub mod shape;
pub mod source;
pub mod sources;
pub mod syntax;
pub mod tensor;
