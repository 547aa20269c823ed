//! The picture as a document of LaTeX that needs nothing but TikZ, to be compiled or
//! to be taken apart: the same strokes as in the SVG.

use super::{
    draw::{
        Frame, draw_parts,
        pen::{Anchor, Part, Pen, Point, Step},
    },
    place::{Layout, Rectangle},
    scene::Scene,
    theme::Palette,
};
use crate::escape;
use std::fmt::Write;

/// A pixel in TeX's big points, and how many of these TeX can count.
const PIXEL: f64 = 0.75;
const MOST: f64 = 14_000.0;

/// Signs that TeX has in its fonts for formulas.
const SIGNS: [(&str, &str); 13] = [
    ("2212", "-"),
    ("D7", "\\times"),
    ("F7", "\\div"),
    ("2190", "\\leftarrow"),
    ("2191", "\\uparrow"),
    ("3A3", "\\Sigma"),
    ("221A", "\\surd"),
    ("B2", "{}^2"),
    ("207F", "{}^n"),
    ("B7", "\\cdot"),
    ("2026", "\\ldots"),
    ("2202", "\\partial"),
    ("394", "\\Delta"),
];

/// Pages without margins, and what to do with a character that the font lacks: with
/// XeTeX or LuaTeX it is tried, with pdfTeX its code stands in a frame.
const PREAMBLE: &str = r"\usepackage{tikz}
\setlength{\textwidth}{\paperwidth}
\setlength{\textheight}{\dimexpr\paperheight+20bp}
\setlength{\oddsidemargin}{-1in}
\setlength{\topmargin}{-1in}
\setlength{\headheight}{0pt}
\setlength{\headsep}{0pt}
\setlength{\topskip}{0pt}
\setlength{\parindent}{0pt}
\pagestyle{empty}
\ifdefined\pdfpagewidth\pdfpagewidth=\paperwidth\pdfpageheight=\paperheight\fi
\ifdefined\pagewidth\pagewidth=\paperwidth\pageheight=\paperheight\fi
\newcommand{\sign}[2]{\ifcsname sign#1\endcsname\csname sign#1\endcsname\else
  \ifdefined\Umathcode#2\else\ifcsname u8:\detokenize{#2}\endcsname#2\else\fbox{\tiny#1}\fi\fi\fi}
";

/// A scene as a document.
pub fn tikz(scene: &Scene, layout: &Layout, palette: &Palette) -> String {
    let frame = Frame::of(scene, layout);
    let unit = PIXEL.min(MOST / frame.width.max(frame.height));
    let mut out = String::from("\\RequirePackage{fix-cm}\n\\documentclass{article}\n");
    for (length, pixels) in [("width", frame.width), ("height", frame.height)] {
        let _ = writeln!(out, "\\setlength{{\\paper{length}}}{{{:.2}bp}}", pixels * unit);
    }
    out.push_str(PREAMBLE);
    for (code, sign) in SIGNS {
        let _ = writeln!(out, "\\expandafter\\def\\csname sign{code}\\endcsname{{\\ensuremath{{{sign}}}}}");
    }
    styles(palette, unit, &mut out);
    out.push_str("\\begin{document}\n\\sffamily\n");
    let _ = writeln!(out, "\\begin{{tikzpicture}}[x={unit:.4}bp, y=-{unit:.4}bp]");
    let _ = writeln!(out, "\\fill[graph paper] (0,0) rectangle ({:.1},{:.1});", frame.width, frame.height);
    let mut pen = Writer { out, unit, down: 0.0 };
    frame.draw(scene, &mut pen);
    pen.down = frame.heading;
    draw_parts(scene, layout, &mut pen);
    pen.out + "\\end{tikzpicture}\n\\end{document}\n"
}

fn styles(palette: &Palette, unit: f64, out: &mut String) {
    let Palette { paper, ink, faint, fill, value, gradient, wrong, doubtful, good } = palette;
    let colours = [
        ("paper", paper),
        ("ink", ink),
        ("faint", faint),
        ("fill", fill),
        ("value", value),
        ("gradient", gradient),
        ("wrong", wrong),
        ("doubtful", doubtful),
        ("good", good),
    ];
    for (name, colour) in colours {
        let _ = writeln!(
            out,
            "\\definecolor{{graph{name}}}{{HTML}}{{{}}}",
            colour.trim_start_matches('#').to_uppercase()
        );
    }
    let line = |colour: &str, pixels: f64| format!("draw=graph{colour}, line width={:.2}bp", pixels * unit);
    let dashes = |on: f64, off: f64| format!("dash pattern=on {:.2}bp off {:.2}bp", on * unit, off * unit);
    let styles = [
        ("paper", "fill=graphpaper".to_string()),
        ("shape", format!("fill=graphfill, {}", line("ink", 1.4))),
        ("bare", line("ink", 1.1)),
        ("group", format!("{}, {}", line("faint", 1.2), dashes(7.0, 4.0))),
        ("edge", line("ink", 1.2)),
        ("head", "fill=graphink".to_string()),
        ("value", "fill=graphvalue".to_string()),
        ("gradient", "fill=graphgradient".to_string()),
        ("bracket", line("ink", 1.2)),
        ("dashed", dashes(4.0, 3.0)),
        ("ok", String::new()),
        ("wrong", line("wrong", 3.2)),
        ("kink", line("doubtful", 2.4)),
        ("lost", line("doubtful", 2.4)),
        ("undecided", line("doubtful", 2.4)),
        ("badge-wrong", "fill=graphwrong".to_string()),
        ("badge-kink", "fill=graphdoubtful".to_string()),
        ("badge-lost", "fill=graphdoubtful".to_string()),
        ("badge-undecided", "fill=graphdoubtful".to_string()),
        ("badge-ok", "fill=graphgood".to_string()),
        ("badge-sign", line("paper", 1.6)),
    ];
    out.push_str("\\tikzset{\n");
    for (name, style) in styles {
        let _ = writeln!(out, "  graph {name}/.style={{{style}}},");
    }
    out.push_str("}\n");
}

struct Writer {
    out: String,
    unit: f64,
    /// How far below the top of the picture its parts begin.
    down: f64,
}

impl Writer {
    fn point(&self, (x, y): Point) -> String {
        format!("({x:.1},{:.1})", y + self.down)
    }

    fn stroke(&mut self, options: &str, what: &str) {
        let _ = writeln!(self.out, "\\path[{options}] {what};");
    }
}

/// The styles of a stroke; a bracket has the colour of what it holds.
fn options(style: &str) -> String {
    let mut words: Vec<String> = style.split_whitespace().map(|word| format!("graph {word}")).collect();
    if let Some(held) = style.strip_prefix("bracket ").filter(|held| !held.is_empty()) {
        words = vec!["graph bracket".to_string(), format!("draw=graph{held}")];
    }
    words.join(", ")
}

impl Pen for Writer {
    fn begin(&mut self, part: Part, _tip: &str) {
        let named = match part {
            Part::Item { key, .. } => key,
            Part::Edge { name, .. } => name,
            Part::Group { name, .. } => name,
            Part::Turn => return,
        };
        let _ = writeln!(self.out, "% {}", escape::line(named));
    }

    fn end(&mut self) {}

    fn text(&mut self, style: &str, at: Point, size: f64, anchor: Anchor, text: &str) {
        // The last word is the most special.
        let (first, last) = (style.split(' ').next(), style.rsplit(' ').next().unwrap_or_default());
        let colour = match last {
            "kept-enough" => "good",
            "kept-few" => "doubtful",
            "kept-lost" => "wrong",
            "faint" | "port" => "faint",
            "value" => "value",
            "gradient" => "gradient",
            "on-badge" => "paper",
            _ => "ink",
        };
        let anchor = match anchor {
            Anchor::Start => "base west",
            Anchor::Middle => "base",
            Anchor::End => "base east",
        };
        let shape = match first {
            Some("title") => "\\bfseries",
            Some("gradient") => "\\slshape",
            _ => "",
        };
        let size = size * self.unit;
        let _ = writeln!(
            self.out,
            "\\node[inner sep=0pt, text=graph{colour}, anchor={anchor}] at {} {{\\fontsize{{{size:.2}}}{{{:.2}}}\\selectfont{shape} {}}};",
            self.point(at),
            1.2 * size,
            escape::tikz(text)
        );
    }

    fn rectangle(&mut self, style: &str, place: Rectangle, round: f64) {
        let corners = (self.point((place.left(), place.top())), self.point((place.right(), place.bottom())));
        let options = format!("{}, rounded corners={:.2}bp", options(style), round * self.unit);
        self.stroke(&options, &format!("{} rectangle {}", corners.0, corners.1));
    }

    fn circle(&mut self, style: &str, middle: Point, radius: f64) {
        let what = format!("{} circle[radius={:.2}bp]", self.point(middle), radius * self.unit);
        self.stroke(&options(style), &what);
    }

    fn path(&mut self, style: &str, steps: &[Step]) {
        let step = |step: &Step| match *step {
            Step::Move(p) => format!(" {}", self.point(p)),
            Step::Line(p) => format!(" -- {}", self.point(p)),
            Step::Curve(a, b, p) => {
                format!(" .. controls {} and {} .. {}", self.point(a), self.point(b), self.point(p))
            }
            Step::Close => " -- cycle".to_string(),
        };
        let what: String = steps.iter().map(step).collect();
        self.stroke(&options(style), what.trim_start());
    }
}
