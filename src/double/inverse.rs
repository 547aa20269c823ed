//! The tangent, and the inverses of sine, cosine and tangent.

use super::{
    Double,
    parts::{self, power_of_2},
};

/// π/2.
const QUARTER: Double = Double { hi: std::f64::consts::FRAC_PI_2, lo: 6.123233995736766e-17 };

/// arctan(k/16), from k = 0 on, in two parts.
const CENTRES: [[f64; 2]; 17] = [
    [0.0, 0.0],
    [0.06241880999595735, -1.5490756308295046e-18],
    [0.12435499454676144, -3.1253241424539383e-18],
    [0.18534794999569476, 4.180692268843079e-18],
    [0.24497866312686414, 1.0698755618734451e-17],
    [0.3028848683749714, -1.1010827903001369e-17],
    [0.35877067027057225, -2.4623815582638635e-17],
    [0.4124104415973873, -1.587652227770689e-17],
    [0.4636476090008061, 2.2698777452961687e-17],
    [0.5123894603107377, -2.5462781472855804e-17],
    [0.5585993153435624, -5.4556305485916264e-18],
    [0.6022873461349642, 2.950430737228402e-17],
    [0.6435011087932844, 1.5834785051444286e-17],
    [0.6823165548747481, 6.943223671560008e-18],
    [0.7188299996216245, -2.1478388444456983e-17],
    [0.7531512809621944, -2.4256934659182068e-17],
    [std::f64::consts::FRAC_PI_4, 3.061616997868383e-17],
];

/// (−1)ⁿ/(2n + 1) in two parts, from n = 1 on.
const FACTORS: [[f64; 2]; 11] = [
    [-0.3333333333333333, -1.850371707708594e-17],
    [0.2, -1.1102230246251566e-17],
    [-0.14285714285714285, -7.93016446160826e-18],
    [0.1111111111111111, 6.1679056923619804e-18],
    [-0.09090909090909091, 2.523234146875356e-18],
    [0.07692307692307693, -4.270088556250602e-18],
    [-0.06666666666666667, -9.251858538542971e-19],
    [0.058823529411764705, 8.163404592832033e-19],
    [-0.05263157894736842, -2.921639538487254e-18],
    [0.047619047619047616, 2.64338815386942e-18],
    [-0.043478260869565216, -1.206764157201257e-18],
];

/// Below this size x³ is no matter beside x.
const TINY: f64 = power_of_2(-55.0);

impl Double {
    /// The tangent, within 10⁻³⁰ of it for all finite angles.
    pub fn tan(self) -> Self {
        if self.hi.abs() < TINY { self } else { self.sin() / self.cos() }
    }

    /// The inverse of the tangent, from −π/2 to π/2, within 10⁻³⁰ of it.
    pub fn atan(self) -> Self {
        let size = self.abs();
        if size.hi < TINY {
            return self;
        }
        let y =
            if size.hi <= 1.0 { size.atan_to_1() } else { QUARTER - (Self::from(1.0) / size).atan_to_1() };
        y.flipped(self.hi)
    }

    /// The inverse of the tangent from 0 to 1: Taylor's series of what is left beside the nearest k/16.
    fn atan_to_1(self) -> Self {
        let k = (self.hi * 16.0).round_ties_even();
        let centre = Self::from(k / 16.0);
        let t = match k == 0.0 {
            true => self,
            false => (self - centre) / (Self::from(1.0) + centre * self),
        };
        let square = parts::multiply(t.pair(), t.pair());
        let mut sum = (0.0, 0.0);
        for factor in FACTORS.into_iter().rev() {
            sum = parts::step(factor, square, sum);
        }
        let [hi, lo] = CENTRES[(k as usize).min(CENTRES.len() - 1)];
        let rest = Self::new(sum.0, sum.1) * Self::new(square.0, square.1);
        Self { hi, lo } + (t + t * rest)
    }

    /// The inverse of the sine, within 10⁻³⁰ of it. Beyond 1 it is NaN.
    pub fn asin(self) -> Self {
        if self.hi.abs() < TINY {
            return self;
        }
        let one = Self::from(1.0);
        (self / ((one - self) * (one + self)).sqrt()).atan()
    }

    /// The inverse of the cosine, from 0 to π, within 10⁻³⁰ of it. Beyond 1 it is NaN.
    pub fn acos(self) -> Self {
        let one = Self::from(1.0);
        ((one - self) / (one + self)).sqrt().atan().scaled(1)
    }
}
