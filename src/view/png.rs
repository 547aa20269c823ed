//! An SVG as PNG, with the fonts of this machine.

use super::fonts;
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{self, Group, Node, Tree},
};

/// Pixels of a picture at most: 80 million, some 320 MB while it is drawn.
const MOST_PIXELS: f64 = 8e7;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unpainted {
    #[error("no font is installed: install one, as `fonts-dejavu`, or write SVG")]
    NoFont,
    #[error("the picture would have more than 80 million pixels")]
    TooLarge,
    #[error("the picture cannot be painted: {0}")]
    Fault(String),
}

/// A picture, and a text in it that no font of this machine can write.
pub struct Painted {
    pub png: Vec<u8>,
    pub unwritable: Option<String>,
}

/// Paints an SVG of one theme, `scale` pixels a unit.
///
/// # Errors
/// There is no font at all, or the picture is too large.
pub fn paint(svg: &str, scale: f32) -> Result<Painted, Unpainted> {
    let mut options = usvg::Options { font_family: "DejaVu Sans".to_string(), ..usvg::Options::default() };
    options.font_resolver.select_fallback = fonts::fallback();
    options.fontdb_mut().load_system_fonts();
    if options.fontdb.is_empty() {
        return Err(Unpainted::NoFont);
    }
    let tree = Tree::from_str(svg, &options).map_err(|fault| Unpainted::Fault(fault.to_string()))?;
    let (width, height) = (tree.size().width() * scale, tree.size().height() * scale);
    if f64::from(width) * f64::from(height) > MOST_PIXELS {
        return Err(Unpainted::TooLarge);
    }
    let mut pixmap = Pixmap::new(width.ceil() as u32, height.ceil() as u32).ok_or(Unpainted::TooLarge)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    let png = pixmap.encode_png().map_err(|fault| Unpainted::Fault(fault.to_string()))?;
    Ok(Painted { png, unwritable: unwritable(tree.root()) })
}

/// A text with a character that no font has.
fn unwritable(group: &Group) -> Option<String> {
    group.children().iter().find_map(|node| match node {
        Node::Group(group) => unwritable(group),
        Node::Text(text) => {
            let glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
            let missing = glyphs.filter(|glyph| glyph.id.0 == 0);
            missing.map(|glyph| glyph.text.clone()).find(|text| !text.trim().is_empty())
        }
        _ => None,
    })
}
