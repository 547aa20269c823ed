//! Refusals as Python's exception `graphrun.Refused`.

use graphrun::{
    Refusal,
    diagnostic::{Diagnostic, render_some},
    source::SourceMap,
};
use pyo3::{prelude::*, sync::PyOnceLock, types::PyType};

/// A refusal that no text has a part in, as Python raises it.
pub fn alone(py: Python<'_>, fault: Diagnostic) -> PyErr {
    refused(py, &fault.into(), &SourceMap::default())
}

/// A refusal as Python raises it: the words of the terminal, and each fault with its place.
pub fn refused(py: Python<'_>, refusal: &Refusal, sources: &SourceMap) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let told = |fault: &Diagnostic| {
        let place = fault.span().and_then(|span| sources.place(span));
        let (file, line, column) = match place {
            Some(place) => (Some(place.file.to_string()), Some(place.line), Some(place.column)),
            None => (None, None, None),
        };
        (
            fault.message.clone(),
            file,
            line,
            column,
            fault.help.clone(),
            render_some(std::slice::from_ref(fault), sources, false),
        )
    };
    let faults: Vec<_> = refusal.0.iter().map(told).collect();
    let words = render_some(&refusal.0, sources, false);
    CLASS
        .import(py, "graphrun._refused", "Refused")
        .and_then(|class| class.call_method1("of", (words, faults)))
        .map_or_else(|fault| fault, PyErr::from_value)
}
