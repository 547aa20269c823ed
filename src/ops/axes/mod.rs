//! Along axes: sums and their like, what is greatest, order, softmax.

pub mod argmax;
pub mod argmin;
pub mod argsort;
pub mod cumprod;
pub mod cumsum;
pub mod log_softmax;
pub mod logsumexp;
pub mod max;
pub mod mean;
pub mod min;
pub mod norm;
pub mod prod;
pub mod softmax;
pub mod sort;
pub mod std;
pub mod sum;
pub mod var;
