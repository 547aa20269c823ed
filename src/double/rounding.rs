//! Whole numbers, and the rest of a division.

use super::Double;

impl Double {
    /// The greatest whole number that is not above it.
    pub fn floor(self) -> Self {
        self.rounded(f64::floor)
    }

    /// The least whole number that is not below it.
    pub fn ceil(self) -> Self {
        self.rounded(f64::ceil)
    }

    /// The nearest whole number; of two, the even one.
    pub fn round(self) -> Self {
        let near = self.hi.round_ties_even();
        if (self.hi - near).abs() == 0.5 && self.lo != 0.0 {
            // The low part says to which side of the middle it lies.
            return Self::from(if self.lo > 0.0 { self.hi + 0.5 } else { self.hi - 0.5 });
        }
        // Where the high part is whole and ends in a half of the low part's, it is even.
        self.rounded(f64::round_ties_even)
    }

    fn rounded(self, round: fn(f64) -> f64) -> Self {
        let whole = round(self.hi);
        match whole == self.hi && self.lo != 0.0 {
            true => Self::new(whole, round(self.lo)),
            false => Self::from(whole),
        }
    }

    /// What a division leaves, between 0 and the divisor and with its sign; exact for numbers of one part.
    pub fn modulo(self, divisor: Self) -> Self {
        let rest = if self.lo == 0.0 && divisor.lo == 0.0 || !self.is_finite() || !divisor.is_finite() {
            Self::from(self.hi % divisor.hi)
        } else {
            self - (self / divisor).floor() * divisor
        };
        let zero = Self::from(0.0);
        if rest.hi == 0.0 {
            return zero.flipped(divisor.hi);
        }
        let wrong_side = (rest < zero) != (divisor < zero);
        if wrong_side {
            return rest + divisor;
        }
        // The quotient may have been rounded over a whole number.
        if rest.abs() >= divisor.abs() { rest - divisor } else { rest }
    }

    /// How often a divisor goes into it, a whole number: what [`Self::modulo`] has left out.
    pub fn floor_quotient(self, divisor: Self) -> Self {
        ((self - self.modulo(divisor)) / divisor).round()
    }

    /// The logarithm to the base 2.
    pub fn log2(self) -> Self {
        self.ln() / super::LN_2
    }
}
