//! Words in the texts of Python.

use super::must_be_spelt;
use std::path::Path;

/// A text of Python, with its quotes. What is hidden is spelt out: the text is the same words, and no
/// character in it ends or turns anything.
pub fn python(words: &str) -> String {
    format!("\"{}\"", python_doc(words))
}

/// Words within a docstring, between `"""`.
pub fn python_doc(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for (at, character) in words.char_indices() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if must_be_spelt(&words[at..]) => out.push_str(&match u32::from(character) {
                code @ 0..=0xff => format!("\\x{code:02x}"),
                code @ 0x100..=0xffff => format!("\\u{code:04x}"),
                code => format!("\\U{code:08x}"),
            }),
            _ => out.push(character),
        }
    }
    out
}

/// A path as a text of Python, with its quotes. Bytes that are no UTF-8 are in it as Python itself has
/// them in paths.
pub fn python_path(path: &Path) -> String {
    let mut out = String::from("\"");
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        out += &python_doc(chunk.valid());
        chunk.invalid().iter().for_each(|byte| out += &format!("\\udc{byte:02x}"));
    }
    out + "\""
}
