//! Leaves, ops, folds and ends: each has an outline of its own.

use super::{
    super::{
        layout::Rectangle,
        marks::Mark,
        scene::{Form, Item},
    },
    DOT, LINE, RADIUS, SMALL,
    write::{Writer, width_of},
};
use crate::escape::xml;

/// The size of the letters of a badge.
const BADGE: f64 = 10.5;

/// Lines of text within or under an item: class, size, text.
type Lines<'a> = Vec<(&'static str, f64, &'a str)>;

fn lines(item: &Item) -> Lines<'_> {
    let mut lines = Lines::new();
    if !matches!(item.form, Form::Circle | Form::Port) {
        let class = if matches!(item.form, Form::Box | Form::Fold) { "title" } else { "" };
        lines.push((class, 13.5, &item.sign));
    }
    let small = item.name.iter().chain(&item.note);
    lines.extend(small.map(|text| ("faint", SMALL, text.as_str())));
    lines.extend(item.total.iter().map(|total| ("gradient", 12.5, total.as_str())));
    lines
}

/// The room that an item takes, its words included.
pub fn item_size(item: &Item) -> (f64, f64) {
    let lines = lines(item);
    let widths = lines.iter().map(|(class, size, text)| {
        let bold = if *class == "title" { 1.1 } else { 1.0 };
        bold * width_of(text, *size)
    });
    let (widest, tall) = (widths.fold(0.0, f64::max), lines.len() as f64 * LINE);
    match item.form {
        // Words stand under the circle; the edges still meet it at half the height.
        Form::Circle => (widest.max(2.0 * RADIUS), 2.0 * (RADIUS + tall)),
        Form::Port => (2.0 * DOT, 2.0 * DOT),
        Form::Literal | Form::Tag => (widest + 6.0, tall + 6.0),
        Form::End => (widest + 8.0, tall + 8.0),
        // Inputs are named within the outline, on the left.
        Form::Box | Form::Fold => (widest + 48.0, (tall + 16.0).max(52.0) + room(item)),
        Form::Input | Form::Param | Form::Const => {
            (badge_width(item.mark).max(widest + 14.0) + 12.0, tall + 14.0 + room(item))
        }
    }
}

/// The room of a badge within an outline.
fn room(item: &Item) -> f64 {
    if item.mark.is_some() { 6.0 } else { 0.0 }
}

fn badge_width(mark: Option<Mark>) -> f64 {
    mark.map_or(0.0, |mark| width_of(mark.word(), BADGE) + 24.0)
}

pub fn draw_item(item: &Item, place: Rectangle, out: &mut Writer) {
    let key = xml(&item.key);
    out.line(&format!(
        "<g class=\"item\" id=\"node-{key}\" data-name=\"{key}\" data-form=\"{}\">",
        item.form.word()
    ));
    out.title(&item.tip);
    draw_outline(item.form, place, item.mark.map_or("", Mark::word), out);
    let lines = lines(item);
    let tall = lines.len() as f64 * LINE;
    let mut y = match item.form {
        Form::Circle => {
            let size = if item.sign.chars().count() > 1 { 14.0 } else { 21.0 };
            out.text("", place.x, place.y + size * 0.35, size, "middle", &item.sign);
            place.y + RADIUS
        }
        _ => place.y - tall / 2.0 + room(item) / 2.0,
    };
    for (class, size, text) in lines {
        y += LINE;
        let (x, anchor) = match item.form {
            Form::End => (place.left() + 6.0, "start"),
            _ => (place.x, "middle"),
        };
        out.text(class, x, y - 3.5, size, anchor, text);
    }
    if let Some(mark) = item.mark {
        match item.form {
            Form::Circle => draw_badge(place.x + RADIUS + 14.0, place.y - RADIUS + 1.0, mark, out),
            _ => draw_badge(place.right() - 6.0, place.top(), mark, out),
        }
    }
    out.line("</g>");
}

fn draw_outline(form: Form, place: Rectangle, mark: &str, out: &mut Writer) {
    let round = (place.height / 2.0).min(16.0);
    match form {
        Form::Circle => out.line(&format!(
            "<circle class=\"shape {mark}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{RADIUS}\"/>",
            place.x, place.y
        )),
        Form::Port => out.line(&format!(
            "<circle class=\"head\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{DOT}\"/>",
            place.x, place.y
        )),
        Form::Box => rectangle(place, 0.0, 4.0, &format!("shape {mark}"), out),
        Form::Fold => {
            // A second outline behind the first: there is more inside.
            let behind = Rectangle { x: place.x + 4.0, y: place.y + 4.0, ..place };
            rectangle(behind, 0.0, 4.0, "shape", out);
            rectangle(place, 0.0, 4.0, &format!("shape {mark}"), out);
        }
        Form::Input => rectangle(place, 0.0, round, &format!("shape {mark}"), out),
        Form::Param => {
            rectangle(place, 0.0, 4.0, &format!("shape {mark}"), out);
            rectangle(place, 3.5, 1.5, "bare", out);
        }
        Form::Const => rectangle(place, 0.0, round, "shape dashed", out),
        Form::Literal | Form::Tag | Form::End => {}
    }
}

fn rectangle(place: Rectangle, inset: f64, round: f64, class: &str, out: &mut Writer) {
    out.line(&format!(
        "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{round:.1}\"/>",
        place.left() + inset,
        place.top() + inset,
        place.width - 2.0 * inset,
        place.height - 2.0 * inset,
    ));
}

/// A verdict as a sign and in words, on an upper edge that it ends at `right`.
pub fn draw_badge(right: f64, top: f64, mark: Mark, out: &mut Writer) {
    let word = mark.word();
    let width = badge_width(Some(mark));
    let (left, middle) = (right - width, top);
    let round = if mark == Mark::Wrong { 2.0 } else { 7.5 };
    out.line(&format!(
        "<rect class=\"badge-{word}\" x=\"{left:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"15\" rx=\"{round}\"/>",
        middle - 7.5,
    ));
    // Drawn and not written, as few fonts have these signs.
    let sign = match mark {
        Mark::Ok => "l3 3l5 -6",
        Mark::Kink => "m0 3l4 -6l4 6",
        Mark::Undecided => "m0 0.5h1.5m2 0h1.5m2 0h1.5",
        Mark::Wrong => "m0.5 -3.5l7 7m0 -7l-7 7",
    };
    out.line(&format!("<path class=\"badge-sign\" d=\"M{:.1} {middle:.1}{sign}\"/>", left + 6.0));
    out.text("on-badge", left + 19.0, middle + 3.7, BADGE, "start", word);
}
