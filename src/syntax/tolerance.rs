//! `within …`: what a result may be off by.

use super::print::plain_number;
use crate::{diagnostic::Diagnostic, precision::Precision};
use std::fmt::{self, Display, Formatter};

/// What a result may be off by, entry by entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// This part of what is wanted, or of 1 where that is smaller.
    Part(f64),
    /// So many units in the last place that what is wanted has in a format.
    Ulps(f64, Precision),
    /// What rounding in a format explains.
    Rounding(Precision),
}

impl Tolerance {
    /// Of `f32`, `4 ulp` (of f64) or `4 ulp of f32`.
    ///
    /// # Errors
    /// It is none of these; without a place.
    pub fn of(text: &str) -> Result<Self, Diagnostic> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let format = |word: &str| {
            Precision::named(word).ok_or_else(|| {
                let words = Precision::ALL.map(Precision::word);
                Diagnostic::error(format!("`{word}` is no number format"))
                    .did_you_mean(word, words)
                    .help(format!("there are {}", words.join(", ")))
            })
        };
        let count = |word: &str| word.parse::<f64>().ok().filter(|count| count.is_finite() && *count >= 0.0);
        let none = || {
            Diagnostic::error(format!("`{text}` is no tolerance"))
                .help("write a number, a format as `f32`, or `4 ulp of f32`")
        };
        match words[..] {
            [word] => format(word).map(Self::Rounding),
            [number, "ulp", ref of @ ..] => match (count(number), of) {
                (Some(ulps), []) => Ok(Self::Ulps(ulps, Precision::F64)),
                (Some(ulps), ["of", word]) => Ok(Self::Ulps(ulps, format(word)?)),
                _ => Err(none()),
            },
            _ => Err(none()),
        }
    }

    /// It can be held against anything.
    pub fn is_tolerance(self) -> bool {
        match self {
            Self::Part(size) | Self::Ulps(size, _) => size >= 0.0,
            Self::Rounding(_) => true,
        }
    }
}

/// As the language writes it.
impl Display for Tolerance {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match self {
            Self::Part(part) => write!(f, "{}", plain_number(*part)),
            Self::Ulps(ulps, Precision::F64) => write!(f, "{} ulp", plain_number(*ulps)),
            Self::Ulps(ulps, format) => write!(f, "{} ulp of {}", plain_number(*ulps), format.word()),
            Self::Rounding(format) => write!(f, "{}", format.word()),
        }
    }
}
