//! What is to be written.

use super::framework::{Custom, Framework};
use std::path::PathBuf;

/// What is to be written.
#[derive(Debug, Clone)]
pub struct Request {
    pub framework: Framework,
    pub custom: Custom,
    /// The name of the module, and of the graph's function; see [`is_module`](super::is_module).
    pub name: String,
    /// The graph file, as people know it.
    pub file: String,
    /// Where the graph file lies, and with it the data files that it reads.
    pub folder: PathBuf,
    /// The same folder from the one that the module will lie in.
    pub folder_from_file: PathBuf,
    /// Arrays can be saved beside the module, as `NAME.npz`.
    pub has_arrays: bool,
    /// Every node is a statement of the graph's function, which passes what it gives through `tap(value, *names)`;
    /// blocks stand open, but for those with a backward by hand. Whoever imports the module gives it a `tap`.
    pub taps: bool,
}
