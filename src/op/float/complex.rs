//! Complex numbers, for the complex step.

use super::Float;
use crate::op::elementary;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, linalg::general_mat_mul};
use num_traits::{One, Zero};
use std::{
    cmp::Ordering,
    ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign},
};

/// A complex number for the complex step: with an imaginary part of some 1e-40
/// its real part is, to the bit, what the f64 run computes.
///
/// That is why the functions here are not the textbook's: each is an identity
/// whose real part is the real function of the real part, so long as the square
/// of the imaginary part vanishes beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Complex {
    pub re: f64,
    pub im: f64,
}

impl Complex {
    pub fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }
}

impl PartialOrd for Complex {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.re.partial_cmp(&other.re)
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        // Without −im·im: it vanishes beside any product but 0, and must there too.
        Self::new(self.re * other.re, self.re * other.im + self.im * other.re)
    }
}

impl Div for Complex {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        // (a + ib)/(c + id) = q + i(b − qd)/c up to (d/c)², with q = a/c.
        let q = self.re / other.re;
        Self::new(q, (self.im - q * other.im) / other.re)
    }
}

impl Neg for Complex {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.re, -self.im)
    }
}

impl AddAssign for Complex {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Complex {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Zero for Complex {
    fn zero() -> Self {
        Self::new(0.0, 0.0)
    }
    fn is_zero(&self) -> bool {
        self.re == 0.0 && self.im == 0.0
    }
}

impl One for Complex {
    fn one() -> Self {
        Self::new(1.0, 0.0)
    }
}

impl Float for Complex {
    fn from_f64(value: f64) -> Self {
        Self::new(value, 0.0)
    }

    fn to_f64(self) -> f64 {
        self.re
    }

    fn exp(self) -> Self {
        let size = elementary::exp(self.re);
        Self::new(size * elementary::cos(self.im), size * elementary::sin(self.im))
    }

    fn ln(self) -> Self {
        Self::new(elementary::ln(self.re), self.im / self.re)
    }

    fn ln_1p(self) -> Self {
        Self::new(elementary::ln_1p(self.re), self.im / (1.0 + self.re))
    }

    fn sqrt(self) -> Self {
        // Of the two equations of a square root this one, 2·re·im = b, does not cancel.
        let re = self.re.sqrt();
        let im = if self.im == 0.0 { 0.0 } else { self.im / (2.0 * re) };
        Self::new(re, im)
    }

    fn sin(self) -> Self {
        let (sin, cos) = (elementary::sin(self.re), elementary::cos(self.re));
        Self::new(sin * self.im.cosh(), cos * self.im.sinh())
    }

    fn cos(self) -> Self {
        let (sin, cos) = (elementary::sin(self.re), elementary::cos(self.re));
        Self::new(cos * self.im.cosh(), -sin * self.im.sinh())
    }

    fn tanh(self) -> Self {
        // (t + iu)/(1 + itu) with t = tanh re, u = tan im; 1 − t² as 1/cosh².
        let cosh = self.re.cosh();
        Self::new(elementary::tanh(self.re), self.im.tan() / cosh / cosh)
    }

    fn powf(self, exponent: Self) -> Self {
        // z^w = |z|^c · exp(i(d·ln|z| + c·arg z)) with w = c + id.
        let re = elementary::pow(self.re, exponent.re);
        // A part that does not move brings nothing, however steep the slope; and
        // 0^c stays 0 as c moves to the right.
        let by_base = match (exponent.re, self.im) {
            (0.0, _) | (_, 0.0) => 0.0,
            (c, im) => c * elementary::pow(self.re, c - 1.0) * im,
        };
        let by_exponent = match exponent.im {
            d if d == 0.0 || re == 0.0 || (self.re == 0.0 && exponent.re == 0.0) => 0.0,
            d => re * elementary::ln(self.re) * d,
        };
        Self::new(re, by_base + by_exponent)
    }

    fn matmul(a: ArrayView2<Self>, b: ArrayView2<Self>, beta: Self, c: &mut ArrayViewMut2<Self>) {
        // Real products by the real kernel: the same order of summation, hence
        // the same bits.
        let parts = |m: &ArrayView2<Self>| (m.mapv(|z| z.re), m.mapv(|z| z.im));
        let ((a_re, a_im), (b_re, b_im)) = (parts(&a), parts(&b));
        let mut re: Array2<f64> = c.mapv(|z| z.re);
        let mut im: Array2<f64> = c.mapv(|z| z.im);
        general_mat_mul(1.0, &a_re, &b_re, beta.re, &mut re);
        general_mat_mul(1.0, &a_re, &b_im, beta.re, &mut im);
        general_mat_mul(1.0, &a_im, &b_re, 1.0, &mut im);
        ndarray::Zip::from(c).and(&re).and(&im).for_each(|z, &re, &im| *z = Self::new(re, im));
    }
}
