//! Writes elements, with everything escaped.

use crate::escape::xml;
use unicode_width::UnicodeWidthChar;

/// The families that a picture asks for: for Latin first, behind them for Japanese.
const FONTS: &str = "'Noto Sans', 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', 'Hiragino Sans', \
                     'Yu Gothic', Meiryo, 'Noto Sans CJK JP', 'Noto Sans JP', IPAGothic, sans-serif";

/// The width of a text in pixels, as the widest of common fonts has it.
pub fn width_of(text: &str, size: f64) -> f64 {
    let em = |character: char| match character {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' | '!' | 'I' | ' ' => 0.36,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' => 0.42,
        'm' | 'w' | 'M' | 'W' | '…' | '%' | '@' => 1.0,
        'A'..='Z' | '_' | '0'..='9' => 0.68,
        '←' | '−' | '+' | '=' | '<' | '>' | 'Σ' => 0.84,
        c => match c.width().unwrap_or(0) {
            0 => 0.0,
            1 => 0.64,
            _ => 1.0,
        },
    };
    text.chars().map(em).sum::<f64>() * size
}

/// Pixels from one bar to the next.
const STEP: f64 = 4.0;

pub fn bars_width(bars: &[f64]) -> f64 {
    STEP * bars.len() as f64
}

#[derive(Default)]
pub struct Writer {
    out: String,
}

impl Writer {
    pub fn open(&mut self, width: f64, height: f64, title: &str, rules: &str) {
        self.line(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FONTS}\">"
        ));
        self.title(title);
        self.line(&format!("<style>\n{rules}.title {{ font-weight: bold }}\n</style>"));
        self.line(&format!("<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>"));
    }

    pub fn close(mut self) -> String {
        self.out.push_str("</svg>\n");
        self.out
    }

    /// What is written so far.
    pub fn into_text(self) -> String {
        self.out
    }

    pub fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    pub fn title(&mut self, text: &str) {
        self.line(&format!("<title>{}</title>", xml(text)));
    }

    pub fn text(&mut self, class: &str, x: f64, y: f64, size: f64, anchor: &str, text: &str) {
        self.line(&format!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\">{}</text>",
            xml(text)
        ));
    }

    /// Bars up and down from a line, one for each number between −1 and 1.
    pub fn bars(&mut self, class: &str, bars: &[f64], x: f64, y: f64, height: f64) {
        if bars.is_empty() {
            return;
        }
        let left = x - bars_width(bars) / 2.0;
        let mut path = String::new();
        for (at, bar) in bars.iter().enumerate() {
            let tall = (bar.abs() * height / 2.0).max(0.4);
            let top = if *bar > 0.0 { y - tall } else { y };
            path.push_str(&format!("M{:.1} {top:.1}h3v{tall:.1}h-3z", left + STEP * at as f64));
        }
        self.line(&format!("<path class=\"{class}\" d=\"{path}\"/>"));
    }
}
