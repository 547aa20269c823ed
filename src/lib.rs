//! graphrun

pub mod compare;
pub mod diagnostic;
pub mod engine;
pub mod graph;
pub mod op;
pub mod ops;
pub mod plan;
pub mod shape;
pub mod source;
pub mod sources;
pub mod syntax;
pub mod tensor;
