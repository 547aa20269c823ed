//! What people know from NumPy, PyTorch, Keras, JAX and C, and what to write here.
//!
//! The tables are read wherever a word or a sign is refused, in either spelling. What stands
//! between backticks in an advice can be written so in a file: a test does that, for every row.

mod expressions;
mod ops;
mod statements;

pub use expressions::{MODULES, NAMES, PROPERTIES, SIGNS, SUBSCRIPTS, WORDS};
pub use ops::{ALIASES, ATTRIBUTES, BLOCKS, LEFT_OUT, OPS};
pub use statements::STATEMENTS;

use crate::gallery::{self, Entry};

/// Spellings of one thing, and what to write here instead.
#[derive(Debug)]
pub struct Phrase {
    pub typed: &'static [&'static str],
    /// `{x}` stands for the first input, `{a}` and `{b}` for two of a kind: see [`fill`].
    pub here: &'static str,
}

const fn phrase(typed: &'static [&'static str], here: &'static str) -> Phrase {
    Phrase { typed, here }
}

/// What to write instead of exactly this word.
pub fn find(table: &'static [Phrase], typed: &str) -> Option<&'static str> {
    table.iter().find(|phrase| phrase.typed.contains(&typed)).map(|phrase| phrase.here)
}

/// An advice with the words of a file in it; letters where it has none to offer.
pub fn fill(here: &str, words: &[(char, &str)]) -> String {
    let mut filled = here.to_string();
    for letter in ['a', 'b', 'x'] {
        let word = words.iter().find(|(known, _)| *known == letter).map(|(_, word)| *word);
        filled = filled.replace(&format!("{{{letter}}}"), word.unwrap_or(&letter.to_string()));
    }
    filled
}

/// The longest spelling that a text begins with, and what to write instead.
pub fn at_start(table: &'static [Phrase], text: &str) -> Option<(&'static str, &'static str)> {
    table
        .iter()
        .flat_map(|phrase| phrase.typed.iter().map(move |&typed| (typed, phrase.here)))
        .filter(|(typed, _)| text.starts_with(typed))
        .max_by_key(|(typed, _)| typed.len())
}

/// The name of the op or the initializer that others call `typed`, which may begin with
/// their modules: `np.dot`, `torch.nn.functional.relu`, `ReLU`.
pub fn alias(typed: &str) -> Option<&'static str> {
    let typed = without_modules(typed);
    find(ALIASES, typed).or_else(|| find(ALIASES, &snake_case(typed)))
}

/// The block of the library that is called `typed`, here or by others.
pub fn block(typed: &str) -> Option<&'static Entry> {
    let snake = snake_case(without_modules(typed));
    gallery::entry(&snake).or_else(|| gallery::entry(find(BLOCKS, &snake)?))
}

/// What to write instead of a call of an op that does not exist.
pub fn op(typed: &str) -> Option<&'static str> {
    let typed = without_modules(typed);
    find(OPS, typed).or_else(|| find(OPS, &snake_case(typed)))
}

/// `dot` of `np.dot`; the whole word where it does not begin with a module.
pub fn without_modules(path: &str) -> &str {
    let mut rest = path;
    while let Some((first, behind)) = rest.split_once('.') {
        if !MODULES.contains(&first) {
            break;
        }
        rest = behind;
    }
    rest
}

/// `log_softmax` of `LogSoftmax`: names of classes as names of functions.
pub fn snake_case(typed: &str) -> String {
    let mut words = String::with_capacity(typed.len() + 4);
    let mut before = '_';
    for letter in typed.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            words.push('_');
        }
        words.extend(letter.to_lowercase());
        before = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_behind_modules_and_in_other_cases() {
        assert_eq!(without_modules("torch.nn.functional.relu"), "relu");
        assert_eq!(without_modules("x.sum"), "x.sum");
        assert_eq!(snake_case("LogSoftmax"), "log_softmax");
        assert_eq!(alias("np.dot"), Some("matmul"));
        assert!(op("torch.relu6").is_some());
    }

    #[test]
    fn no_spelling_stands_twice_in_a_table() {
        for table in
            [ALIASES, ATTRIBUTES, BLOCKS, NAMES, OPS, PROPERTIES, SIGNS, STATEMENTS, SUBSCRIPTS, WORDS]
        {
            let mut typed: Vec<&str> = table.iter().flat_map(|phrase| phrase.typed).copied().collect();
            let all = typed.len();
            typed.sort_unstable();
            typed.dedup();
            assert_eq!(typed.len(), all, "{typed:?}");
        }
        let both = OPS.iter().flat_map(|phrase| phrase.typed).find(|typed| find(ALIASES, typed).is_some());
        assert_eq!(both, None);
    }
}
