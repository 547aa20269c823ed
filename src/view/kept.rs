//! The digits that a run keeps, as they stand in a picture: in words, and in colours by whether they are
//! enough.

use crate::{
    digits::{Digits, Kept as Counted},
    engine::Stored,
    graph::ValueId,
    report::count_words,
};
use std::collections::HashMap;

/// Whether digits are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// As many as are asked for, or nearly all of the format.
    Enough,
    Few,
    /// Less than one.
    Lost,
}

impl Grade {
    /// The style that it is drawn in.
    pub fn style(self) -> &'static str {
        match self {
            Self::Enough => "kept-enough",
            Self::Few => "kept-few",
            Self::Lost => "kept-lost",
        }
    }
}

/// What is said of one value or gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// `3.1 digits`, `exact`.
    pub words: String,
    pub grade: Grade,
}

impl Kept {
    fn of(counted: &Counted, wanted: f64) -> Self {
        let words = match counted.is_zero || counted.digits.is_infinite() {
            true => count_words(counted),
            false => format!("{} digits", count_words(counted)),
        };
        let grade = match counted.digits {
            _ if counted.is_zero => Grade::Enough,
            digits if digits >= wanted => Grade::Enough,
            digits if digits >= 1.0 => Grade::Few,
            _ => Grade::Lost,
        };
        Self { words, grade }
    }
}

/// The digits of all that a picture may show, and what the colours mean.
#[derive(Debug, Clone, Default)]
pub struct KeptDigits {
    known: HashMap<Stored, Kept>,
    /// For the legend.
    pub meaning: Option<String>,
}

impl KeptDigits {
    pub fn of(digits: &Digits) -> Self {
        let wanted = digits.wanted();
        let known = digits.all().map(|(stored, kept)| (stored, Kept::of(kept, wanted)));
        let meaning = format!(
            "digits that {} keeps: green {wanted:.1} or more, amber fewer, red less than 1; lost: they are lost there",
            digits.options.precision.word()
        );
        Self { known: known.collect(), meaning: Some(meaning) }
    }

    pub fn get(&self, stored: Stored) -> Option<&Kept> {
        self.known.get(&stored)
    }

    /// A line for those who ask.
    pub fn tip(&self, value: ValueId, with_gradient: bool) -> Option<String> {
        let own = self.get(Stored::Value(value)).map(|kept| format!("value {}", kept.words));
        let back = self.get(Stored::Gradient(value)).filter(|_| with_gradient);
        let back = back.map(|kept| format!("gradient {}", kept.words));
        let words: Vec<String> = own.into_iter().chain(back).collect();
        (!words.is_empty()).then(|| format!("kept: {}", words.join(", ")))
    }
}
