//! Names that look like other names, or like words of another script: whoever reads the
//! file takes one for the other, and the wrong value is used.

use crate::{
    diagnostic::Diagnostic,
    source::Name,
    syntax::{Block, Document},
};
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use unicode_script::{Script, UnicodeScript};
use unicode_security::{
    RestrictionLevel, RestrictionLevelDetection, confusable_detection::skeleton as letters_of,
};

/// More warnings than these are of use to nobody.
const MOST: usize = 1000;

/// Warns of names that look alike, and of names of mixed scripts.
pub fn warnings(document: &Document) -> Vec<Diagnostic> {
    let mut names: Vec<&Name> = Vec::new();
    names.extend(document.leaves.iter().map(|leaf| &leaf.name));
    names.extend(document.nodes.iter().map(|node| &node.name));
    document.blocks.iter().for_each(|block| names.extend(names_of(block)));
    if names.iter().all(|name| name.value.is_ascii()) {
        return Vec::new();
    }
    names.sort_by_key(|name| name.span);
    let mut found = Vec::new();
    let (mut known, mut told) = (HashMap::<String, &Name>::new(), HashSet::<&str>::new());
    for name in names {
        if found.len() >= MOST || !told.insert(&name.value) {
            continue;
        }
        if is_mixed(&name.value) {
            found.push(mixed(name));
        }
        let first = *known.entry(skeleton(&name.value)).or_insert(name);
        if first.value != name.value && !(first.value.is_ascii() && name.value.is_ascii()) {
            found.push(alike(first, name));
        }
    }
    found
}

fn names_of(block: &Block) -> impl Iterator<Item = &Name> {
    let inputs = block.inputs.iter().map(|input| &input.name);
    let attributes = block.attributes.iter().map(|attribute| &attribute.name);
    let leaves = block.leaves.iter().map(|leaf| &leaf.name);
    let nodes = block.nodes.iter().map(|node| &node.name);
    std::iter::once(&block.name).chain(inputs).chain(attributes).chain(leaves).chain(nodes)
}

/// What two names have in common that look alike.
pub fn skeleton(name: &str) -> String {
    letters_of(name).collect()
}

/// `U+0430 (Cyrillic)`: the letters of a name beyond ASCII, at most three.
pub fn letters(name: &str) -> String {
    let told = name.chars().filter(|c| !c.is_ascii()).take(3);
    let told: Vec<String> =
        told.map(|c| format!("U+{:04X} ({})", u32::from(c), c.script().full_name())).collect();
    if told.is_empty() { "ASCII alone".to_string() } else { told.join(", ") }
}

fn is_mixed(name: &str) -> bool {
    // Latin with Japanese, Chinese or Korean is what people there write.
    let is_mixed = |text: &str| {
        !text.is_ascii() && text.detect_restriction_level() > RestrictionLevel::HighlyRestrictive
    };
    let scripts = scripts(name);
    let is_formula = scripts.iter().all(|script| matches!(script, Script::Latin | Script::Greek));
    match is_formula {
        // Formulas have Greek beside Latin, `dθ` and `grad_α`, but no word that reads as Latin.
        true => scripts.len() > 1 && skeleton(name).is_ascii() && name.split('_').any(is_mixed),
        false => scripts.len() > 1 && is_mixed(name),
    }
}

/// The scripts of a name's letters, in their order.
fn scripts(name: &str) -> Vec<Script> {
    let mut scripts: Vec<Script> = Vec::new();
    for script in name.chars().map(|c| c.script()) {
        if !matches!(script, Script::Common | Script::Inherited) && !scripts.contains(&script) {
            scripts.push(script);
        }
    }
    scripts
}

fn mixed(name: &Name) -> Diagnostic {
    let scripts: Vec<&str> = scripts(&name.value).iter().map(|script| script.full_name()).collect();
    Diagnostic::warning(format!("the name `{}` mixes letters of {}", name.value, scripts.join(" and ")))
        .at(name.span, letters(&name.value))
        .help("write it in letters of one script: it is easily taken for another name")
}

fn alike(first: &Name, second: &Name) -> Diagnostic {
    Diagnostic::warning(format!("`{}` and `{}` look alike and are two names", first.value, second.value))
        .at(second.span, letters(&second.value))
        .at(first.span, letters(&first.value))
        .help("rename one of them")
}
