//! Sums with many terms: the largest are written out, the others are counted.

use super::{Worked, Write};

/// Terms that are written out; of more, the largest.
pub const TERMS: usize = 4;

/// A term of a sum, in names and in numbers.
pub struct Term {
    pub name: String,
    pub number: String,
}

/// The largest terms in their own order; without those that are 0.
pub fn largest<T: Copy>(mut terms: Vec<T>, size: impl Fn(&T) -> f64) -> Vec<T> {
    if terms.len() <= TERMS {
        return terms;
    }
    let mut order: Vec<usize> = (0..terms.len()).collect();
    order.sort_by(|&a, &b| size(&terms[b]).abs().total_cmp(&size(&terms[a]).abs()));
    order.truncate(TERMS);
    order.sort_unstable();
    let kept: Vec<T> = order.iter().map(|&at| terms[at]).filter(|term| size(term) != 0.0).collect();
    if kept.is_empty() {
        terms.truncate(1);
        return terms;
    }
    kept
}

/// A sum in names and in numbers, of which some terms may be left out.
pub fn summed(rule: Option<String>, terms: Vec<Term>, of: usize) -> Worked {
    let left_out = of - terms.len();
    let mut names: Vec<String> = terms.iter().map(|term| term.name.clone()).collect();
    let mut numbers: Vec<String> = terms.iter().map(|term| term.number.clone()).collect();
    let zeros = left_out > 0 && terms.len() < TERMS;
    if left_out > 0 && !zeros {
        names.push("…".to_string());
        numbers.push("…".to_string());
    }
    let mut stages: Vec<String> = rule.into_iter().collect();
    if names.iter().all(|name| !name.is_empty()) && !names.is_empty() {
        stages.push(names.join(" + "));
    }
    if !numbers.is_empty() {
        stages.push(joined(numbers));
    }
    let remark = match (left_out, zeros) {
        (0, _) => None,
        (1, true) => Some("the other term is 0".to_string()),
        (_, true) => Some(format!("the other {left_out} terms are 0")),
        _ => Some(format!("the {} largest of {of} terms", terms.len())),
    };
    Worked { stages, remark }
}

/// Summands with their signs between them.
pub fn joined(numbers: impl IntoIterator<Item = String>) -> String {
    let mut out = String::new();
    for number in numbers {
        match number.strip_prefix('-') {
            _ if out.is_empty() => out.push_str(&number),
            Some(size) => out.push_str(&format!(" - {size}")),
            None => out.push_str(&format!(" + {number}")),
        }
    }
    out
}

/// A factor behind a sign.
pub fn signed(write: Write, value: f64) -> String {
    let text = write.text(value);
    match text.starts_with('-') {
        true => format!("({text})"),
        false => text,
    }
}
