//! Windows over images: convolutions and pooling.

pub mod avg_pool;
pub mod conv;
pub mod conv_transpose;
pub mod fold;
pub mod max_pool;
pub mod unfold;
