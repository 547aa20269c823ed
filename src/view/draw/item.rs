//! Leaves, ops, folds and ends: each has an outline of its own. What an op calls its
//! inputs stands within the outline, where no edge comes.

use super::{
    super::{
        marks::Mark,
        place::{Axis, Rectangle, Size},
        scene::{Form, Item},
    },
    content::draw_content,
    measure::{LINE, SIGN, SMALL, TEXT, content_size, width_of},
    pen::{Anchor, Part, Pen, Point, Step},
};

/// The radius of an op's circle, and of the dot of a port.
pub const RADIUS: f64 = 20.0;
pub const DOT: f64 = 4.0;

/// What an op calls an input, and how far across from the item's middle its edge
/// arrives.
pub type Port = (&'static str, f64);

/// What stands within or beside an item, line by line.
enum Words<'a> {
    /// Style, size, text.
    Line(&'static str, f64, &'a str),
    /// A label behind its sign.
    Numbers(&'static str, &'static str, &'a super::super::label::Label),
}

impl Words<'_> {
    fn size(&self) -> Size {
        match self {
            Self::Line(style, size, text) => {
                let bold = if *style == "title" { 1.1 } else { 1.0 };
                (bold * width_of(text, *size), LINE)
            }
            Self::Numbers(_, sign, label) => content_size(label, sign),
        }
    }
}

fn words(item: &Item) -> Vec<Words<'_>> {
    let mut words = Vec::new();
    match (&item.literal, item.form) {
        (_, Form::Circle | Form::Port | Form::Turn) => {}
        (Some(label), _) => words.push(Words::Numbers("", "", label)),
        (None, Form::Box | Form::Fold) => words.push(Words::Line("title", SIGN, &item.sign)),
        (None, _) => words.push(Words::Line("", SIGN, &item.sign)),
    }
    words.extend(item.name.iter().chain(&item.note).map(|text| Words::Line("faint", SMALL, text)));
    words.extend(item.total.iter().map(|total| match total.label() {
        Some(label) => Words::Numbers("gradient", total.sign(), label),
        None => Words::Line("gradient", TEXT, total.sign()),
    }));
    words
}

fn extent(words: &[Words]) -> Size {
    let sizes = words.iter().map(Words::size);
    sizes.fold((0.0, 0.0), |(width, height), size| (f64::max(width, size.0), height + size.1))
}

/// The room that an item takes, its words and those of its ports included.
pub fn item_size(item: &Item, ports: &[&'static str], axis: Axis) -> Size {
    let (widest, tall) = extent(&words(item));
    let (doors, door) = (ports.len() as f64, door(ports.iter().copied()));
    match (item.form, axis) {
        // Words stand under the circle; the edges still meet it at half the height.
        (Form::Circle, Axis::Right) => (widest.max(2.0 * RADIUS), 2.0 * (RADIUS + tall)),
        (Form::Circle, Axis::Down) if widest > 0.0 => (2.0 * (RADIUS + 6.0 + widest), tall.max(2.0 * RADIUS)),
        (Form::Circle, Axis::Down) => (2.0 * RADIUS, 2.0 * RADIUS),
        (Form::Port, _) => (2.0 * DOT, 2.0 * DOT),
        (Form::Turn, _) => (1.0, 1.0),
        (Form::Literal | Form::Tag, _) => (widest + 6.0, tall + 6.0),
        (Form::End, _) => (widest + 8.0, tall + 8.0),
        (Form::Box | Form::Fold, Axis::Right) => {
            let tall = tall.max(if door > 0.0 { doors * (LINE + 1.0) } else { 0.0 });
            (badge_width(item.mark).max(widest + door) + 28.0, (tall + 18.0).max(48.0) + room(item))
        }
        (Form::Box | Form::Fold, Axis::Down) => {
            let across = if door > 0.0 { (doors + 1.0) * door } else { 0.0 };
            (
                badge_width(item.mark).max(widest).max(across) + 28.0,
                (tall + 18.0 + above(door)).max(40.0) + room(item),
            )
        }
        (Form::Input | Form::Param | Form::Const, _) => {
            (badge_width(item.mark).max(widest + 14.0) + 12.0, tall + 14.0 + room(item))
        }
    }
}

/// The room of the longest name of a port.
fn door<'a>(ports: impl Iterator<Item = &'a str>) -> f64 {
    ports.map(|port| width_of(port, SMALL) + 10.0).fold(0.0, f64::max)
}

/// The room of the names of ports above what a box says.
fn above(door: f64) -> f64 {
    if door > 0.0 { LINE } else { 0.0 }
}

/// The room of a badge within an outline.
fn room(item: &Item) -> f64 {
    if item.mark.is_some() { 6.0 } else { 0.0 }
}

fn badge_width(mark: Option<Mark>) -> f64 {
    mark.map_or(0.0, |mark| width_of(mark.word(), SMALL) + 25.0)
}

pub fn draw_item(item: &Item, place: Rectangle, ports: &[Port], axis: Axis, pen: &mut dyn Pen) {
    pen.begin(Part::Item { key: &item.key, form: item.form.word() }, &item.tip);
    draw_outline(item.form, place, item.mark.map_or("", Mark::word), pen);
    draw_words(item, place, ports, axis, pen);
    draw_ports(item.form, place, ports, axis, pen);
    if let Some(mark) = item.mark {
        match item.form {
            Form::Circle => draw_badge((place.x + RADIUS + 14.0, place.y - RADIUS + 1.0), mark, pen),
            _ => draw_badge((place.right() - 6.0, place.top()), mark, pen),
        }
    }
    pen.end();
}

fn draw_words(item: &Item, place: Rectangle, ports: &[Port], axis: Axis, pen: &mut dyn Pen) {
    let words = words(item);
    let (widest, tall) = extent(&words);
    let door = door(ports.iter().map(|(name, _)| *name));
    let (mut x, mut anchor) = (place.x, Anchor::Middle);
    let mut y = place.y - tall / 2.0 + room(item) / 2.0;
    match (item.form, axis) {
        (Form::Circle, _) => {
            // The names of ports have the side where the edges come in.
            let (aside, down) = axis.turned(if door > 0.0 { (5.0, 0.0) } else { (0.0, 0.0) });
            let size = match item.sign.chars().count() {
                1 if door > 0.0 => 18.0,
                1 => 21.0,
                _ => 14.0,
            };
            pen.text("", (place.x + aside, place.y + down + size * 0.35), size, Anchor::Middle, &item.sign);
            match axis {
                Axis::Right => y = place.y + RADIUS,
                Axis::Down => (x, anchor) = (place.x + RADIUS + 6.0, Anchor::Start),
            }
        }
        (Form::Box | Form::Fold, Axis::Right) => x += door / 2.0,
        (Form::Box | Form::Fold, Axis::Down) => y += above(door) / 2.0,
        (Form::End, Axis::Right) => (x, anchor) = (place.left() + 6.0, Anchor::Start),
        _ => {}
    }
    for words in words {
        let (width, height) = words.size();
        match words {
            Words::Line(style, size, text) => pen.text(style, (x, y + height - 3.5), size, anchor, text),
            Words::Numbers(style, sign, label) => {
                let middle = if anchor == Anchor::Start { x + width / 2.0 } else { x };
                draw_content(label, sign, style, (middle, y), false, pen);
            }
        }
        y += height;
    }
    debug_assert!(widest <= place.width || item.form == Form::Circle, "{}", item.key);
}

fn draw_ports(form: Form, place: Rectangle, ports: &[Port], axis: Axis, pen: &mut dyn Pen) {
    for &(name, across) in ports {
        let inside = match form {
            Form::Circle => (RADIUS * RADIUS - across * across).max(0.0).sqrt() - 2.5,
            _ => axis.turned((place.width, place.height)).0 / 2.0 - 5.0,
        };
        match axis {
            Axis::Right => {
                pen.text("port", (place.x - inside, place.y + across + 4.0), SMALL, Anchor::Start, name)
            }
            Axis::Down => {
                pen.text("port", (place.x + across, place.y - inside + 9.5), SMALL, Anchor::Middle, name)
            }
        }
    }
}

fn draw_outline(form: Form, place: Rectangle, mark: &str, pen: &mut dyn Pen) {
    let round = (place.height / 2.0).min(16.0);
    let middle = (place.x, place.y);
    let shape = format!("shape {mark}");
    match form {
        Form::Circle => pen.circle(&shape, middle, RADIUS),
        Form::Port => pen.circle("head", middle, DOT),
        Form::Box => pen.rectangle(&shape, place, 4.0),
        Form::Fold => {
            // A second outline behind the first: there is more inside.
            pen.rectangle("shape", Rectangle { x: place.x + 4.0, y: place.y + 4.0, ..place }, 4.0);
            pen.rectangle(&shape, place, 4.0);
        }
        Form::Input => pen.rectangle(&shape, place, round),
        Form::Param => {
            pen.rectangle(&shape, place, 4.0);
            let inner = Rectangle { width: place.width - 7.0, height: place.height - 7.0, ..place };
            pen.rectangle("bare", inner, 1.5);
        }
        Form::Const => pen.rectangle("shape dashed", place, round),
        Form::Literal | Form::Tag | Form::End | Form::Turn => {}
    }
}

/// A verdict as a sign and in words, on an upper edge that it ends at.
pub fn draw_badge((right, middle): Point, mark: Mark, pen: &mut dyn Pen) {
    let word = mark.word();
    let width = badge_width(Some(mark));
    let left = right - width;
    let place = Rectangle { x: left + width / 2.0, y: middle, width, height: 16.0 };
    pen.rectangle(&format!("badge-{word}"), place, if mark == Mark::Wrong { 2.0 } else { 8.0 });
    // Drawn and not written, as few fonts have these signs.
    let (x, y) = (left + 6.0, middle);
    let stroke = |from: Point, to: &[Point]| {
        let lines = to.iter().map(|&(dx, dy)| Step::Line((x + dx, y + dy)));
        std::iter::once(Step::Move((x + from.0, y + from.1))).chain(lines).collect::<Vec<_>>()
    };
    let sign = match mark {
        Mark::Ok => stroke((0.0, 0.0), &[(3.0, 3.0), (8.0, -3.0)]),
        Mark::Kink => stroke((0.0, 3.0), &[(4.0, -3.0), (8.0, 3.0)]),
        Mark::Undecided => {
            [0.0, 3.5, 7.0].iter().flat_map(|&at| stroke((at, 0.5), &[(at + 1.5, 0.5)])).collect()
        }
        Mark::Lost => stroke((0.0, -3.0), &[(4.0, 3.0), (8.0, -3.0)]),
        Mark::Wrong => [stroke((0.5, -3.5), &[(7.5, 3.5)]), stroke((7.5, -3.5), &[(0.5, 3.5)])].concat(),
    };
    pen.path("badge-sign", &sign);
    pen.text("on-badge", (left + 19.0, middle + 4.3), SMALL, Anchor::Start, word);
}
