//! The error function.

use super::{
    Double,
    parts::{self, power_of_2},
};

/// 2/√π.
const TWO_OVER_ROOT_PI: Double = Double { hi: std::f64::consts::FRAC_2_SQRT_PI, lo: 1.533545961316588e-17 };

/// Up to here the series is summed, and from here on the continued fraction.
const SERIES: f64 = 2.5;

/// From here on the error function is 1 to all digits.
const FAR: f64 = 9.0;

impl Double {
    /// The error function, 2/√π·∫ exp(−t²) from 0 to x, within 10⁻³⁰ of it, near 0 too.
    pub fn erf(self) -> Self {
        let size = self.abs();
        let y = if size.hi < power_of_2(-55.0) {
            size * TWO_OVER_ROOT_PI
        } else if size.hi < SERIES {
            size.erf_by_series()
        } else if size.hi < FAR {
            Self::from(1.0) - size.erfc_by_fraction()
        } else if size.hi >= FAR {
            Self::from(1.0)
        } else {
            self
        };
        y.flipped(self.hi)
    }

    /// The slope of [`Self::erf`], 2/√π·exp(−x²).
    pub fn erf_slope(self) -> Self {
        TWO_OVER_ROOT_PI * (-(self * self)).exp()
    }

    /// 2/√π·exp(−x²)·Σ x·(2x²)ⁿ/(1·3·…·(2n + 1)), whose terms are all positive (M. Abramowitz &
    /// I. A. Stegun, Handbook of Mathematical Functions, 7.1.6).
    fn erf_by_series(self) -> Self {
        let square = self * self;
        let twice = parts::times(square.pair(), 2.0);
        let (mut term, mut sum) = (self.pair(), self.pair());
        let mut odd = 1.0;
        while term.0 > sum.0 * power_of_2(-110.0) {
            odd += 2.0;
            term = parts::divide(parts::multiply(term, twice), (odd, 0.0));
            sum = parts::add(sum, term);
        }
        TWO_OVER_ROOT_PI * (-square).exp() * Self::new(sum.0, sum.1)
    }

    /// 1 − erf(x) as exp(−x²)/√π / (x + ½/(x + 1/(x + 1½/(x + …)))) (likewise, 7.1.14), good enough to be
    /// taken from 1.
    fn erfc_by_fraction(self) -> Self {
        let x = self.pair();
        // As many as leave 2⁻¹¹², counted for x from 2½ to 9.
        let mut fraction = x;
        for k in (1..=(760.0 / (x.0 * x.0)) as u32 + 4).rev() {
            fraction = parts::add(x, parts::divide((0.5 * f64::from(k), 0.0), fraction));
        }
        TWO_OVER_ROOT_PI.scaled(-1) * (-(self * self)).exp() / Self::new(fraction.0, fraction.1)
    }
}
