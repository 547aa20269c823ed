//! How a graph is read: the Python class `graphrun.Reading`.

use crate::arrays::{Named, named};
use graphrun::{
    Refusal,
    diagnostic::Diagnostic,
    initializers::Files,
    limits::{self, Limits},
    resolve::Request,
    source::{Name, SourceMap, Spanned, Spelling},
};
use pyo3::{prelude::*, types::PyDict};
use std::{collections::BTreeMap, path::PathBuf};

/// What `graphrun.Reading` says, as it says it.
#[derive(FromPyObject)]
pub struct Reading<'py> {
    output: Vec<String>,
    wrt: Vec<String>,
    upstream: Bound<'py, PyDict>,
    data: Vec<PathBuf>,
    seed: Option<u32>,
    limits: BTreeMap<String, String>,
    spelling: Option<String>,
}

impl Reading<'_> {
    /// The request for a graph whose data files lie beside it, in `folder`. Names that are asked for join
    /// `sources`.
    ///
    /// # Errors
    /// All names of limits that there are not, and values that are none.
    pub fn request(&self, folder: PathBuf, sources: &mut SourceMap) -> Result<Request, Refusal> {
        let mut names = |word: &str, asked: &[String]| -> Vec<Name> {
            let name = |asked: &String| {
                Some(Spanned::new(asked.as_str().into(), sources.add(word, asked.as_str())?.span()))
            };
            asked.iter().filter_map(name).collect()
        };
        Ok(Request {
            outputs: names("output", &self.output),
            wrt: names("wrt", &self.wrt),
            seed: self.seed,
            files: Files::new(std::iter::once(folder).chain(self.data.clone()).collect()),
            limits: self.limits()?,
            ..Request::default()
        })
    }

    /// The gradients that backward starts from.
    ///
    /// # Errors
    /// As [`Intake::tensor`](crate::arrays::Intake::tensor).
    pub fn upstreams(&self, limits: &Limits) -> PyResult<Named> {
        named(&self.upstream, limits)
    }

    /// The spelling that is said.
    ///
    /// # Errors
    /// It is none of the two.
    pub fn spelling(&self) -> Result<Option<Spelling>, Diagnostic> {
        match self.spelling.as_deref() {
            None => Ok(None),
            Some("graph") => Ok(Some(Spelling::Graph)),
            Some("toml") => Ok(Some(Spelling::Toml)),
            Some(other) => Err(Diagnostic::error(format!("spelling = {other:?}: there is no such spelling"))
                .help("the spellings are \"graph\" and \"toml\"")),
        }
    }

    fn limits(&self) -> Result<Limits, Refusal> {
        let (mut limits, mut faults) = (Limits::default(), Vec::new());
        for (name, typed) in &self.limits {
            match (limits.get_mut(name), limits::value(typed)) {
                (Some(limit), Some(value)) => *limit = value,
                (Some(_), None) => faults.push(
                    Diagnostic::error(format!("limits: `{name}` is a number, not {typed:?}"))
                        .help("for example 100_000_000, \"1e8\" or \"2GB\""),
                ),
                (None, _) => {
                    let known = Limits::TABLE.iter().map(|row| row.name);
                    faults.push(
                        Diagnostic::error(format!("limits: no limit is called `{name}`"))
                            .did_you_mean(name, known)
                            .help("`graphrun limits` lists them all"),
                    );
                }
            }
        }
        if faults.is_empty() { Ok(limits) } else { Err(Refusal(faults)) }
    }
}
