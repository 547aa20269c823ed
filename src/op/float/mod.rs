//! The number types that forward and backward are written over.

mod double;
mod product;
mod real;

use crate::double::Double;
use ndarray::{ArrayView2, ArrayViewMut2, LinalgScalar};
use std::ops::{AddAssign, Neg, SubAssign};

/// A real number type of the engine.
pub trait Float:
    LinalgScalar + PartialOrd + Neg<Output = Self> + AddAssign + SubAssign + Send + Sync + std::fmt::Debug
{
    /// A function takes so long that a block of numbers is worth gathering for it.
    const IN_BLOCKS: bool = false;

    fn from_f64(value: f64) -> Self;
    /// The nearest f64.
    fn to_f64(self) -> f64;
    fn exp(self) -> Self;
    /// [`Self::exp`] of each.
    #[inline(always)]
    fn exp_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        for at in 0..B {
            y[at] = x[at].exp();
        }
    }
    /// [`Self::exp`] of each.
    fn exp_each(x: &mut [Self]) {
        x.iter_mut().for_each(|x| *x = x.exp());
    }
    fn ln(self) -> Self;
    /// [`Self::ln`] of each.
    fn ln_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = x.ln();
        }
    }
    /// ln(1 + x), exact for small x.
    fn ln_1p(self) -> Self;
    /// [`Self::ln_1p`] of each.
    #[inline(always)]
    fn ln_1p_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        for at in 0..B {
            y[at] = x[at].ln_1p();
        }
    }
    fn sqrt(self) -> Self;
    fn sin(self) -> Self;
    /// [`Self::sin`] of each.
    fn sin_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = x.sin();
        }
    }
    fn cos(self) -> Self;
    /// [`Self::cos`] of each.
    fn cos_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = x.cos();
        }
    }
    fn tanh(self) -> Self;
    /// [`Self::tanh`] of each.
    #[inline(always)]
    fn tanh_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        for at in 0..B {
            y[at] = x[at].tanh();
        }
    }
    fn powf(self, exponent: Self) -> Self;
    /// [`Self::powf`] of each.
    fn powf_block<const B: usize>(base: &[Self; B], exponent: &[Self; B], power: &mut [Self; B]) {
        for (at, power) in power.iter_mut().enumerate() {
            *power = base[at].powf(exponent[at]);
        }
    }
    /// A function of double-double numbers, rounded to this type: for functions that are seldom called.
    fn by_double<const N: usize>(x: [Self; N], function: fn([Double; N]) -> Double) -> Self;
    /// `c = a·b + beta·c`, each element summed in the same order whatever the
    /// sizes of the matrices.
    fn matmul(a: ArrayView2<Self>, b: ArrayView2<Self>, beta: Self, c: &mut ArrayViewMut2<Self>);

    /// |x|, with the sign taken off from -0 too.
    fn abs(self) -> Self {
        if self.to_f64().is_sign_negative() { -self } else { self }
    }
}
