//! Which font of a machine writes a character that the picture's own lacks.

use resvg::usvg::{
    FallbackSelectionFn,
    fontdb::{Database, FaceInfo, ID, Style},
};
use skrifa::{FontRef, charmap::Charmap};

/// Words in the names of fonts with serifs, and of those that are no text.
const SERIFS: [&str; 10] =
    ["Serif", "Mincho", "Ming", "Song", "Sung", "Batang", "Myeongjo", "Times", "Garamond", "Kaiti"];
const OTHERS: [&str; 5] = ["Mono", "Emoji", "Symbol", "Condensed", "Code"];

/// The font most like the first that was tried: without serifs and as bold as it, for
/// Chinese letters one of Japan, as the picture's own list of fonts asks for.
pub fn fallback() -> FallbackSelectionFn<'static> {
    Box::new(|character, tried, fonts| {
        let weight = fonts.face(*tried.first()?)?.weight.0;
        let mut faces: Vec<&FaceInfo> = fonts.faces().filter(|face| !tried.contains(&face.id)).collect();
        faces.sort_by_cached_key(|face| strangeness(face, weight));
        faces.into_iter().map(|face| face.id).find(|&face| has(fonts, face, character))
    })
}

fn has(fonts: &Database, face: ID, character: char) -> bool {
    let found = fonts.with_face_data(face, |data, index| {
        let font = FontRef::from_index(data, index).ok()?;
        Charmap::new(&font).map(character)
    });
    found.flatten().is_some()
}

/// How unlike a text without serifs and of this weight a font is; the least is best.
fn strangeness(face: &FaceInfo, weight: u16) -> (bool, bool, u16, bool, bool, String) {
    let names =
        || face.families.iter().map(|(name, _)| name.as_str()).chain([face.post_script_name.as_str()]);
    let has = |words: &[&str]| names().any(|name| words.iter().any(|word| name.contains(word)));
    let is_serif = has(&SERIFS) && !has(&["Sans"]);
    let is_japanese = has(&["JP", "IPA", "Hiragino", "Yu Gothic", "Meiryo", "Takao", "VL Gothic"]);
    (
        is_serif,
        has(&OTHERS),
        face.weight.0.abs_diff(weight),
        face.style != Style::Normal,
        !is_japanese,
        face.post_script_name.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use resvg::usvg::fontdb::{Language, Source, Stretch, Weight};
    use std::sync::Arc;

    fn face(name: &str, weight: u16, style: Style) -> FaceInfo {
        FaceInfo {
            id: ID::dummy(),
            source: Source::Binary(Arc::new(Vec::new())),
            index: 0,
            families: vec![(name.to_string(), Language::English_UnitedStates)],
            post_script_name: name.replace(' ', ""),
            style,
            weight: Weight(weight),
            stretch: Stretch::Normal,
            monospaced: false,
        }
    }

    #[test]
    fn a_title_is_bold_and_without_serifs() {
        let mut faces = [
            face("Noto Serif CJK JP", 700, Style::Normal),
            face("Noto Sans CJK JP", 400, Style::Normal),
            face("Noto Sans CJK SC", 700, Style::Normal),
            face("Noto Sans Mono CJK JP", 700, Style::Normal),
            face("IPAMincho", 400, Style::Normal),
            face("Noto Sans CJK JP", 700, Style::Normal),
        ];
        let mut first = |weight| {
            faces.sort_by_cached_key(|face| strangeness(face, weight));
            (faces[0].families[0].0.clone(), faces[0].weight.0)
        };
        assert_eq!(first(700), ("Noto Sans CJK JP".to_string(), 700));
        assert_eq!(first(400), ("Noto Sans CJK JP".to_string(), 400));
        // A font of the wrong weight is better than one with serifs.
        let mut faces = [face("IPAMincho", 700, Style::Normal), face("IPAGothic", 400, Style::Normal)];
        faces.sort_by_cached_key(|face| strangeness(face, 700));
        assert_eq!(faces[0].families[0].0, "IPAGothic");
    }
}
