//! NumPy's `RandomState`.

/// placeholder
#[derive(Debug)]
pub struct RandomState;
impl RandomState {
    pub fn new(_seed: u32) -> Self {
        Self
    }
}
