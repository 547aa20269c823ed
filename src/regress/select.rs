//! Choosing files by their names.

use std::collections::HashSet;

/// Which of the files that are found take part.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Parts of names, or globs; any of them will do.
    pub filters: Vec<String>,
    /// The same, of names that are left out.
    pub excluded: Vec<String>,
    /// The K-th of N parts, K from 1.
    pub shard: Option<(u64, u64)>,
    /// Only these names.
    pub only: Option<HashSet<String>>,
    /// Files that are named count as those that are found: what is no graph is passed over.
    pub as_found: bool,
}

impl Selection {
    pub(super) fn takes(&self, name: &str) -> bool {
        let fits = |filter: &String| fits(filter, name);
        let filtered =
            (self.filters.is_empty() || self.filters.iter().any(fits)) && !self.excluded.iter().any(fits);
        let sharded = self.shard.is_none_or(|(part, parts)| hash(name) % parts == part - 1);
        let named = self.only.as_ref().is_none_or(|only| only.contains(name));
        filtered && sharded && named
    }
}

/// Whether a name holds a text, or matches it as a glob.
pub(super) fn fits(filter: &str, name: &str) -> bool {
    name.contains(filter) || glob_match::glob_match(filter, name)
}

/// FNV-1a: the same on every machine and in every version.
pub fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_one_shard_of_several() {
        for name in ["a.graph", "layers/affine.graph", "りんご.toml"] {
            let takes = |part| Selection { shard: Some((part, 3)), ..Selection::default() }.takes(name);
            assert_eq!((1..=3).filter(|&part| takes(part)).count(), 1);
        }
    }

    #[test]
    fn filters_are_parts_of_names_or_globs() {
        let takes = |filter: &str| {
            Selection { filters: vec![filter.to_string()], ..Selection::default() }
                .takes("layers/affine.graph")
        };
        assert!(takes("affine") && takes("layers/*.graph") && takes("**/*.graph"));
        assert!(!takes("*.toml") && !takes("relu"));
    }
}
