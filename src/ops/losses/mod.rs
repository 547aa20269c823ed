//! Losses, and how many answers are right.

pub mod accuracy;
pub mod cross_entropy;
pub mod huber_loss;
pub mod sigmoid_loss;
pub mod softmax_loss;
pub mod squared_error;
