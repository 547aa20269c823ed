//! What may have been meant by a word, at a bounded cost.

/// Longer words are not guessed at.
const LONGEST: usize = 64;

/// Words are compared letter by letter: so many pairs of letters at most for one guess.
const MOST_PAIRS: usize = 20_000_000;

/// Pairs of letters that a guess among so many words compares at most.
pub fn work(typed: &str, words: usize) -> usize {
    let length = typed.len().min(4 * LONGEST);
    length.saturating_mul(length).saturating_mul(words)
}

/// The known word nearest to a typed one, when it is near enough to be meant;
/// of several as near the first by the alphabet.
pub fn closest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = length(typed)?;
    // All words of one letter are as near to each other.
    if length == 1 {
        let small = typed.to_lowercase();
        return known.into_iter().filter(|name| *name != typed && name.to_lowercase() == small).min();
    }
    let allowed = (length / 3).clamp(1, 3);
    let is_near = |name: &str| self::length(name).is_some_and(|other| other.abs_diff(length) <= allowed);
    let near: Vec<&str> = known.into_iter().filter(|name| is_near(name)).collect();
    // Of too many none is looked at: the same file gets the same guess every time.
    if work(typed, near.len()) > MOST_PAIRS {
        return None;
    }
    near.into_iter()
        .map(|name| (strsim::damerau_levenshtein(typed, name), name))
        .filter(|&(distance, _)| distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// The characters of a word that is not too long.
fn length(word: &str) -> Option<usize> {
    if word.len() > 4 * LONGEST {
        return None;
    }
    Some(word.chars().count()).filter(|&length| length <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_long_ones_are_not_looked_at() {
        assert_eq!(closest("appel", ["apple", "pear"]), Some("apple"));
        assert_eq!(closest("りんこ", ["りんご", "みかん"]), Some("りんご"));
        assert_eq!(closest("x", ["abcdef"]), None);
        assert_eq!((closest("k", ["x", "y"]), closest("X", ["x", "y"])), (None, Some("x")));
        let long = "a".repeat(LONGEST + 1);
        assert_eq!(closest(&long, [&*long]), None);
    }
}
