//! A graph file as a test of pytest's, judged as `graphrun test` does.

use crate::work;
use graphrun::{
    diagnostic::{Diagnostic, render_some},
    initializers::Files,
    inside::folder_of,
    limits::Limits,
    load,
    regress::{self, Case, Found, Options, Selection, find, run_all},
    report::{
        Style,
        regression::{Entry, failures, remark},
    },
    resolve::Request,
    source::SourceMap,
};
use pyo3::prelude::*;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// The file as one that was found, with the settings of its folder; none where it is no graph file, or left
/// out there.
fn found(path: PathBuf) -> Found {
    find(&[path], &Selection { as_found: true, ..Selection::default() })
}

/// The tags of a graph file, `None` for a file that is none; and the warnings and the errors of its folder's
/// settings.
type Tags = (Option<Vec<String>>, String, String);

#[pyfunction]
pub fn tags(py: Python<'_>, path: PathBuf) -> PyResult<Tags> {
    work::long(py, |_| {
        let Found { cases, faults, sources } = found(path);
        let (warnings, errors): (Vec<Diagnostic>, _) = faults.into_iter().partition(|fault| fault.warning);
        let tags = cases.first().map(|case| {
            let opened = load::open(&case.input(), None, &Limits::default(), &mut SourceMap::default());
            let tags = opened.map(|opened| opened.document().testing.tags.clone());
            // One that cannot be read fails when it is tested.
            tags.unwrap_or_default().iter().map(|tag| tag.value.to_string()).collect()
        });
        (tags, render_some(&warnings, &sources, false), render_some(&errors, &sources, false))
    })
}

/// Tests a graph file: how it fared in a word, why it was skipped or is expected to fail, and the report
/// for people.
#[pyfunction]
pub fn test(
    py: Python<'_>,
    path: PathBuf,
    data: Vec<PathBuf>,
    allow_undecided: bool,
    color: bool,
) -> PyResult<(String, Option<String>, String)> {
    let entry = work::listening(py, |flag| {
        let Found { cases, .. } = work::among(|| found(path.clone()))?;
        let cases: Vec<Case> = cases.into_iter().take(1).collect();
        let options = Options { allow_undecided, ..Options::default() };
        let test: regress::Test = Arc::new(move |case, cancel| {
            let test =
                || regress::test(&case.input(), &request(case, &data), SourceMap::default(), options, cancel);
            work::among(test).expect("the file was found by the same threads")
        });
        let mut entry = None;
        let limits = regress::Limits { jobs: 1, timeout: None };
        run_all(&cases, limits, flag, test, |case, tested, took: Duration| {
            entry = Some(Entry { case: case.clone(), tested, took });
        });
        Ok::<_, PyErr>(entry)
    })??;
    Ok(match entry {
        None => ("refused".to_string(), None, format!("error: {} is no graph file\n", path.display())),
        Some(entry) => {
            let report = failures(&entry, Style { color });
            (entry.tested.outcome().word().to_string(), remark(&entry.tested), report)
        }
    })
}

/// How the file is read: as its folder says, with these folders for data first.
fn request(case: &Case, data: &[PathBuf]) -> Request {
    let settings = case.settings.as_deref();
    let of_folder = settings.iter().flat_map(|settings| &settings.data).cloned();
    let folders = std::iter::once(folder_of(&case.path).to_path_buf()).chain(data.to_vec()).chain(of_folder);
    Request {
        files: Files::new(folders.collect()),
        within: settings.and_then(|settings| settings.within),
        ..Request::default()
    }
}
