//! A run for programs: one object a file.

use super::{Compared, Printer, Profiled, Ran, is_shown};
use crate::{
    diagnostic::Refusal,
    escape,
    graph::ValueId,
    report::{JSON_VERSION, Judgement, against_object, comparison_object, float, profile_object, refused},
    run::Direction,
    source::SourceMap,
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;
use std::io::{self, Write};

/// Empty rows of a tensor that are written.
const MOST_EMPTY: usize = 1 << 16;

/// One object for one file, a list of them for several, each written as soon as it is known.
#[derive(Default)]
pub struct Json {
    /// Inner nodes of chains too.
    pub all: bool,
    /// More than one file is run.
    pub several: bool,
    /// Objects that are written.
    pub written: usize,
}

impl Json {
    fn write(&mut self, object: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
        if self.several {
            out.write_all(if self.written == 0 { b"[\n  " } else { b",\n  " })?;
        }
        self.written += 1;
        match self.several {
            true => escape::json_part(object, 1, out),
            false => escape::json_lines(object, out),
        }
    }
}

impl Printer for Json {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn refused(
        &mut self,
        refusal: &Refusal,
        file: &str,
        sources: &SourceMap,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.write(&refused(&refusal.0, file, sources), out)
    }

    fn ran(&mut self, ran: &Ran, out: &mut dyn Write) -> io::Result<()> {
        let all = self.all;
        self.write(&Object { ran, all }, out)
    }

    fn profiled(&mut self, profiled: &Profiled, out: &mut dyn Write) -> io::Result<()> {
        let Profiled { profile, graph, file, dtype } = *profiled;
        self.write(&profile_object(profile, graph, file, dtype), out)
    }

    fn judged(&mut self, judgement: Judgement, out: &mut dyn Write) -> io::Result<()> {
        self.write(&against_object(judgement), out)
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match (self.several, self.written) {
            (true, 0) => out.write_all(b"[]\n"),
            (true, _) => out.write_all(b"\n]\n"),
            (false, _) => Ok(()),
        }
    }
}

/// One file that ran; inner nodes of chains only with `all`.
struct Object<'a> {
    ran: &'a Ran<'a>,
    all: bool,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Ran { run, file, sources, compared, .. } = self.ran;
        let graph = run.graph;
        let outputs: Vec<&str> = graph.outputs.iter().map(|&id| &*graph.value(id).name).collect();
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("version", &JSON_VERSION)?;
        object.serialize_entry("file", file)?;
        object.serialize_entry("title", &graph.title)?;
        object.serialize_entry("dtype", run.precision.word())?;
        object.serialize_entry("outputs", &outputs)?;
        object.serialize_entry("values", &Tensors { of: self, gradients: false })?;
        if run.direction == Direction::Backward {
            object.serialize_entry("gradients", &Tensors { of: self, gradients: true })?;
        }
        if let Compared::Entries(comparison) = compared {
            object.serialize_entry("compare", &comparison_object(comparison, graph, sources))?;
        }
        object.end()
    }
}

/// All values, or all gradients, by name.
struct Tensors<'a> {
    of: &'a Object<'a>,
    gradients: bool,
}

impl Serialize for Tensors<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let run = self.of.ran.run;
        let elements = |id: ValueId| match self.gradients {
            true => run.gradient_of(id).map(Elements::Floats),
            false => run.floats_of(id).map(Elements::Floats).or_else(|| run.ints_of(id).map(Elements::Ints)),
        };
        let mut tensors = serializer.serialize_map(None)?;
        for id in run.graph.ids().filter(|&id| is_shown(run.graph, id, self.of.all)) {
            let value = run.graph.value(id);
            if let Some(elements) = elements(id) {
                tensors
                    .serialize_entry(&*value.name, &Nested { shape: bounded(&value.ty.shape), elements })?;
            }
        }
        tensors.end()
    }
}

/// Without elements nothing bounds the other axes.
fn bounded(shape: &[usize]) -> &[usize] {
    let rows = shape
        .iter()
        .take_while(|length| **length > 0)
        .try_fold(1usize, |all, &length| all.checked_mul(length));
    match shape.contains(&0) && rows.is_none_or(|rows| rows > MOST_EMPTY) {
        true => &[0],
        false => shape,
    }
}

#[derive(Clone, Copy)]
enum Elements<'a> {
    Floats(&'a [f64]),
    Ints(&'a [i64]),
}

impl<'a> Elements<'a> {
    /// So many elements of a row behind `index` of them.
    fn row(self, index: usize, length: usize) -> Self {
        let range = index * length..(index + 1) * length;
        match self {
            Self::Floats(all) => Self::Floats(&all[range]),
            Self::Ints(all) => Self::Ints(&all[range]),
        }
    }

    fn first(self) -> Value {
        match self {
            Self::Floats(all) => all.first().map_or(Value::Null, |&x| float(x)),
            Self::Ints(all) => all.first().map_or(Value::Null, |&x| x.into()),
        }
    }
}

/// A number, or nested lists.
struct Nested<'a> {
    shape: &'a [usize],
    elements: Elements<'a>,
}

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.shape {
            [] => self.elements.first().serialize(serializer),
            [length, inner @ ..] => {
                let row: usize = inner.iter().product();
                let rows = (0..*length)
                    .map(|index| Nested { shape: inner, elements: self.elements.row(index, row) });
                serializer.collect_seq(rows)
            }
        }
    }
}
