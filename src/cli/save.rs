//! `--save OUT`: a run's arrays as a file.

use super::{options::Color, voice::warn};
use crate::{
    against::golden,
    arrays::{Array, npz, safetensors},
    compare::Comparison,
    diagnostic::Diagnostic,
    graph::{Graph, ValueId},
    precision::Precision,
    report::run::{Compared, Ran, arrays, is_shown},
    write::write,
};
use anyhow::{Context, Result, anyhow, bail};
use std::path::{Path, PathBuf};
use zip::CompressionMethod;

enum Format {
    Npz,
    Safetensors,
}

fn format(path: &Path) -> Option<Format> {
    let ending = path.extension()?;
    let is = |known: &str| ending.eq_ignore_ascii_case(known);
    if is("npz") { Some(Format::Npz) } else { is("safetensors").then_some(Format::Safetensors) }
}

/// Whether these files can be saved so, before any is run.
///
/// # Errors
/// The ending says no format, or several files would be one.
pub fn can_be(path: &Path, files: &[PathBuf]) -> Result<()> {
    if format(path).is_none() {
        bail!("`--save {}`: a file of arrays ends in `.npz` or `.safetensors`", path.display());
    }
    if files.len() > 1 {
        bail!("`--save` takes the arrays of one graph file, and {} are given", files.len());
    }
    Ok(())
}

/// # Errors
/// The file cannot be written.
pub fn save(ran: &Ran, all: bool, path: &Path, color: Color) -> Result<()> {
    put(path, &arrays(ran, all))?;
    if let Compared::Entries(comparison) = ran.compared
        && is_unmeasured(comparison)
    {
        let unmeasured =
            Diagnostic::warning("no numerical gradients are among the arrays: none were measured");
        let help = "`--check` measures them where it takes a second or two, `--check --every` always";
        warn(&[unmeasured.help(help)], ran.sources, color);
    }
    Ok(())
}

/// Inputs in a precision, precise results, and what a kernel may be off by.
///
/// # Errors
/// The file cannot be written.
pub fn save_golden(graph: &Graph, all: bool, path: &Path, precision: Precision) -> Result<()> {
    let shown: Vec<ValueId> = graph.ids().filter(|&id| is_shown(graph, id, all)).collect();
    put(path, &golden(graph, &shown, precision))
}

fn put(path: &Path, arrays: &[(String, Array)]) -> Result<()> {
    let bytes = match format(path) {
        Some(Format::Safetensors) => safetensors(arrays),
        // Read back as fast as it can be, and by any reader.
        Some(Format::Npz) | None => npz(None, arrays, CompressionMethod::Stored),
    };
    let bytes = bytes.map_err(|fault| anyhow!("{}: {fault}", path.display()))?;
    write(path, &bytes).with_context(|| format!("{}: cannot be written", path.display()))
}

fn is_unmeasured(comparison: &Comparison) -> bool {
    comparison.tensors.iter().any(|tensor| tensor.slopes.is_empty() && tensor.compared > 0)
}
