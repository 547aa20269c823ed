//! The values of leaves as Python: literals, NumPy's makers and random stream, files beside the graph's.

use super::{framework::Framework, python::Python};
use crate::{
    graph::{Graph, Origin, ValueId},
    syntax::{Binary, Call, Expression, Role, What},
    tensor::{Kind, Type},
};
use std::collections::{HashMap, HashSet};

/// A leaf of more numbers than this is read from a file.
const WRITTEN: usize = 100;

/// Where the value of a leaf comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum From {
    /// An expression of lists, NumPy and the framework; true where it is a tensor of the framework already.
    Python(Python, bool),
    /// The arrays beside the module.
    Arrays,
}

/// The leaves with where they come from, in the order in which the graph draws random numbers. A
/// leaf whose draws have no Python makes all that draw come from arrays: the stream would be another.
pub fn leaves(
    framework: Framework,
    graph: &Graph,
    wanted: &[ValueId],
    has_file: &dyn Fn(&str) -> bool,
) -> Vec<(ValueId, From)> {
    // The first where there are several.
    let expressions: HashMap<ValueId, &Expression> =
        graph.leaf_expressions.iter().rev().map(|(of, expression)| (*of, expression)).collect();
    let expression = |id: ValueId| expressions.get(&id).copied();
    let is_used: HashSet<ValueId> = wanted.iter().copied().collect();
    let read = |id: ValueId, stream: bool| from(framework, graph, id, expression(id), stream, has_file);
    let is_leaf = |id: &ValueId| matches!(graph.value(*id).origin, Origin::Leaf { .. });
    let all: Vec<ValueId> = graph.ids().filter(is_leaf).collect();
    let draws = |id: &&ValueId| expression(**id).is_some_and(draws);
    // Numbers are drawn for leaves that nothing uses, too.
    let stream = all.iter().filter(draws).all(|id| is_used.contains(id) && read(*id, true) != From::Arrays);
    wanted.iter().map(|&id| (id, read(id, stream))).collect()
}

fn calls(expression: &Expression) -> impl Iterator<Item = &Call> {
    expression.items.iter().filter_map(|item| match &item.what {
        What::Call(call) => Some(&**call),
        _ => None,
    })
}

fn draws(expression: &Expression) -> bool {
    calls(expression).any(|call| matches!(&*call.name.value, "randn" | "uniform"))
}

fn from(
    framework: Framework,
    graph: &Graph,
    id: ValueId,
    expression: Option<&Expression>,
    stream: bool,
    has_file: &dyn Fn(&str) -> bool,
) -> From {
    let value = graph.value(id);
    let Origin::Leaf { data, .. } = &value.origin else { return From::Arrays };
    let is_literal = expression.is_none_or(|expression| {
        let is_plain = |what: &What| matches!(what, What::Int(_) | What::Float(_) | What::Flag(_));
        let is_part = |what: &What| matches!(what, What::Array(_) | What::Negate) || is_plain(what);
        expression.items.iter().all(|item| is_part(&item.what))
    });
    let size = data.shape().size();
    let made = expression.filter(|_| !is_literal).and_then(|expression| {
        let translator = Translator { framework, ty: &value.ty, stream, has_file };
        translator.expression(expression)
    });
    match made {
        _ if size == 0 => From::Python(framework.literal(data), true),
        Some((python, is_tensor)) => From::Python(python, is_tensor),
        None if is_literal && size <= 10 * WRITTEN || size <= WRITTEN => {
            From::Python(framework.numbers(data), false)
        }
        None => From::Arrays,
    }
}

struct Translator<'a> {
    framework: Framework,
    ty: &'a Type,
    stream: bool,
    has_file: &'a dyn Fn(&str) -> bool,
}

impl Translator<'_> {
    /// The expression, and whether it is a tensor of the framework.
    fn expression(&self, expression: &Expression) -> Option<(Python, bool)> {
        let mut stack: Vec<(Python, bool)> = Vec::new();
        for item in &expression.items {
            let operands = stack.split_off(stack.len().checked_sub(item.what.operands())?);
            let is_tensor = operands.iter().any(|(_, is_tensor)| *is_tensor);
            let mut python = operands.into_iter().map(|(python, _)| python);
            let made = match &item.what {
                What::Int(value) => Python::int(*value),
                What::Float(value) => Python::float(*value, true, "np"),
                What::Text(text) => Python::Text(text.to_string()),
                What::Negate => Python::Unary("-", Box::new(python.next()?)),
                What::Binary(sign) => {
                    use Binary::{Add, Div, Mul, Pow, Sub};
                    let sign = matches!(sign, Add | Sub | Mul | Div | Pow).then(|| sign.sign())?;
                    Python::Binary(sign, Box::new(python.next()?), Box::new(python.next()?))
                }
                What::Call(call) => {
                    stack.push(self.call(call, python.collect())?);
                    continue;
                }
                _ => return None,
            };
            stack.push((made, is_tensor));
        }
        // A sum with a list is none of numbers.
        stack.pop().filter(|_| stack.is_empty())
    }

    fn call(&self, call: &Call, inputs: Vec<Python>) -> Option<(Python, bool)> {
        let named = |name: &str| {
            let given = call.attributes.iter().find(|attribute| *attribute.name.value == *name)?;
            Some(self.expression(&given.value)?.0)
        };
        let given = |place: usize, name: &str| inputs.get(place).cloned().or_else(|| named(name));
        let is_shaped = call.attributes.iter().any(|attribute| &*attribute.name.value == "shape");
        let shape: Vec<Python> = match is_shaped {
            true => {
                let shape = call.attributes.iter().find(|attribute| &*attribute.name.value == "shape")?;
                let lengths = shape.value.items.iter().filter_map(|item| match item.what {
                    What::Int(length) => Some(Some(Python::int(length))),
                    What::Array(_) => None,
                    _ => Some(None),
                });
                lengths.collect::<Option<_>>()?
            }
            false => self.ty.shape.iter().map(|&length| Python::int(length as i64)).collect(),
        };
        let dims = Python::Tuple(shape.clone());
        let np =
            |name: &str, arguments: Vec<Python>| Python::call(Python::path(&format!("np.{name}")), arguments);
        let stream = || match named("seed") {
            Some(seed) => Some(np("random.RandomState", vec![seed])),
            None if call.attributes.iter().any(|attribute| &*attribute.name.value == "seed") => None,
            None => self.stream.then(|| Python::name("rng")),
        };
        let method = |of: Python, name: &str, arguments| {
            Python::call(Python::Attribute(Box::new(of), name.into()), arguments)
        };
        let number = |value: i64| Python::int(value);
        let made = match &*call.name.value {
            "zeros" => np("zeros", vec![dims]),
            "ones" => np("ones", vec![dims]),
            "full" => np("full", vec![dims, given(0, "value")?]),
            "eye" => np("eye", shape),
            "linspace" => {
                let count = given(2, "count").unwrap_or(number(50));
                np("linspace", vec![given(0, "start")?, given(1, "stop")?, count])
            }
            "randn" => method(stream()?, "randn", shape),
            "uniform" => {
                let (low, high) = (given(0, "low"), given(1, "high"));
                let bounds = vec![low.unwrap_or(number(0)), high.unwrap_or(number(1)), dims];
                method(stream()?, "uniform", bounds)
            }
            "npy" => np("load", vec![self.file(inputs.first()?)?]),
            "npz" => {
                let arrays = np("load", vec![self.file(inputs.first()?)?]);
                Python::Index(Box::new(arrays), vec![inputs.get(1)?.clone()])
            }
            "safetensors" => {
                let arrays = Python::call(Python::name("load_file"), vec![self.file(inputs.first()?)?]);
                let array = Python::Index(Box::new(arrays), vec![inputs.get(1)?.clone()]);
                return Some((self.framework.as_kind(array, self.ty.kind), true));
            }
            _ => return None,
        };
        Some((made, false))
    }

    /// A file beside the graph's.
    fn file(&self, name: &Python) -> Option<Python> {
        let Python::Text(text) = name else { return None };
        if !(self.has_file)(text) {
            return None;
        }
        Some(Python::Binary("/", Box::new(Python::name("DATA")), Box::new(name.clone())))
    }
}

/// The statement that makes a leaf; a gradient of it is asked for where `wanted`.
pub fn statement(
    framework: Framework,
    graph: &Graph,
    id: ValueId,
    name: &str,
    from: &From,
    wanted: bool,
) -> Vec<String> {
    let value = graph.value(id);
    let kind = value.ty.kind;
    let (python, is_tensor) = match from {
        From::Python(python, is_tensor) => (python.clone(), *is_tensor),
        From::Arrays => {
            let key = Python::Text(value.name.to_string());
            (Python::Index(Box::new(Python::name("VALUES")), vec![key]), false)
        }
    };
    let needs_grad = framework == Framework::Torch && wanted;
    let made = match is_tensor {
        true if needs_grad => {
            Python::call(Python::Attribute(Box::new(python), "requires_grad_".into()), Vec::new())
        }
        true => python,
        false => {
            let mut made = framework.tensor(python, kind);
            if kind == Kind::Int && !matches!(from, From::Python(Python::List(_) | Python::Number(_), _)) {
                made = made.with("dtype", framework.dtype(kind));
            }
            if needs_grad { made.with("requires_grad", Python::name("True")) } else { made }
        }
    };
    made.lines(&format!("{name} = "), "", 4)
}

/// The leaves whose gradients are asked for, by their roles.
pub fn wanted(graph: &Graph) -> HashSet<ValueId> {
    let is_const = |id: &ValueId| matches!(graph.value(*id).origin, Origin::Leaf { role: Role::Const, .. });
    graph.wanted.iter().copied().filter(|id| !is_const(id)).collect()
}
