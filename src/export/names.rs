//! Names that Python takes.

use std::collections::HashSet;

/// Words of Python, and names that the files written here use themselves.
const TAKEN: &[&str] = &[
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "torch",
    "jax",
    "jnp",
    "np",
    "math",
    "Path",
    "load_file",
    "DTYPE",
    "DATA",
    "VALUES",
    "WANTED",
    "ctx",
    "residuals",
    "rng",
    "values",
    "leaves",
    "main",
    "inputs",
    "output",
    "upstream",
    "upstreams",
    "dict",
    "print",
    "tuple",
    "tap",
    "getattr",
    "abs",
    "self",
    // Hard to tell from 1 and 0.
    "l",
    "O",
    "I",
];

/// The names of one part of a file, each unique.
#[derive(Debug, Clone, Default)]
pub struct Names(HashSet<String>);

impl Names {
    /// A name like this one that is not taken yet.
    pub fn take(&mut self, name: &str) -> String {
        let mut own: String =
            name.chars().map(|c| if c == '_' || c.is_alphanumeric() { c } else { '_' }).collect();
        if own.chars().next().is_none_or(char::is_numeric) {
            own.insert(0, '_');
        }
        while TAKEN.contains(&own.as_str()) || !self.0.insert(own.clone()) {
            own.push('_');
        }
        own
    }
}

/// A Python module can have this name.
pub fn is_module(name: &str) -> bool {
    Names::default().take(name) == name
}
