//! The hyperbolic functions and their inverses, the tangent hyperbolicus apart.

use super::{Double, LN_2, parts::power_of_2};

/// Below this size x³ is no matter beside x.
const TINY: f64 = power_of_2(-55.0);

/// From this size on 1 is no matter beside x², nor e⁻ˣ beside eˣ.
const LARGE: f64 = power_of_2(60.0);

impl Double {
    /// The hyperbolic sine, within 10⁻³⁰ of it.
    pub fn sinh(self) -> Self {
        let size = self.abs();
        if size.hi < TINY {
            return self;
        }
        let y = if size.hi < 40.0 {
            let m = size.exp_m1();
            (m + m / (m + Self::from(1.0))).halved()
        } else {
            size.half_of_exp()
        };
        y.flipped(self.hi)
    }

    /// The hyperbolic cosine, within 10⁻³⁰ of it.
    pub fn cosh(self) -> Self {
        let size = self.abs();
        if size.hi < 40.0 {
            let e = size.exp();
            return (e + Self::from(1.0) / e).halved();
        }
        size.half_of_exp()
    }

    /// eˣ/2, which overflows later than eˣ does.
    fn half_of_exp(self) -> Self {
        let root = self.halved().exp();
        root.halved() * root
    }

    /// The inverse of [`Self::sinh`], within 10⁻³⁰ of it.
    pub fn asinh(self) -> Self {
        let size = self.abs();
        if size.hi < TINY {
            return self;
        }
        let y = if size.hi < LARGE {
            let square = size * size;
            (size + square / (Self::from(1.0) + (Self::from(1.0) + square).sqrt())).ln_1p()
        } else {
            size.ln() + LN_2
        };
        y.flipped(self.hi)
    }

    /// The inverse of [`Self::cosh`], within 10⁻³⁰ of it. Of numbers below 1 it is NaN.
    pub fn acosh(self) -> Self {
        if self.hi >= LARGE {
            return self.ln() + LN_2;
        }
        let above = self - Self::from(1.0);
        (above + (above * (above + Self::from(2.0))).sqrt()).ln_1p()
    }

    /// The inverse of [`Self::tanh`], within 10⁻³⁰ of it. Of 1 it is ∞, of greater numbers NaN.
    pub fn atanh(self) -> Self {
        let size = self.abs();
        if size.hi < TINY {
            return self;
        }
        let y = ((size + size) / (Self::from(1.0) - size)).ln_1p().halved();
        y.flipped(self.hi)
    }

    /// Half of it, exactly where the low part is not subnormal.
    fn halved(self) -> Self {
        self.scaled(-1)
    }
}
