//! JSON in which nothing is hidden: `\u202e` in place of the character itself.

use super::must_be_spelt;
use serde::Serialize;
use serde_json::{
    Serializer,
    ser::{CompactFormatter, Formatter, PrettyFormatter},
};
use std::io::{self, Write};

/// A value in one line.
pub fn json(value: &impl Serialize) -> String {
    written(value, Shown { layout: CompactFormatter, in_page: false })
}

/// A value inside of a `<script>` element, which nothing in it can end.
pub fn script(value: &impl Serialize) -> String {
    written(value, Shown { layout: CompactFormatter, in_page: true })
}

/// Writes a value in indented lines.
///
/// # Errors
/// The writer's.
pub fn json_lines(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let layout = Shown { layout: PrettyFormatter::new(), in_page: false };
    value.serialize(&mut Serializer::with_formatter(&mut *out, layout))?;
    writeln!(out)
}

fn written(value: &impl Serialize, layout: Shown<impl Formatter>) -> String {
    let mut out = Vec::new();
    let done = value.serialize(&mut Serializer::with_formatter(&mut out, layout));
    debug_assert!(done.is_ok(), "a string takes all that is written, and every key is a text");
    String::from_utf8(out).unwrap_or_default()
}

/// A layout that spells out what is hidden in texts.
struct Shown<F> {
    layout: F,
    /// `<` is spelt out too.
    in_page: bool,
}

impl<F: Formatter> Formatter for Shown<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut done = 0;
        for (at, character) in fragment.char_indices() {
            if must_be_spelt(&fragment[at..]) || self.in_page && character == '<' {
                out.write_all(&fragment.as_bytes()[done..at])?;
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
                done = at + character.len_utf8();
            }
        }
        out.write_all(&fragment.as_bytes()[done..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.layout.end_object_value(out)
    }
}
