//! The four operations and the square root.

use super::{
    Double,
    parts::{self, Pair},
};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

impl Neg for Double {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

impl Add for Double {
    type Output = Self;

    /// Within 3·2⁻¹⁰⁶ of the sum, however much cancels (AccurateDWPlusDW of Joldes, Muller &
    /// Popescu 2017).
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // The pair is NaN too where only the low parts bring it beyond the greatest number: twice the
        // plain sum is so as well, and where that is a zero, it stays the same.
        Self::guarded(parts::add(self.pair(), other.pair()), 2.0 * (self.hi + other.hi))
    }
}

impl Sub for Double {
    type Output = Self;

    /// Within 3·2⁻¹⁰⁶ of the difference, as the sum.
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Double {
    type Output = Self;

    /// Within 5·2⁻¹⁰⁶ of the product (DWTimesDW1 of Joldes, Muller & Popescu 2017), or within some
    /// 2⁻¹⁰⁷⁴ where its low part is subnormal. The same in either order.
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::guarded(parts::multiply(self.pair(), other.pair()), self.hi * other.hi)
    }
}

impl Div for Double {
    type Output = Self;

    /// Within 11·2⁻¹⁰⁶ of the quotient (DWDivDW2 of Joldes, Muller & Popescu 2017, see
    /// `parts::divide`), or within some 2⁻¹⁰⁷⁴ where its low part is subnormal.
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // So that remainders neither overflow nor get lost below 2⁻¹⁰⁷⁴.
        let (over, over_root) = centred(self.pair());
        let (under, under_root) = centred(other.pair());
        let quotient = Self::guarded(parts::divide(over, under), over.0 / under.0);
        // The quotient of the roots twice, as the square may be no number.
        let factor = under_root / over_root;
        Self::settled(parts::times(parts::times(quotient.pair(), factor), factor))
    }
}

/// A pair, if need be times a power of 2 that brings its size between 2⁻⁴⁷⁴ and 2⁴²⁴, and the
/// square root of that power.
#[inline(always)]
fn centred(a: Pair) -> (Pair, f64) {
    const ROOT: f64 = parts::power_of_2(300.0);
    let size = a.0.abs();
    let root = if size < parts::power_of_2(-400.0) { ROOT } else { 1.0 };
    let root = if size > parts::power_of_2(400.0) { 1.0 / ROOT } else { root };
    (parts::times(a, root * root), root)
}

impl AddAssign for Double {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Double {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for Double {
    #[inline(always)]
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl DivAssign for Double {
    #[inline(always)]
    fn div_assign(&mut self, other: Self) {
        *self = *self / other;
    }
}

impl Double {
    /// The square root, within 25/8·2⁻¹⁰⁶ of it for any number from 2⁻¹⁰⁷⁴ on (SQRTDWtoDW of
    /// Lefèvre, Louvet, Muller, Picot & Rideau 2023). Of −0 it is −0, of numbers below NaN.
    #[inline(always)]
    pub fn sqrt(self) -> Self {
        // So that the remainder is not lost below 2⁻¹⁰⁷⁴.
        let is_small = self.hi < parts::power_of_2(-400.0);
        let (factor, back) =
            if is_small { (parts::power_of_2(600.0), parts::power_of_2(-300.0)) } else { (1.0, 1.0) };
        let (hi, lo) = parts::times(self.pair(), factor);
        let root = hi.sqrt();
        let remainder = (-root).mul_add(root, hi) + lo;
        let pair = parts::fast_two_sum(root, remainder / (2.0 * root));
        Self::guarded(parts::times(Self::guarded(pair, root).pair(), back), root * back)
    }
}
