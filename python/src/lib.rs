//! graphrun in Python: the extension module `graphrun._core`.
//!
//! # The route
//!
//! ```text
//! Python ──▶ reading, arrays ──▶ graph ──▶ planned ──▶ run ──▶ NumPy
//!                                  └──▶ judged, drawn, tested ──▶ JSON and text
//! ```
//!
//! - `reading` and `arrays` take in what Python gives: options of a reading, values of leaves.
//! - `graph` is a graph with the text it came from, so that it can be made anew for leaves of other
//!   shapes; `planned` keeps its plan and its arenas from run to run, `leaves` lays values into them, and
//!   `known` tells whether the ints among these are right in that plan.
//! - `run` hands values and gradients out as NumPy arrays that lie in the run's own arenas.
//! - `judged`, `drawn` and `tested` hand out what the core says of a graph, for people and for programs;
//!   the Python package makes objects of the latter.
//! - `refused` raises refusals, `work` lets go of the interpreter's lock, listens for Ctrl-C, and has threads
//!   in a process that was forked.
//!
//! What people see, with its documentation, is the Python package beside this crate; this module only
//! binds, and nothing here is decided twice.

mod arrays;
mod drawn;
mod graph;
mod judged;
mod known;
mod leaves;
mod listed;
mod planned;
mod reading;
mod refused;
mod run;
mod tested;
mod work;

use graphrun::cli;
use pyo3::{exceptions::PyRuntimeError, prelude::*};
use std::{
    ffi::OsString,
    io::{Write, stdout},
};

/// Runs the command line `graphrun WORDS…` and gives its exit code.
///
/// # Errors
/// A `RuntimeError` in a process that was forked: the command shares its work as a process of its own does.
#[pyfunction]
fn command(py: Python<'_>, words: Vec<OsString>) -> PyResult<u8> {
    if work::is_forked() {
        return Err(PyRuntimeError::new_err(
            "the command does not run in a forked process: start one of its own, as `subprocess` does",
        ));
    }
    Ok(py.detach(|| {
        let outcome = cli::call(&words);
        // Rust's own end of a program would do so. Whoever read it may have gone away.
        let _ = stdout().flush();
        outcome as u8
    }))
}

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<graph::Graph>()?;
    module.add_class::<run::Run>()?;
    module.add_function(wrap_pyfunction!(graph::load, module)?)?;
    module.add_function(wrap_pyfunction!(graph::parse, module)?)?;
    module.add_function(wrap_pyfunction!(judged::check, module)?)?;
    module.add_function(wrap_pyfunction!(judged::against, module)?)?;
    module.add_function(wrap_pyfunction!(judged::explain, module)?)?;
    module.add_function(wrap_pyfunction!(drawn::picture, module)?)?;
    module.add_function(wrap_pyfunction!(drawn::png, module)?)?;
    module.add_function(wrap_pyfunction!(drawn::table, module)?)?;
    module.add_function(wrap_pyfunction!(listed::ops, module)?)?;
    module.add_function(wrap_pyfunction!(listed::blocks, module)?)?;
    module.add_function(wrap_pyfunction!(tested::tags, module)?)?;
    module.add_function(wrap_pyfunction!(tested::test, module)?)?;
    module.add_function(wrap_pyfunction!(command, module)?)?;
    work::listen_for_forks(module)
}
