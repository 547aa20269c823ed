//! The picture as SVG. Every part of it bears an `id` and a `data-name` by the name
//! of its value, for pages that bring it to life.

use super::{
    draw::{
        Frame, draw_alone, draw_parts,
        pen::{Anchor, Part, Pen, Point, Step},
    },
    place::{Axis, Layout, Rectangle, TooTangled},
    scene::{Item, Scene},
    theme::Theme,
};
use crate::escape::xml;

/// The families that a picture asks for: for Latin first, behind them for Japanese.
const FONTS: &str = "'Noto Sans', 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', 'Hiragino Sans', \
                     'Yu Gothic', Meiryo, 'Noto Sans CJK JP', 'Noto Sans JP', IPAGothic, sans-serif";

/// The layout of a scene in one row from left to right.
///
/// # Errors
/// The scene is too tangled.
pub fn layout(scene: &Scene) -> Result<Layout, TooTangled> {
    super::draw::layout(scene, Axis::Right)
}

/// Draws a scene.
pub fn draw(scene: &Scene, layout: &Layout, theme: Theme) -> String {
    let mut out = Writer::default();
    let frame = Frame::of(scene, layout);
    let (width, height) = (frame.width, frame.height);
    let title = scene.title.as_deref().unwrap_or("A computation graph");
    out.line(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FONTS}\">"
    ));
    out.title(title);
    out.line(&format!("<style>\n{}.title {{ font-weight: bold }}\n</style>", theme.rules()));
    out.line(&format!("<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>"));
    frame.draw(scene, &mut out);
    out.line(&format!("<g transform=\"translate(0 {})\">", frame.heading));
    draw_parts(scene, layout, &mut out);
    out.line("</g>\n</svg>");
    out.out
}

/// The parts of a picture without a frame, for a page that has its own.
pub fn parts(scene: &Scene, layout: &Layout) -> String {
    let mut out = Writer::default();
    draw_parts(scene, layout, &mut out);
    out.out
}

/// An item around the origin, and its size.
pub fn alone(item: &Item) -> (String, (f64, f64)) {
    let mut out = Writer::default();
    let size = draw_alone(item, &mut out);
    (out.out, size)
}

/// Writes elements, with everything escaped.
#[derive(Default)]
struct Writer {
    out: String,
}

impl Writer {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn title(&mut self, text: &str) {
        self.line(&format!("<title>{}</title>", xml(text)));
    }
}

impl Pen for Writer {
    fn begin(&mut self, part: Part, tip: &str) {
        self.line(&match part {
            Part::Item { key, form } => {
                let key = xml(key);
                format!("<g class=\"item\" id=\"node-{key}\" data-name=\"{key}\" data-form=\"{form}\">")
            }
            Part::Edge { from, to, input, name } => {
                let (from, to, name) = (xml(from), xml(to), xml(name));
                format!(
                    "<g class=\"use\" id=\"edge-{from}-{to}-{input}\" data-name=\"{name}\" data-from=\"{from}\" data-to=\"{to}\">"
                )
            }
            Part::Group { key, name } => {
                format!("<g class=\"block\" id=\"group-{}\" data-name=\"{}\">", xml(key), xml(name))
            }
            Part::Turn => "<g class=\"turn\">".to_string(),
        });
        if !tip.is_empty() {
            self.title(tip);
        }
    }

    fn end(&mut self) {
        self.line("</g>");
    }

    fn text(&mut self, style: &str, (x, y): Point, size: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.line(&format!(
            "<text class=\"{style}\" x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\">{}</text>",
            xml(text)
        ));
    }

    fn rectangle(&mut self, style: &str, place: Rectangle, round: f64) {
        self.line(&format!(
            "<rect class=\"{style}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{round:.1}\"/>",
            place.left(),
            place.top(),
            place.width,
            place.height,
        ));
    }

    fn circle(&mut self, style: &str, (x, y): Point, radius: f64) {
        self.line(&format!("<circle class=\"{style}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"/>"));
    }

    fn path(&mut self, style: &str, steps: &[Step]) {
        let step = |step: &Step| match *step {
            Step::Move((x, y)) => format!("M{x:.1} {y:.1}"),
            Step::Line((x, y)) => format!("L{x:.1} {y:.1}"),
            Step::Curve(a, b, (x, y)) => {
                format!("C{:.1} {:.1} {:.1} {:.1} {x:.1} {y:.1}", a.0, a.1, b.0, b.1)
            }
            Step::Close => "z".to_string(),
        };
        self.line(&format!("<path class=\"{style}\" d=\"{}\"/>", steps.iter().map(step).collect::<String>()));
    }
}
