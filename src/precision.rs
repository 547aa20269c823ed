//! Number formats that kernels compute in and store: their spacing, their range, and rounding to
//! them.
//!
//! IEEE 754 for f64, f32 and f16; bfloat16 as f32 with 8 significant bits; TF32 with 11; the two
//! 8-bit formats of the Open Compute Project, OFP8, of which E4M3 has no infinity.

/// A binary floating-point format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precision {
    F64,
    F32,
    /// What tensor cores make of the factors of a product in f32.
    Tf32,
    F16,
    Bf16,
    /// 4 bits of exponent, 4 significant bits, no infinity.
    E4m3,
    /// 5 bits of exponent, 3 significant bits.
    E5m2,
}

impl Precision {
    /// From the finest to the coarsest.
    pub const ALL: [Self; 7] =
        [Self::F64, Self::F32, Self::Tf32, Self::F16, Self::Bf16, Self::E4m3, Self::E5m2];

    pub fn word(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
            Self::Tf32 => "tf32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::E4m3 => "fp8_e4m3",
            Self::E5m2 => "fp8_e5m2",
        }
    }

    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|precision| precision.word() == word)
    }

    /// Significant bits, and the exponents of the least normal and the greatest power of two.
    const fn form(self) -> (i32, i32, i32) {
        match self {
            Self::F64 => (53, -1022, 1023),
            Self::F32 => (24, -126, 127),
            Self::Tf32 => (11, -126, 127),
            Self::F16 => (11, -14, 15),
            Self::Bf16 => (8, -126, 127),
            Self::E4m3 => (4, -6, 8),
            Self::E5m2 => (3, -14, 15),
        }
    }

    /// The unit roundoff: a normal number is off by at most this part of itself.
    pub fn unit(self) -> f64 {
        power_of_two(-self.form().0)
    }

    /// The least positive number.
    pub fn least(self) -> f64 {
        let (bits, least, _) = self.form();
        // Of f64 it is a subnormal number itself.
        power_of_two(least) * power_of_two(1 - bits)
    }

    /// The least number with all significant bits.
    pub fn least_normal(self) -> f64 {
        power_of_two(self.form().1)
    }

    /// The greatest finite number.
    pub fn greatest(self) -> f64 {
        let (bits, _, most) = self.form();
        // The last pattern of E4M3 is a NaN.
        let below_two = if self == Self::E4m3 { 1.75 } else { 2.0 - power_of_two(1 - bits) };
        below_two * power_of_two(most)
    }

    /// The distance of the numbers next to `value`.
    pub fn ulp(self, value: f64) -> f64 {
        let (bits, least, _) = self.form();
        power_of_two(exponent(value).max(least)) * power_of_two(1 - bits)
    }

    /// The nearest number of the format, of two the even one; beyond the greatest an infinity.
    pub fn round(self, value: f64) -> f64 {
        if self == Self::F64 || !value.is_finite() || value == 0.0 {
            return value;
        }
        let spacing = self.ulp(value);
        let rounded = (value / spacing).round_ties_even() * spacing;
        if rounded.abs() > self.greatest() { f64::INFINITY.copysign(value) } else { rounded }
    }

    /// The shortest decimal that is rounded to a number of the format, as an f64.
    pub fn shortest(self, value: f64) -> f64 {
        if self == Self::F64 || !value.is_finite() || value == 0.0 {
            return value;
        }
        let is_it = |short: &f64| self.round(*short) == value;
        let digits = |digits: usize| format!("{value:.digits$e}").parse().unwrap_or(value);
        (0..9).map(digits).find(is_it).unwrap_or(value)
    }
}

/// 2 to a power, 0 below the least one of f64.
fn power_of_two(exponent: i32) -> f64 {
    match exponent {
        -1022.. => f64::from_bits(((exponent + 1023) as u64) << 52),
        -1074..-1022 => f64::from_bits(1 << (exponent + 1074)),
        _ => 0.0,
    }
}

/// The exponent of the greatest power of two that is no greater than the size of `value`.
fn exponent(value: f64) -> i32 {
    match (value.to_bits() >> 52 & 0x7ff) as i32 {
        0 => -1023,
        biased => biased - 1023,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use half::{bf16, f16};
    use proptest::prelude::*;

    #[test]
    fn formats_are_what_their_standards_say() {
        assert_eq!(Precision::F16.greatest(), 65504.0);
        assert_eq!(Precision::E4m3.greatest(), 448.0);
        assert_eq!(Precision::E5m2.greatest(), 57344.0);
        assert_eq!(Precision::F32.greatest(), f64::from(f32::MAX));
        assert_eq!(Precision::F64.greatest(), f64::MAX);
        assert_eq!(Precision::Bf16.greatest(), f64::from(bf16::MAX));
        assert_eq!(Precision::F32.least(), f64::from(f32::from_bits(1)));
        assert_eq!(Precision::F64.least(), f64::from_bits(1));
        assert_eq!(Precision::E4m3.least(), 2f64.powi(-9));
        assert_eq!(Precision::F16.least_normal(), f64::from(f16::MIN_POSITIVE));
        assert_eq!(
            [1.0, 1.5, 2.0, 0.0].map(|x| Precision::F32.ulp(x)),
            [2f64.powi(-23), 2f64.powi(-23), 2f64.powi(-22), 2f64.powi(-149)]
        );
        for precision in Precision::ALL {
            assert_eq!(Precision::named(precision.word()), Some(precision));
            for exact in [precision.greatest(), precision.least(), -precision.least_normal(), -0.0] {
                assert_eq!(precision.round(exact).to_bits(), exact.to_bits(), "{}", precision.word());
            }
            assert!(precision.round(f64::NAN).is_nan());
        }
        assert_eq!(Precision::F16.round(65520.0), f64::INFINITY);
        assert_eq!(Precision::F16.round(-65519.0), -65504.0);
        // Just above the middle of two numbers, which a step through f32 would make the middle.
        assert_eq!(Precision::F16.round(1.0 + 2f64.powi(-11) + 2f64.powi(-50)), 1.0 + 2f64.powi(-10));
    }

    proptest! {
        #[test]
        fn rounding_is_that_of_the_types(bits: u64, near in -30f64..30.0) {
            for value in [f64::from_bits(bits), near.exp2(), -near] {
                let same = |own: f64, other: f64| own.to_bits() == other.to_bits() || own.is_nan() && other.is_nan();
                prop_assert!(same(Precision::F32.round(value), f64::from(value as f32)), "{value:e}");
                // `half` rounds f64 twice on some machines, f32 once on all.
                let single = value as f32;
                let narrow = |precision: Precision| precision.round(f64::from(single));
                prop_assert!(same(narrow(Precision::F16), f64::from(f16::from_f32(single))), "{single:e}");
                prop_assert!(same(narrow(Precision::Bf16), f64::from(bf16::from_f32(single))), "{single:e}");
                for precision in Precision::ALL.into_iter().filter(|_| value.is_finite()) {
                    let rounded = precision.round(value);
                    prop_assert!(same(precision.round(rounded), rounded));
                    let allowed = precision.unit() * value.abs() + precision.least() / 2.0;
                    prop_assert!(rounded.is_infinite() || (rounded - value).abs() <= allowed);
                }
            }
        }
    }
}
