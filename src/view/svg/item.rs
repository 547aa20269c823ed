//! Leaves, ops, folds and ends: each has a shape of its own.

use super::{
    super::{
        layout::Rectangle,
        marks::Mark,
        scene::{Form, Item},
    },
    LINE, SMALL,
    route::RADIUS,
    write::{Writer, width_of},
};

/// Lines of text within or under an item: class, size, text.
type Lines = Vec<(&'static str, f64, String)>;

fn lines(item: &Item) -> Lines {
    let mut lines = Lines::new();
    if item.form != Form::Circle {
        let class = if matches!(item.form, Form::Box | Form::Fold) { "title" } else { "" };
        lines.push((class, 13.5, item.sign.clone()));
    }
    let small = item.name.iter().chain(&item.note).cloned();
    lines.extend(small.map(|text| ("faint", SMALL, text)));
    lines.extend(item.total.iter().map(|total| ("gradient", 12.5, format!("← Σ {}", total.text))));
    lines
}

/// The room that an item takes, its words included.
pub fn item_size(item: &Item) -> (f64, f64) {
    let lines = lines(item);
    let widest = lines.iter().map(|(_, size, text)| width_of(text, *size)).fold(0.0, f64::max);
    let tall = lines.len() as f64 * LINE;
    match item.form {
        // Words stand under the circle; the edges still meet it at half the height.
        Form::Circle => (widest.max(2.0 * RADIUS), 2.0 * (RADIUS + tall)),
        Form::Literal => (widest + 8.0, tall + 6.0),
        Form::End => (widest + 12.0, tall + 8.0),
        Form::Box | Form::Fold => (widest + 44.0, (tall + 16.0).max(52.0)),
        Form::Input | Form::Param | Form::Const => (widest + 26.0, tall + 14.0),
    }
}

pub fn draw_item(at: usize, item: &Item, place: Rectangle, out: &mut Writer) {
    out.line(&format!("<g class=\"item\" data-item=\"{at}\" data-form=\"{}\">", item.form.word()));
    out.title(&item.tip);
    let mark = item.mark.map_or("", Mark::word);
    draw_shape(item.form, place, mark, out);
    let lines = lines(item);
    let tall = lines.len() as f64 * LINE;
    let mut y = match item.form {
        Form::Circle => {
            let size = if item.sign.chars().count() > 1 { 14.0 } else { 21.0 };
            out.text("", place.x, place.y + size * 0.35, size, "middle", &item.sign);
            place.y + RADIUS
        }
        _ => place.y - tall / 2.0,
    };
    for (class, size, text) in lines {
        y += LINE;
        let (x, anchor) = match item.form {
            Form::End => (place.left() + 6.0, "start"),
            _ => (place.x, "middle"),
        };
        out.text(class, x, y - 3.5, size, anchor, &text);
    }
    if let Some(mark) = item.mark {
        draw_badge(item.form, place, mark, out);
    }
    out.line("</g>");
}

fn draw_shape(form: Form, place: Rectangle, mark: &str, out: &mut Writer) {
    let round = place.height / 2.0;
    match form {
        Form::Circle => out.line(&format!(
            "<circle class=\"shape {mark}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{RADIUS}\"/>",
            place.x, place.y
        )),
        Form::Box => rectangle(place, 0.0, 4.0, &format!("shape {mark}"), "", out),
        Form::Fold => {
            // A second outline behind the first: there is more inside.
            let behind = Rectangle { x: place.x + 4.0, y: place.y + 4.0, ..place };
            rectangle(behind, 0.0, 4.0, "shape", "", out);
            rectangle(place, 0.0, 4.0, &format!("shape {mark}"), "", out);
        }
        Form::Input => rectangle(place, 0.0, round.min(16.0), &format!("shape {mark}"), "", out),
        Form::Param => {
            rectangle(place, 0.0, 3.0, &format!("shape {mark}"), "", out);
            rectangle(place, 3.5, 1.0, "bare", "", out);
        }
        Form::Const => {
            let dashed = " stroke-dasharray=\"4 3\"";
            rectangle(place, 0.0, round.min(16.0), "shape", dashed, out);
        }
        Form::Literal | Form::End => {}
    }
}

fn rectangle(place: Rectangle, inset: f64, round: f64, class: &str, more: &str, out: &mut Writer) {
    out.line(&format!(
        "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{round:.1}\"{more}/>",
        place.left() + inset,
        place.top() + inset,
        place.width - 2.0 * inset,
        place.height - 2.0 * inset,
    ));
}

/// The verdict in words, on the upper edge.
fn draw_badge(form: Form, place: Rectangle, mark: Mark, out: &mut Writer) {
    let word = mark.word();
    let width = width_of(word, 10.5) + 10.0;
    let (top, right) = match form {
        Form::Circle => (place.y - RADIUS - 4.0, place.x + RADIUS * 0.4 + width / 2.0),
        _ => (place.top(), place.right() - 4.0),
    };
    out.line(&format!(
        "<rect class=\"badge-{word}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"15\" rx=\"7\"/>",
        right - width,
        top - 8.0,
    ));
    out.text("on-badge", right - width / 2.0, top + 3.0, 10.5, "middle", word);
}
