//! Choosing files by what they say of themselves: `tags slow, mnist`.

/// Tags that files are chosen by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tags {
    /// One of them is needed, where there are any.
    any: Vec<String>,
    /// None of them may be there.
    none: Vec<String>,
}

impl Tags {
    /// `slow` asks for a tag, `!slow` keeps off it.
    pub fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut tags = Self::default();
        for word in words {
            match word.strip_prefix('!') {
                Some(tag) => tags.none.push(tag.to_string()),
                None => tags.any.push(word.to_string()),
            }
        }
        tags
    }

    pub fn is_empty(&self) -> bool {
        self.any.is_empty() && self.none.is_empty()
    }

    pub(super) fn take(&self, tags: &[String]) -> bool {
        let has = |tag: &String| tags.contains(tag);
        (self.any.is_empty() || self.any.iter().any(has)) && !self.none.iter().any(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_asked_for_and_kept_off() {
        let takes = |words: &[&str], tags: &[&str]| {
            let tags: Vec<String> = tags.iter().map(ToString::to_string).collect();
            Tags::of(words.iter().copied()).take(&tags)
        };
        assert!(
            takes(&[], &[]) && takes(&["a", "b"], &["b"]) && takes(&["!a"], &["b"]) && takes(&["!a"], &[])
        );
        assert!(!takes(&["a"], &[]) && !takes(&["!a"], &["a", "b"]) && !takes(&["b", "!a"], &["a", "b"]));
    }
}
