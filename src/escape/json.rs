//! JSON in which nothing is hidden: `\u202e` in place of the character itself.

use super::must_be_spelt;
use serde::Serialize;
use serde_json::{Serializer, ser::Formatter};
use std::io::{self, Write};

/// A value in one line.
pub fn json(value: &impl Serialize) -> String {
    written(value, InOneLine { in_page: false })
}

/// A value inside of a `<script>` element, which nothing in it can end.
pub fn script(value: &impl Serialize) -> String {
    written(value, InOneLine { in_page: true })
}

/// Writes a value in indented lines, a list of numbers and texts in one.
///
/// # Errors
/// The writer's.
pub fn json_lines(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    json_part(value, 0, out)?;
    out.write_all(b"\n")
}

/// As [`json_lines`], for a value within others that are so many levels deep; the last line is open.
///
/// # Errors
/// The writer's.
pub fn json_part(value: &impl Serialize, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    let lines = Lines { depth, lists: Vec::new(), is_empty: false, opens: None };
    Ok(value.serialize(&mut Serializer::with_formatter(&mut *out, lines))?)
}

fn written(value: &impl Serialize, layout: InOneLine) -> String {
    let mut out = Vec::new();
    let done = value.serialize(&mut Serializer::with_formatter(&mut out, layout));
    debug_assert!(done.is_ok(), "a string takes all that is written, and every key is a text");
    String::from_utf8(out).unwrap_or_default()
}

/// Writes a part of a text with what is hidden in it, and `<` in a page, spelt out.
fn write_shown(out: &mut (impl Write + ?Sized), fragment: &str, in_page: bool) -> io::Result<()> {
    let mut done = 0;
    for (at, character) in fragment.char_indices() {
        if must_be_spelt(&fragment[at..]) || in_page && character == '<' {
            out.write_all(&fragment.as_bytes()[done..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            done = at + character.len_utf8();
        }
    }
    out.write_all(&fragment.as_bytes()[done..])
}

struct InOneLine {
    in_page: bool,
}

impl Formatter for InOneLine {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        write_shown(out, fragment, self.in_page)
    }
}

/// A member of an object a line; the elements of a list in one line, unless they are lists or
/// objects themselves.
struct Lines {
    depth: usize,
    /// Of each list that is open, whether it takes several lines.
    lists: Vec<bool>,
    /// Nothing stands in the object or list that was opened last.
    is_empty: bool,
    /// An element comes next, the first of its list or not.
    opens: Option<bool>,
}

impl Lines {
    fn line(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }

    /// Before a number or a text.
    fn single(&mut self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        match self.opens.take() {
            Some(false) => out.write_all(b" "),
            Some(true) | None => Ok(()),
        }
    }

    /// Before a list or an object.
    fn nested(&mut self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        if self.opens.take().is_some() {
            self.lists.iter_mut().last().into_iter().for_each(|several| *several = true);
            self.line(out)?;
        }
        self.depth += 1;
        self.is_empty = true;
        Ok(())
    }
}

macro_rules! numbers {
    ($($write:ident: $number:ty),*) => {
        $(fn $write<W: ?Sized + Write>(&mut self, out: &mut W, value: $number) -> io::Result<()> {
            self.single(out)?;
            InOneLine { in_page: false }.$write(out, value)
        })*
    };
}

impl Formatter for Lines {
    numbers! { write_bool: bool, write_i64: i64, write_u64: u64, write_f64: f64 }

    fn write_null<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.single(out)?;
        out.write_all(b"null")
    }

    fn begin_string<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.single(out)?;
        out.write_all(b"\"")
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        write_shown(out, fragment, false)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.nested(out)?;
        self.lists.push(false);
        out.write_all(b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.lists.pop() == Some(true) {
            self.line(out)?;
        }
        out.write_all(b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.opens = Some(first);
        if first { Ok(()) } else { out.write_all(b",") }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.nested(out)?;
        out.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if !std::mem::take(&mut self.is_empty) {
            self.line(out)?;
        }
        out.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.line(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.is_empty = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn lines(value: &Value, depth: usize) -> String {
        let mut out = Vec::new();
        json_part(value, depth, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lists_of_numbers_take_a_line_each() {
        let value = json!({"a": [1, 2.5, "x", null], "m": [[1, 2], [3, 4]], "o": [{"k": []}], "e": {}, "n": [[], {}]});
        assert_eq!(
            lines(&value, 0),
            "{\n  \"a\": [1, 2.5, \"x\", null],\n  \"m\": [\n    [1, 2],\n    [3, 4]\n  ],\n  \"o\": [\n    {\n      \
             \"k\": []\n    }\n  ],\n  \"e\": {},\n  \"n\": [\n    [],\n    {}\n  ]\n}"
        );
        assert_eq!(lines(&json!({"a": true}), 1), "{\n    \"a\": true\n  }");
    }
}
