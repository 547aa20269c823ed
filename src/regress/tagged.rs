//! The files that have the wanted tags.

use super::{case::Case, tags::Tags};
use crate::{limits::Limits, load::open, source::SourceMap};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// The files whose tags are wanted, by the user, or by their folder where the user says nothing; and
/// all tags that were looked at. A file that the user names needs no tag of its folder's. Only for
/// tags is a file read before its test.
pub fn tagged(cases: Vec<Case>, wanted: Option<&Tags>, limits: &Limits) -> (Vec<Case>, BTreeSet<String>) {
    let wanted_of = |case: &Case| {
        let settings = case.settings.as_ref().filter(|_| case.root.is_some());
        let of_folder = || settings.map(|settings| settings.tags.clone());
        wanted.cloned().or_else(of_folder).filter(|tags| !tags.is_empty())
    };
    let looked_at: Vec<(Case, bool, Vec<String>)> = cases
        .into_par_iter()
        .map(|case| match wanted_of(&case) {
            None => (case, true, Vec::new()),
            Some(wanted) => {
                let tags = tags(&case, limits);
                let is_taken = wanted.take(&tags);
                (case, is_taken, tags)
            }
        })
        .collect();
    let known = looked_at.iter().flat_map(|(.., tags)| tags.iter().cloned()).collect();
    (looked_at.into_iter().filter(|(_, is_taken, _)| *is_taken).map(|(case, ..)| case).collect(), known)
}

/// The tags of a file; none of one that cannot be read, which its test says.
fn tags(case: &Case, limits: &Limits) -> Vec<String> {
    match open(&case.input(), None, limits, &mut SourceMap::default()) {
        Ok(opened) => opened.document().testing.tags.iter().map(|tag| tag.value.to_string()).collect(),
        Err(_) => Vec::new(),
    }
}
