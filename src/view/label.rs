//! Numbers and lists of them, shortened for a picture.

use super::kept::Kept;
use crate::{
    report::{grouped, number},
    tensor::Tensor,
};
use unicode_width::UnicodeWidthStr;

/// Columns of a name in a picture.
pub const NAME_COLUMNS: usize = 24;

/// Columns that a list of elements may take before bars stand for it.
const LIST_COLUMNS: usize = 18;

/// Rows and columns of a matrix, and elements of a list, that are shown whole in any case.
const SIDE: usize = 4;

/// Columns of a number in a matrix; longer ones are rounded to three digits.
const CELL_COLUMNS: usize = 5;

/// Elements of a tensor in a tip; the rest is counted.
const TIP_ELEMENTS: usize = 24;

/// Bars at most; more elements share a bar.
const BARS: usize = 24;

/// Six significant digits with a true minus sign: `220`, `0.0227`, `1.5e−7`.
pub fn short(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_string();
    }
    let sign = if value < 0.0 { "−" } else { "" };
    let size = value.abs();
    let digits = match size {
        0.0 => return "0".to_string(),
        size if size.is_infinite() => return format!("{sign}inf"),
        size => size.log10().floor() as i32,
    };
    if (-4..6).contains(&digits) {
        let fixed = format!("{size:.*}", (5 - digits) as usize);
        return format!("{sign}{}", trimmed(&fixed));
    }
    let text = format!("{size:.5e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{sign}{}e{}", trimmed(mantissa), exponent.replace('-', "−"))
}

fn trimmed(digits: &str) -> &str {
    match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    }
}

/// What a picture shows of a tensor.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Label {
    /// The number, the list, or the range of a larger tensor.
    pub text: String,
    /// The numbers of a small matrix, which is shown whole.
    pub rows: Vec<Vec<String>>,
    /// From −1 to 1, for tensors that are too long for a list: each the element
    /// farthest from 0 among those that share the bar.
    pub bars: Vec<f64>,
    /// Beside the bars, where nothing else says it.
    pub shape: Option<String>,
    /// How many of its digits a run keeps, where they are counted.
    pub kept: Option<Kept>,
}

impl Label {
    pub fn of(tensor: &Tensor) -> Self {
        let elements = tensor.to_floats();
        if tensor.shape().is_scalar() {
            return Self { text: short(elements[0]), ..Self::default() };
        }
        if tensor.shape().rank() == 1 && elements.len() <= LIST_COLUMNS / 2 {
            let list = |numbers: Vec<String>| format!("[{}]", numbers.join(", "));
            let text = list(elements.iter().map(|&x| short(x)).collect());
            if text.width() <= LIST_COLUMNS {
                return Self { text, ..Self::default() };
            }
            if elements.len() <= SIDE {
                return Self { text: list(cells(&elements)), ..Self::default() };
            }
        }
        let rows = match tensor.shape().to_vec()[..] {
            [rows @ 1..=SIDE, columns @ 1..=SIDE] => matrix(&elements, rows, columns),
            _ => Vec::new(),
        };
        let bars = if rows.is_empty() { bars(&elements, BARS) } else { Vec::new() };
        Self { text: range(&elements), rows, bars, ..Self::default() }
    }

    /// Line by line, a matrix in brackets of its own height.
    pub fn lines(&self) -> Vec<String> {
        if self.rows.is_empty() {
            return vec![self.with_shape()];
        }
        let widest = |at: usize| self.rows.iter().map(|row| row[at].width()).max().unwrap_or(0);
        let last = self.rows.len() - 1;
        let line = |(at, row): (usize, &Vec<String>)| {
            let cells = row
                .iter()
                .enumerate()
                .map(|(column, cell)| format!("{}{cell}", " ".repeat(widest(column) - cell.width())));
            let (open, close) = match at {
                _ if last == 0 => ('[', ']'),
                0 => ('⎡', '⎤'),
                at if at == last => ('⎣', '⎦'),
                _ => ('⎢', '⎥'),
            };
            format!("{open}{}{close}", cells.collect::<Vec<_>>().join(" "))
        };
        self.rows.iter().enumerate().map(line).collect()
    }

    /// Line by line for letters of any width: `[[1, 2],` and `[3, 4]]`.
    pub fn nested(&self) -> String {
        if self.rows.is_empty() {
            return self.with_shape();
        }
        let rows: Vec<String> = self.rows.iter().map(|row| format!("[{}]", row.join(", "))).collect();
        format!("[{}]", rows.join(",\n"))
    }

    /// Shape and text in one line.
    pub fn with_shape(&self) -> String {
        match &self.shape {
            Some(shape) => format!("{shape} {}", self.text),
            None => self.text.clone(),
        }
    }
}

/// Numbers beside each other: all as they are where none is long, or else rounded.
fn cells(elements: &[f64]) -> Vec<String> {
    let exact: Vec<String> = elements.iter().map(|&x| short(x)).collect();
    match exact.iter().all(|cell| cell.width() <= CELL_COLUMNS) {
        true => exact,
        false => elements.iter().map(|&x| rough(x, 2)).collect(),
    }
}

fn matrix(elements: &[f64], rows: usize, columns: usize) -> Vec<Vec<String>> {
    debug_assert_eq!(elements.len(), rows * columns);
    cells(elements).chunks(columns).map(<[String]>::to_vec).collect()
}

/// `−1.88 … 6.72`, or one number where all are equal.
fn range(elements: &[f64]) -> String {
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    for &x in elements {
        if x.is_nan() {
            return "has nan".to_string();
        }
        (least, greatest) = (least.min(x), greatest.max(x));
    }
    match elements.is_empty() {
        true => "empty".to_string(),
        false if least == greatest => format!("all {}", rough(least, 2)),
        // As many digits as tell both apart.
        false => {
            let ends = (2..=16).map(|digits| [least, greatest].map(|end| rough(end, digits)));
            let mut ends = ends.skip_while(|[least, greatest]| least == greatest);
            let [least, greatest] = ends.next().unwrap_or_else(|| [least, greatest].map(short));
            format!("{least} … {greatest}")
        }
    }
}

/// Three significant digits: a range is no place for more.
fn rough(value: f64, digits: usize) -> String {
    match format!("{value:.digits$e}").parse() {
        Ok(rounded) => short(rounded),
        Err(_) => short(value),
    }
}

/// At most so many bars from −1 to 1 for all elements: each stands for neighbours,
/// and shows the one farthest from 0.
pub fn bars(elements: &[f64], most: usize) -> Vec<f64> {
    let per_bar = elements.len().div_ceil(most).max(1);
    let farthest = |chunk: &[f64]| {
        chunk.iter().copied().filter(|x| x.is_finite()).fold(0.0, |far: f64, x| match x.abs() > far.abs() {
            true => x,
            false => far,
        })
    };
    let bars: Vec<f64> = elements.chunks(per_bar).map(farthest).collect();
    let scale = bars.iter().fold(0.0, |most: f64, bar| most.max(bar.abs()));
    match scale > 0.0 {
        true => bars.iter().map(|bar| bar / scale).collect(),
        false => bars,
    }
}

/// A tensor's elements to the last bit; of a large one the first, and its range.
pub fn full(tensor: &Tensor) -> String {
    let elements = tensor.to_floats();
    if tensor.shape().is_scalar() {
        return number(elements[0]);
    }
    let shown: Vec<String> = elements.iter().take(TIP_ELEMENTS).map(|&x| number(x)).collect();
    if elements.len() <= TIP_ELEMENTS {
        return format!("[{}]", shown.join(", "));
    }
    let mean = elements.iter().sum::<f64>() / elements.len() as f64;
    let (least, greatest) =
        elements.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)));
    format!(
        "[{}, … and {} more]\nmin {}  mean {}  max {}",
        shown.join(", "),
        grouped(elements.len() - TIP_ELEMENTS),
        number(least),
        number(mean),
        number(greatest)
    )
}

/// A text cut to a number of columns.
pub fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_string();
    }
    let (mut out, mut taken) = (String::new(), 1);
    for character in text.chars() {
        taken += unicode_width::UnicodeWidthChar::width(character).unwrap_or(0);
        if taken > columns {
            break;
        }
        out.push(character);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_and_no_more() {
        let shown = [220.00000000000003, -0.25, 1.5e-7, 999999.7, 1e6, 0.1 + 0.2, -0.0, 123456.7];
        let texts: Vec<String> = shown.iter().map(|&x| short(x)).collect();
        assert_eq!(texts, ["220", "−0.25", "1.5e−7", "1000000", "1e6", "0.3", "0", "123457"]);
    }

    #[test]
    fn small_matrices_are_whole_and_others_a_range() {
        let label = |shape: &[usize], elements: Vec<f64>| {
            Label::of(&Tensor::float(&crate::shape::Shape::new(shape), elements).unwrap())
        };
        let small = label(&[2, 2], vec![1.0, -0.5, -2.0, 3.0]);
        assert_eq!(small.lines(), ["⎡ 1 −0.5⎤", "⎣−2    3⎦"]);
        assert_eq!(small.nested(), "[[1, −0.5],\n[−2, 3]]");
        assert_eq!((&*small.text, small.bars.len()), ("−2 … 3", 0));
        // One long number, and all are rounded.
        let long = label(&[1, 3], vec![1.0 / 3.0, f64::NAN, 1e-9]);
        assert_eq!(long.lines(), ["[0.333 nan 1e−9]"]);
        assert_eq!(label(&[3], vec![1.0 / 3.0, -2.0 / 3.0, 1234567.0]).text, "[0.333, −0.667, 1.23e6]");
        let large = label(&[5, 2], (0..10).map(f64::from).collect());
        assert_eq!((large.lines(), large.bars.len()), (vec!["0 … 9".to_string()], 10));
    }

    #[test]
    fn wide_characters_are_cut_by_columns() {
        assert_eq!(cut("りんごの値段", 7), "りんご…");
        assert_eq!(cut("apple", 7), "apple");
    }
}
