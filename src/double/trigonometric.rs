//! The sine and the cosine.

use super::{
    Double,
    parts::{self, Pair, fast_two_sum},
    quarters::{Angle, FAR},
};

/// (−1)ⁿ/(2n + 1)! and (−1)ⁿ/(2n)! from n = 1 on, in two parts: the factors of the sine and those of
/// the cosine.
const FACTORS: [[[f64; 2]; 2]; 8] = [
    [[-0.16666666666666666, -9.25185853854297e-18], [-0.5, 0.0]],
    [[0.008333333333333333, 1.1564823173178714e-19], [0.041666666666666664, 2.3129646346357427e-18]],
    [[-0.0001984126984126984, -1.7209558293420705e-22], [-0.001388888888888889, 5.300543954373577e-20]],
    [[2.7557319223985893e-06, -1.858393274046472e-22], [2.48015873015873e-05, 2.1511947866775882e-23]],
    [[-2.505210838544172e-08, 1.448814070935912e-24], [-2.755731922398589e-07, -2.3767714622250297e-23]],
    [[1.6059043836821613e-10, 1.2585294588752098e-26], [2.08767569878681e-09, -1.20734505911326e-25]],
    [[-7.647163731819816e-13, -7.03872877733453e-30], [-1.1470745597729725e-11, -2.0655512752830745e-28]],
    [[2.8114572543455206e-15, 1.6508842730861433e-31], [4.779477332387385e-14, 4.399205485834081e-31]],
];

/// The factors from n = 9 on, where the sum needs no more than `f64`.
const LAST_FACTORS: [[f64; 2]; 6] = [
    [-8.22063524662433e-18, -1.5619206968586225e-16],
    [1.9572941063391263e-20, 4.110317623312165e-19],
    [-3.868170170630684e-23, -8.896791392450574e-22],
    [6.446950284384474e-26, 1.6117375710961184e-24],
    [-9.183689863795546e-29, -2.4795962632247976e-27],
    [1.1309962886447716e-31, 3.279889237069838e-30],
];

impl Double {
    /// Below this size of angles [`Self::sin_near`] and [`Self::cos_near`] do.
    pub const FAR: f64 = FAR;

    /// The sine, within 10⁻³¹ of it for all finite angles, next to its zeros too. Of an infinity
    /// it is NaN.
    #[inline(always)]
    pub fn sin(self) -> Self {
        if self.is_far() { sin_after(0, Angle::far(self.pair())) } else { self.sin_near() }
    }

    /// The cosine, as good as [`Self::sin`].
    #[inline(always)]
    pub fn cos(self) -> Self {
        if self.is_far() { sin_after(1, Angle::far(self.pair())) } else { self.cos_near() }
    }

    /// The sine of an angle below [`Self::FAR`], without a branch.
    #[inline(always)]
    pub fn sin_near(self) -> Self {
        let y = sin_after(0, Angle::near(self.pair()));
        // Of a zero, the sign too.
        Self::select(self.hi == 0.0, self, y)
    }

    /// The cosine of an angle below [`Self::FAR`], without a branch.
    #[inline(always)]
    pub fn cos_near(self) -> Self {
        sin_after(1, Angle::near(self.pair()))
    }

    /// An angle that takes a way of its own, which keeps loops off vector units. Such are rare.
    #[inline(always)]
    fn is_far(self) -> bool {
        self.hi.abs() >= FAR || self.hi.is_nan()
    }
}

/// The sine of an angle and so many quarters of a turn.
///
/// Taylor's series as r + r·s or 1 + s with s = r²·P(r²), where the factors of P are chosen without a
/// branch, as one would be told wrong half the time.
#[inline(always)]
fn sin_after(quarters: u64, angle: Angle) -> Double {
    let quarters = angle.quarters.wrapping_add(quarters);
    let (odd, r) = ((quarters & 1).wrapping_neg(), angle.rest);
    let choose = |sin: f64, cos: f64| f64::from_bits(sin.to_bits() & !odd | cos.to_bits() & odd);
    let square = parts::multiply(r, r);
    let mut sum: Pair = (parts::polynomial(LAST_FACTORS.map(|[sin, cos]| choose(sin, cos)), square.0), 0.0);
    for [sin, cos] in FACTORS.into_iter().rev() {
        sum = parts::step([choose(sin[0], cos[0]), choose(sin[1], cos[1])], square, sum);
    }
    let all = parts::multiply(square, sum);
    let from = (choose(r.0, 1.0), choose(r.1, 0.0));
    let more = parts::multiply(from, all);
    let (high, low) = fast_two_sum(from.0, more.0);
    let (hi, lo) = fast_two_sum(high, low + (from.1 + more.1));
    let sign = f64::from_bits((quarters & 2) << 62);
    Double::settled((hi, lo)).flipped(sign)
}
