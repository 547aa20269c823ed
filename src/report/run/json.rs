//! A run for programs: one object a file.

use super::{Compared, Printer, Profiled, Ran, is_shown};
use crate::{
    diagnostic::Refusal,
    escape,
    graph::ValueId,
    report::{JSON_VERSION, comparison_object, float, profile_object, refused},
    run::Direction,
    source::SourceMap,
    tensor::Tensor,
};
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Empty rows of a tensor that are written.
const MOST_EMPTY: usize = 1 << 16;

/// One object for one file, an array of them for several.
#[derive(Default)]
pub struct Json {
    /// Inner nodes of chains too.
    pub all: bool,
    /// More than one file is run.
    pub several: bool,
    pub objects: Vec<Value>,
}

impl Printer for Json {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn refused(&mut self, refusal: &Refusal, file: &str, sources: &SourceMap) {
        self.objects.push(refused(&refusal.0, file, sources));
    }

    fn ran(&mut self, ran: &Ran, _: &mut dyn Write) -> io::Result<()> {
        self.objects.push(object(ran, self.all));
        Ok(())
    }

    fn profiled(&mut self, profiled: &Profiled, _: &mut dyn Write) -> io::Result<()> {
        let Profiled { profile, graph, file, dtype } = *profiled;
        self.objects.push(profile_object(profile, graph, file, dtype));
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut objects = std::mem::take(&mut self.objects);
        let all = match (self.several, objects.pop()) {
            (false, Some(only)) => only,
            (_, last) => objects.into_iter().chain(last).collect(),
        };
        escape::json_lines(&all, out)
    }
}

/// The object of one file that ran; inner nodes of chains only with `all`.
fn object(ran: &Ran, all: bool) -> Value {
    let (run, graph) = (ran.run, ran.run.graph);
    let name = |id: ValueId| graph.value(id).name.to_string();
    let (mut values, mut gradients) = (Map::new(), Map::new());
    for id in graph.ids().filter(|&id| is_shown(graph, id, all)) {
        values.insert(name(id), tensor(&run.value_of(id)));
        if let Some(elements) = run.gradient_of(id) {
            let gradient = Tensor::float(&graph.value(id).ty.shape, elements.to_vec());
            gradients.extend(gradient.map(|gradient| (name(id), tensor(&gradient))));
        }
    }
    let mut object = Map::new();
    object.insert("version".into(), JSON_VERSION.into());
    object.insert("file".into(), ran.file.into());
    object.insert("title".into(), graph.title.clone().into());
    object.insert("dtype".into(), run.dtype.word().into());
    object.insert("outputs".into(), graph.outputs.iter().map(|&id| name(id)).collect());
    object.insert("values".into(), values.into());
    if run.direction == Direction::Backward {
        object.insert("gradients".into(), gradients.into());
    }
    match ran.compared {
        Compared::Nothing => None,
        Compared::Entries(comparison) => {
            object.insert("compare".into(), comparison_object(comparison, graph, ran.sources))
        }
    };
    object.into()
}

/// A number, or nested arrays.
fn tensor(tensor: &Tensor) -> Value {
    let mut elements: Box<dyn Iterator<Item = Value>> = match tensor {
        Tensor::Float(array) => Box::new(array.iter().map(|&x| float(x))),
        Tensor::Int(array) => Box::new(array.iter().map(|&x| x.into())),
    };
    let shape = tensor.shape();
    // Without elements nothing bounds the other axes.
    let rows = shape
        .iter()
        .take_while(|length| **length > 0)
        .try_fold(1usize, |all, &length| all.checked_mul(length));
    match shape.size() == 0 && rows.is_none_or(|rows| rows > MOST_EMPTY) {
        true => Value::Array(Vec::new()),
        false => nested(&shape, &mut elements),
    }
}

fn nested(shape: &[usize], elements: &mut dyn Iterator<Item = Value>) -> Value {
    match shape {
        [] => elements.next().unwrap_or(Value::Null),
        [length, inner @ ..] => (0..*length).map(|_| nested(inner, elements)).collect(),
    }
}
