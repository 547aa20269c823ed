//! The verdict on one entry, and what it rests on.

/// How one entry fared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// The formula agrees with the measurement.
    Ok,
    /// Gradient and measurement are both exactly 0.
    Zero(ZeroCause),
    /// The entry stands on a point without a derivative, and the gradient lies between the slopes
    /// beside it, or is what the ops' own slopes come to; at this step of the plan, where that is known.
    Kink { step: Option<u32> },
    /// The formula disagrees with the measurement, in 32 digits.
    Wrong,
    /// Nothing can be said; never a pass.
    Undecided(Undecided),
}

/// Why a gradient is exactly 0. It proves little, so the cause is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ZeroCause {
    /// No path leads from the leaf to an output.
    NoPath,
    /// The change stops at this step, which multiplies by zero.
    ZeroFactor { step: u32 },
    /// The change stops at this step, whose op has a flat side.
    Dead { step: u32 },
    /// The output moves evenly to both sides, as at a minimum, or not at all.
    Flat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecided {
    /// The gradient, or an output that the entry reaches, is NaN or infinite.
    NotFinite,
    /// The output jumps here.
    Jump,
    /// 32 digits do not suffice.
    NoDigits,
    /// So many entries disagree that not all were looked at one by one.
    TooMany,
}

/// What a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Evidence {
    /// The true gradient, and how far it may be off.
    Measured {
        value: f64,
        error: f64,
    },
    /// The slopes on both sides of a kink.
    Slopes {
        left: f64,
        right: f64,
        error: f64,
    },
    /// Entries that are tied were moved together.
    Together,
    /// Kinks of several elements meet. There the slopes that ops take, each one of its own, need not come
    /// to a slope of the whole: backward is what the ops' own comes to.
    Composed,
    Nothing,
}

impl Evidence {
    /// The slopes, what backward says and the entry's scale lie within the range, or are 0.
    pub(super) fn is_within(self, range: f64, backward: f64, scale: f64) -> bool {
        let fits = |x: f64| x == 0.0 || (1.0 / range..=range).contains(&x.abs());
        let slopes_fit = match self {
            Self::Measured { value, .. } => fits(value),
            Self::Slopes { left, right, .. } => fits(left) && fits(right),
            Self::Together | Self::Composed | Self::Nothing => true,
        };
        slopes_fit && fits(backward) && fits(scale)
    }
}

/// One entry that is worth naming.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// Row-major index in the leaf.
    pub entry: usize,
    pub backward: f64,
    pub verdict: Verdict,
    pub evidence: Evidence,
}
