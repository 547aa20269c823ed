//! What ops that move or choose elements share.

pub mod indexed;
pub mod joined;
pub mod rearrange;
pub mod sides;
pub mod strided;
