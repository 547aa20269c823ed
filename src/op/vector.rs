//! Loops compiled for every vector unit that the machine may have.

use pulp::{Arch, Simd, WithSimd};
use std::sync::LazyLock;

/// A loop that is worth a vector unit.
pub trait Loop {
    type Output;

    /// Must be inlined, as all that it calls, or it is compiled for none of them.
    fn run(self) -> Self::Output;
}

/// Runs a loop on the widest vector unit of this machine. Which one that is does
/// not show in the numbers: nothing is summed in another order or fused.
#[inline]
pub fn run<L: Loop>(work: L) -> L::Output {
    static HERE: LazyLock<Arch> = LazyLock::new(Arch::new);
    HERE.dispatch(Vectorized(work))
}

struct Vectorized<L>(L);

impl<L: Loop> WithSimd for Vectorized<L> {
    type Output = L::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> L::Output {
        self.0.run()
    }
}
