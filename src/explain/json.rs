//! An explanation for programs, under stable names.

use super::{Contribution, Explainer, Step, Sum};
use crate::report::{JSON_VERSION, float, indices};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, json};

/// The explanation as one object; its steps are worked out while they are written.
pub fn object<'a>(explainer: &'a Explainer<'a, 'a>, file: &'a str) -> impl Serialize + 'a {
    Object { explainer, file }
}

struct Object<'a> {
    explainer: &'a Explainer<'a, 'a>,
    file: &'a str,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (explainer, graph) = (self.explainer, self.explainer.run.graph);
        let outputs = explainer.run.plan().outputs.iter().map(|&id| &*graph.value(id).name);
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("version", &JSON_VERSION)?;
        map.serialize_entry("file", self.file)?;
        map.serialize_entry("title", &graph.title)?;
        map.serialize_entry("outputs", &outputs.collect::<Vec<_>>())?;
        map.serialize_entry("steps", &Steps(explainer))?;
        let leaves: Vec<Value> = explainer.leaves().map(|leaf| sum(explainer, &leaf)).collect();
        map.serialize_entry("gradients", &leaves)?;
        map.end()
    }
}

struct Steps<'a>(&'a Explainer<'a, 'a>);

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.0.len()).map(|at| step(self.0, &self.0.step(at))))
    }
}

fn step(explainer: &Explainer, step: &Step) -> Value {
    let value = explainer.run.graph.value(step.value);
    let entry = explainer.entry(step.value);
    json!({
        "name": value.name,
        "of": step.of,
        "is_block": step.block.is_some(),
        "file": step.place.as_ref().map(|place| place.file.to_string()),
        "line": step.place.as_ref().map(|place| place.line),
        "shape": value.ty.shape.to_vec(),
        "index": entry.map(|entry| indices(entry, &value.ty.shape)),
        "call": step.call,
        "stages": step.forward.stages,
        "value": entry.and_then(|entry| explainer.run.element(step.value, entry)).map(float),
        "upstream": sum(explainer, &step.upstream),
        "gradients": step.parts.iter().map(|part| self::part(explainer, part)).collect::<Vec<_>>(),
    })
}

fn part(explainer: &Explainer, part: &Contribution) -> Value {
    let value = explainer.run.graph.value(part.to);
    json!({
        "to": value.name,
        "as": part.edge,
        "index": part.entry.map(|entry| indices(entry, &value.ty.shape)),
        "stages": part.worked.stages,
        "remark": part.worked.remark,
        "value": float(part.amount),
        "local": part.local.map(float),
    })
}

fn sum(explainer: &Explainer, sum: &Sum) -> Value {
    let value = explainer.run.graph.value(sum.value);
    let terms = sum.terms.iter().map(|term| json!({ "through": term.through, "value": float(term.amount) }));
    json!({
        "name": value.name,
        "index": sum.entry.map(|entry| indices(entry, &value.ty.shape)),
        "terms": terms.collect::<Vec<_>>(),
        "value": float(sum.total),
    })
}
