//! `csv`: numbers from a table of text.

use super::{
    FILE, Initializer, InitializerCall, InitializerCard, Parameter, ParameterKind, World, quota::Quota,
    refuse, unreadable::Unreadable,
};
use crate::{
    cancel,
    limits::bytes,
    op::Misuse,
    shape::Shape,
    tensor::{Tensor, Type},
};
use ::csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Trim};
use std::io::Read;

mod columns;

use columns::Columns;

pub(super) struct Csv;

impl Initializer for Csv {
    fn card(&self) -> &'static InitializerCard {
        const {
            &InitializerCard {
                name: "csv",
                doc: "Reads a table of numbers, [rows, columns]; ints when all of them are.",
                parameters: &[
                    FILE,
                    Parameter {
                        name: "header",
                        kind: ParameterKind::Flag,
                        default: Some("false"),
                        doc: "the first line names the columns",
                    },
                    Parameter {
                        name: "columns",
                        kind: ParameterKind::Text,
                        default: Some(""),
                        doc: "which columns, counted from 0 or by name: \"0:4\", \"1, -1\", \"width, height\"; \
                              one alone makes a vector; all of them without it",
                    },
                    Parameter {
                        name: "delimiter",
                        kind: ParameterKind::Text,
                        default: Some("\",\""),
                        doc: "what stands between two columns, one character; \"\\t\" is a tab",
                    },
                ],
                shaped: false,
                example: "const x: [n, 4] = csv(\"iris.csv\", header = true, columns = \"0:4\")",
            }
        }
    }

    fn ty(&self, _call: &InitializerCall, _world: &mut World) -> Option<Type> {
        None
    }

    fn read(&self, call: &InitializerCall, world: &mut World) -> Result<Tensor, Misuse> {
        let table = Table {
            header: call.flag("header"),
            columns: call.text("columns"),
            delimiter: delimiter(call.text("delimiter").unwrap_or(","))?,
        };
        let files = world.files;
        let quota = world.quota();
        files.read(call.text("file").unwrap_or(""), |reader| {
            let length = reader.get_ref().metadata()?.len();
            table.parse(&text(reader, length, &quota)?, &quota)
        })
    }
}

fn delimiter(text: &str) -> Result<u8, Misuse> {
    match text.as_bytes() {
        b"\\t" => Ok(b'\t'),
        &[byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(byte),
        _ => Err(refuse("delimiter", format!("{text:?} cannot stand between columns: one character does"))
            .help("`,`, `;`, a space and `\\t` are usual")),
    }
}

/// How to read a table.
struct Table<'a> {
    header: bool,
    columns: Option<&'a str>,
    delimiter: u8,
}

/// Ints as long as there are only ints.
enum Numbers {
    Ints(Vec<i64>),
    Floats(Vec<f64>),
}

impl Table<'_> {
    /// The records of a text. Rows of different lengths are let through here and refused later,
    /// where the line and the lengths are known.
    fn records<'t>(&self, text: &'t [u8]) -> Reader<&'t [u8]> {
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).trim(Trim::All).delimiter(self.delimiter);
        builder.from_reader(text)
    }

    /// Refuses a table of too many cells, or of which too many are chosen, before any is kept.
    fn count(&self, text: &[u8], chosen: usize, quota: &Quota) -> Result<(), Unreadable> {
        let lines = text.iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
        if lines.saturating_mul(chosen as u64) <= quota.limits.elements {
            return Ok(());
        }
        // Some of the lines may be empty.
        let (mut records, mut row, mut count) = (self.records(text), ByteRecord::new(), 0u64);
        while records.read_byte_record(&mut row).unwrap_or(false) {
            cancel::check();
            count += 1;
        }
        let count = count.saturating_sub(u64::from(self.header));
        quota.elements(count.saturating_mul(chosen as u64), format!("[{count}, {chosen}]"))
    }

    fn parse(&self, text: &[u8], quota: &Quota) -> Result<Tensor, Unreadable> {
        let between = |&&byte: &&u8| byte == self.delimiter || byte == b'\n';
        let cells = text.iter().filter(between).count() as u64 + 1;
        if cells > quota.limits.cells {
            return Err(quota.exceeded("cells", cells, format!("is too large, up to {cells} cells")));
        }
        let mut rows = self.records(text);
        let mut row = ByteRecord::new();
        let mut next = |row: &mut ByteRecord| {
            rows.read_byte_record(row).map_err(|error| match error.into_kind() {
                ErrorKind::Io(error) => error.into(),
                other => Unreadable::new(format!("cannot be read: {other:?}")),
            })
        };
        if !next(&mut row)? {
            return Err(Unreadable::new("is empty"));
        }
        let (width, columns) = (row.len(), self.choose(&row)?);
        self.count(text, columns.chosen.len(), quota)?;
        let mut numbers = Numbers::Ints(Vec::new());
        let mut count = 0;
        let mut there = !self.header || next(&mut row)?;
        while there {
            if row.len() != width {
                return Err(self.ragged(text, &row, width));
            }
            cancel::check();
            count += 1;
            for &column in &columns.chosen {
                numbers.push(&row[column]).map_err(|()| self.no_number(text, &row, column))?;
            }
            there = next(&mut row)?;
        }
        if count == 0 {
            return Err(Unreadable::new("has no rows under its header"));
        }
        let shape = match columns.single {
            true => Shape::new(&[count]),
            false => Shape::new(&[count, columns.chosen.len()]),
        };
        let tensor = match numbers {
            Numbers::Ints(all) => Tensor::int(&shape, all),
            Numbers::Floats(all) => Tensor::float(&shape, all),
        };
        tensor.ok_or_else(|| Unreadable::new(format!("has the impossible shape {shape}")))
    }

    fn choose(&self, first: &ByteRecord) -> Result<Columns, Unreadable> {
        let names: Vec<String> = match self.header {
            true => first.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect(),
            false => Vec::new(),
        };
        match self.columns {
            Some(text) => Columns::parse(text, first.len(), &names),
            None => Ok(Columns::all(first.len())),
        }
    }

    fn ragged(&self, text: &[u8], row: &ByteRecord, width: usize) -> Unreadable {
        let first = if self.header { "its header" } else { "the first row" };
        Unreadable::new(format!(
            "is ragged: line {} has {} columns, {first} has {width}",
            line(text, row),
            row.len()
        ))
    }

    fn no_number(&self, text: &[u8], row: &ByteRecord, column: usize) -> Unreadable {
        let (field, line) = (shown(&row[column]), line(text, row));
        let fault = Unreadable::new(format!("line {line}, column {}: {field} is not a number", column + 1));
        match !self.header && row.position().is_some_and(|position| position.record() == 0) {
            true => fault.help("if the first line names the columns, say `header = true`"),
            false => fault.help("mend it there, or choose other columns with `columns = …`, counted from 0"),
        }
    }
}

/// The whole text, which is as long as its file said.
fn text(reader: impl Read, length: u64, quota: &Quota) -> Result<Vec<u8>, Unreadable> {
    if length > quota.limits.bytes {
        return Err(quota.exceeded("bytes", length, format!("is too long, {}", bytes(length))));
    }
    let mut text = Vec::new();
    reader.take(length).read_to_end(&mut text)?;
    Ok(text)
}

impl Numbers {
    fn push(&mut self, field: &[u8]) -> Result<(), ()> {
        let text = std::str::from_utf8(field).map_err(|_| ())?;
        if let Self::Ints(all) = self {
            if let Ok(int) = text.parse() {
                all.push(int);
                return Ok(());
            }
            *self = Self::Floats(all.iter().map(|&int| int as f64).collect());
        }
        if let Self::Floats(all) = self {
            all.push(text.parse().map_err(|_| ())?);
        }
        Ok(())
    }
}

/// The line on which a row begins. The reader's own count stands before the
/// line ends that it has yet to skip.
fn line(text: &[u8], row: &ByteRecord) -> usize {
    let from = row.position().map_or(0, |position| position.byte() as usize).min(text.len());
    let skipped = text[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    text[..from + skipped].iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// A field as a refusal quotes it.
fn shown(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::initializers::quota::within;
    use proptest::prelude::*;

    fn read(text: &str, header: bool, columns: Option<&str>) -> Result<Tensor, Misuse> {
        let table = Table { header, columns, delimiter: b',' };
        within(1000, |quota| table.parse(text.as_bytes(), quota)).map_err(|fault| fault.in_file("f"))
    }

    fn refusal(text: &str, header: bool, columns: Option<&str>) -> String {
        let misuse = read(text, header, columns).unwrap_err();
        format!("{}|{}", misuse.message, misuse.help.unwrap_or_default())
    }

    fn ints(shape: &[usize], values: &[i64]) -> Option<Tensor> {
        Tensor::int(&Shape::new(shape), values.to_vec())
    }

    fn floats(shape: &[usize], values: &[f64]) -> Option<Tensor> {
        Tensor::float(&Shape::new(shape), values.to_vec())
    }

    #[test]
    fn tables_of_ints_and_of_floats() {
        assert_eq!(read("1,2\n3,4\n", false, None).ok(), ints(&[2, 2], &[1, 2, 3, 4]));
        assert_eq!(read("1, -2\r\n\r\n3.5,\"4\"", false, None).ok(), floats(&[2, 2], &[1.0, -2.0, 3.5, 4.0]));
        assert_eq!(
            read("\u{feff}a,b\n1,nan\n", true, None).ok().map(|t| t.shape()),
            Some(Shape::new(&[1, 2]))
        );
        assert_eq!(read("1e3\n-inf\n", false, None).ok(), floats(&[2, 1], &[1000.0, f64::NEG_INFINITY]));
    }

    #[test]
    fn columns_are_chosen_by_place_or_name() {
        let text = "w,h,kind\n1,2,cat\n3,4,dog\n";
        assert_eq!(read(text, true, Some("0:2")).ok(), ints(&[2, 2], &[1, 2, 3, 4]));
        assert_eq!(read(text, true, Some("h, w")).ok(), ints(&[2, 2], &[2, 1, 4, 3]));
        assert_eq!(read(text, true, Some("h")).ok(), ints(&[2], &[2, 4]));
        assert_eq!(read(text, true, Some("-2:-1")).ok(), ints(&[2, 1], &[2, 4]));
        assert!(refusal(text, true, Some("hh")).contains("did you mean \"h\"?"));
    }

    #[test]
    fn faults_have_their_line_and_column() {
        assert!(refusal("1,2\n3\n", false, None).contains("line 2 has 1 columns, the first row has 2"));
        assert!(refusal("1,2\n\n\n3,x\n", false, None).contains("line 4, column 2: \"x\" is not a number"));
        assert!(refusal("1,2\r\n3,x\r\n", false, None).contains("line 2, column 2"));
        assert!(refusal("1,2\n3,\n", false, None).contains("line 2, column 2: \"\" is not a number"));
        assert!(refusal("w,h\n1,2\n", false, None).contains("say `header = true`"));
        assert!(refusal("w,h\n1,2,3\n", true, None).contains("line 2 has 3 columns, its header has 2"));
        assert!(refusal(&format!("{}\n", "x".repeat(99)), false, None).contains("xxx\"… is not"));
    }

    #[test]
    fn empty_and_large_tables_are_refused() {
        assert!(refusal("", false, None).contains("is empty"));
        assert!(refusal("\n\n", true, None).contains("is empty"));
        assert!(refusal("a,b\n", true, None).contains("no rows"));
        assert!(refusal(&"1,2\n".repeat(501), false, None).contains("the limit is 1000"));
        assert!(read(&"1,2\n".repeat(501), false, Some("0")).is_ok());
    }

    #[test]
    fn delimiters() {
        assert_eq!(delimiter(";"), Ok(b';'));
        assert_eq!(delimiter("\\t"), Ok(b'\t'));
        assert!(delimiter("").is_err() && delimiter("::").is_err() && delimiter("\"").is_err());
        let table = Table { header: false, columns: None, delimiter: b'\t' };
        assert_eq!(within(9, |quota| table.parse(b"1\t2\n", quota)).ok(), ints(&[1, 2], &[1, 2]));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), columns in "[-:0-9, a]{0,6}") {
            let table = Table { header: bytes.len() % 2 == 0, columns: Some(&columns), delimiter: b',' };
            let _ = within(9, |quota| table.parse(&bytes, quota));
        }
    }
}
