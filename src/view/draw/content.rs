//! Numbers as they stand in a picture: a number, a list, a matrix in brackets, or the
//! range of a larger tensor with its bars.

use super::{
    super::label::Label,
    measure::{
        BARS, BESIDE, BRACKET, COLUMN, LINE, SMALL, STEP, TEXT, bars_width, before, columns, matrix_width,
        numbers_size, shape_width, signed,
    },
    pen::{Anchor, Pen, Point, Step},
};

/// Draws a label behind its sign. `top` is the middle of its upper edge; bars and digits
/// kept stand where the line is not.
pub fn draw_content(label: &Label, sign: &str, style: &str, top: Point, is_above: bool, pen: &mut dyn Pen) {
    let Some(kept) = &label.kept else { return draw_numbers(label, sign, style, top, is_above, pen) };
    let (x, y) = top;
    let tall = numbers_size(label, sign).1;
    let (numbers, digits) = if is_above { (y + LINE, y) } else { (y, y + tall) };
    draw_numbers(label, sign, style, (x, numbers), is_above, pen);
    let style = format!("{style} {}", kept.grade.style());
    pen.text(style.trim_start(), (x, digits + LINE - 4.0), SMALL, Anchor::Middle, &kept.words);
}

fn draw_numbers(label: &Label, sign: &str, style: &str, top: Point, is_above: bool, pen: &mut dyn Pen) {
    if !label.rows.is_empty() {
        return draw_matrix(&label.rows, sign, style, top, pen);
    }
    let (x, y) = top;
    let has_bars = !label.bars.is_empty();
    let (text, bars) = match is_above && has_bars {
        true => (y + BARS + LINE - 4.0, y + BARS / 2.0),
        false => (y + LINE - 4.0, y + LINE + BARS / 2.0),
    };
    pen.text(style, (x, text), TEXT, Anchor::Middle, &signed(sign, &label.text));
    let left = x - (bars_width(&label.bars) + shape_width(label)) / 2.0;
    if has_bars {
        pen.path(style, &bar_steps(&label.bars, (left, bars)));
    }
    if let Some(shape) = &label.shape {
        let at = (left + bars_width(&label.bars) + BESIDE, bars + 4.0);
        pen.text("faint", at, SMALL, Anchor::Start, shape);
    }
}

fn draw_matrix(rows: &[Vec<String>], sign: &str, style: &str, (x, y): Point, pen: &mut dyn Pen) {
    let columns = columns(rows);
    let inside = matrix_width(&columns);
    let (mut left, tall) = (x - (before(sign) + inside) / 2.0, LINE * rows.len() as f64);
    if !sign.is_empty() {
        pen.text(style, (left, y + tall / 2.0 + 4.5), TEXT, Anchor::Start, sign);
        left += before(sign);
    }
    for (from, to) in [(left, left + 3.0), (left + inside, left + inside - 3.0)] {
        let corners = [(to, y + 1.0), (from, y + 1.0), (from, y + tall), (to, y + tall)];
        let steps =
            [Step::Move(corners[0]), Step::Line(corners[1]), Step::Line(corners[2]), Step::Line(corners[3])];
        pen.path(&format!("bracket {style}"), &steps);
    }
    let mut right = left + BRACKET;
    for (at, width) in columns.iter().enumerate() {
        right += width;
        for (row, cells) in rows.iter().enumerate() {
            let baseline = y + LINE * (row as f64 + 1.0) - 3.0;
            pen.text(style, (right, baseline), TEXT, Anchor::End, &cells[at]);
        }
        right += COLUMN;
    }
}

/// Bars up and down from a line, one for each number between −1 and 1.
fn bar_steps(bars: &[f64], (left, y): Point) -> Vec<Step> {
    let bar = |(at, bar): (usize, &f64)| {
        let tall = (bar.abs() * BARS / 2.0).max(0.4);
        let (left, top) = (left + STEP * at as f64, if *bar > 0.0 { y - tall } else { y });
        let (right, bottom) = (left + 3.0, top + tall);
        [
            Step::Move((left, top)),
            Step::Line((right, top)),
            Step::Line((right, bottom)),
            Step::Line((left, bottom)),
            Step::Close,
        ]
    };
    bars.iter().enumerate().flat_map(bar).collect()
}
