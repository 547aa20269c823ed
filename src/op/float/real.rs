//! `f64`, and `f32` with its functions computed in `f64`.

use super::{Float, product};
use crate::{
    double::Double,
    op::{
        elementary::{self, block},
        vector,
    },
};
use ndarray::{ArrayView2, ArrayViewMut2, linalg::general_mat_mul};

/// A product of so many multiplications is worth a thread.
const WORTH_A_THREAD: usize = 1 << 19;

macro_rules! real {
    ($($real:ident),*) => {$(
        impl Float for $real {
            fn from_f64(value: f64) -> Self { value as $real }
            #[inline(always)]
            fn to_f64(self) -> f64 { self as f64 }
            #[inline(always)]
            fn exp(self) -> Self { elementary::exp(self as f64) as $real }
            fn exp_each(x: &mut [Self]) { vector::run(ExpEach(x)) }
            #[inline(always)]
            fn ln(self) -> Self { elementary::ln(self as f64) as $real }
            #[inline(always)]
            fn ln_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) { block::ln(x, y) }
            #[inline(always)]
            fn ln_1p(self) -> Self { elementary::ln_1p(self as f64) as $real }
            #[inline(always)]
            fn sqrt(self) -> Self { $real::sqrt(self) }
            #[inline(always)]
            fn sin(self) -> Self { elementary::sin(self as f64) as $real }
            #[inline(always)]
            fn sin_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) { block::sin(x, y) }
            #[inline(always)]
            fn cos(self) -> Self { elementary::cos(self as f64) as $real }
            #[inline(always)]
            fn cos_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) { block::cos(x, y) }
            #[inline(always)]
            fn tanh(self) -> Self { elementary::tanh(self as f64) as $real }
            #[inline(always)]
            fn powf(self, exponent: Self) -> Self { elementary::pow(self as f64, exponent as f64) as $real }
            #[inline(always)]
            fn powf_block<const B: usize>(base: &[Self; B], exponent: &[Self; B], power: &mut [Self; B]) {
                block::pow(base, exponent, power)
            }
            fn by_double<const N: usize>(x: [Self; N], function: fn([Double; N]) -> Double) -> Self {
                function(x.map(|x| Double::from(x as f64))).to_f64() as $real
            }
            fn matmul(a: ArrayView2<Self>, b: ArrayView2<Self>, beta: Self, c: &mut ArrayViewMut2<Self>) {
                let whole = |a: ArrayView2<Self>, b: ArrayView2<Self>, c: &mut ArrayViewMut2<Self>| {
                    general_mat_mul(1.0, &a, &b, beta, c);
                };
                product::shared(a, b, c.view_mut(), WORTH_A_THREAD, &whole);
            }
        }
    )*};
}

real!(f64, f32);

struct ExpEach<'a, F>(&'a mut [F]);

impl<F: Float> vector::Loop for ExpEach<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.0.iter_mut().for_each(|x| *x = x.exp());
    }
}
