//! How large letters, numbers, bars and matrices are.

use super::super::label::Label;
use unicode_width::UnicodeWidthChar;

/// Heights of a line of text and of bars, in pixels.
pub const LINE: f64 = 15.0;
pub const BARS: f64 = 13.0;
/// Sizes of letters: of values, of what is said beside them, of what stands in boxes,
/// and of the title. None is smaller than the second.
pub const TEXT: f64 = 13.0;
pub const SMALL: f64 = 12.0;
pub const SIGN: f64 = 13.5;
pub const TITLE: f64 = 16.0;

/// Pixels from one bar to the next, between the columns of a matrix, and for its
/// bracket.
pub const STEP: f64 = 4.0;
pub const COLUMN: f64 = 9.0;
pub const BRACKET: f64 = 6.0;
/// Between bars and the shape beside them.
pub const BESIDE: f64 = 8.0;

/// The width of a text in pixels, as the widest of common fonts has it.
pub fn width_of(text: &str, size: f64) -> f64 {
    let em = |character: char| match character {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' | '!' | 'I' | ' ' => 0.36,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' => 0.42,
        'm' | 'w' | 'M' | 'W' | '…' | '%' | '@' => 1.0,
        'A'..='Z' | '_' | '0'..='9' => 0.68,
        '←' | '↑' | '−' | '+' | '=' | '<' | '>' | 'Σ' => 0.84,
        c => match c.width().unwrap_or(0) {
            0 => 0.0,
            1 => 0.64,
            _ => 1.0,
        },
    };
    text.chars().map(em).sum::<f64>() * size
}

pub fn bars_width(bars: &[f64]) -> f64 {
    STEP * bars.len() as f64
}

/// The widths of a matrix's columns.
pub fn columns(rows: &[Vec<String>]) -> Vec<f64> {
    let count = rows.first().map_or(0, Vec::len);
    let widest = |at: usize| rows.iter().map(|row| width_of(&row[at], TEXT)).fold(0.0, f64::max);
    (0..count).map(widest).collect()
}

pub fn matrix_width(columns: &[f64]) -> f64 {
    columns.iter().sum::<f64>() + COLUMN * columns.len().saturating_sub(1) as f64 + 2.0 * BRACKET
}

/// What stands before a matrix, with the room behind it.
pub fn before(sign: &str) -> f64 {
    if sign.is_empty() { 0.0 } else { width_of(sign, TEXT) + 5.0 }
}

pub fn shape_width(label: &Label) -> f64 {
    label.shape.as_ref().map_or(0.0, |shape| BESIDE + width_of(shape, SMALL))
}

/// One line of a sign and a text.
pub fn signed(sign: &str, text: &str) -> String {
    if sign.is_empty() { text.to_string() } else { format!("{sign} {text}") }
}

/// The room of a label behind its sign.
pub fn content_size(label: &Label, sign: &str) -> (f64, f64) {
    let (width, height) = numbers_size(label, sign);
    match &label.kept {
        Some(kept) => (width.max(width_of(&kept.words, SMALL)), height + LINE),
        None => (width, height),
    }
}

/// The room of the numbers alone.
pub fn numbers_size(label: &Label, sign: &str) -> (f64, f64) {
    if !label.rows.is_empty() {
        let width = before(sign) + matrix_width(&columns(&label.rows));
        return (width, LINE * label.rows.len() as f64 + 2.0);
    }
    let text = width_of(&signed(sign, &label.text), TEXT);
    let tall = if label.bars.is_empty() { 0.0 } else { BARS };
    (text.max(bars_width(&label.bars) + shape_width(label)), LINE + tall)
}
