//! Loops compiled for every vector unit that the machine may have.
//!
//! A build with debug assertions, such as that of the tests, compiles each loop once: it
//! gives the same bits, and a third of the code.

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
    #[cfg(debug_assertions)]
    return work.run();
    #[cfg(not(debug_assertions))]
    dispatch::run(work)
}

#[cfg(not(debug_assertions))]
mod dispatch {
    use super::Loop;
    use pulp::{Arch, Simd, WithSimd};
    use std::sync::LazyLock;

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
}
