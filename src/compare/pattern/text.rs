//! Values of a unit as their author wrote them.

use super::sight::Subject;
use crate::{
    graph::{Block, Origin, ValueId},
    op::AttributeValue,
};

/// Operators within operators that are written out.
const DEEP: usize = 12;

/// Characters of an expression that are shown.
const LONG: usize = 72;

/// How tightly an expression holds together: sums least, names most.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Bond {
    Sum,
    Product,
    Sign,
    Power,
    Atom,
}

fn shortened(text: String) -> String {
    match text.chars().count() > LONG {
        true => text.chars().take(LONG - 1).chain(['…']).collect(),
        false => text,
    }
}

impl Subject<'_> {
    /// The name by which the unit's author knows a value.
    pub fn name(&self, id: ValueId) -> Box<str> {
        let block = self.unit.block.map(|id| self.graph.block(id));
        if let Some(&(_, outer)) = self.alone.leaves.iter().find(|(leaf, _)| *leaf == id) {
            let lines = block.and_then(|block| block.backward.as_ref()).map(|backward| &backward.lines);
            let line = lines.into_iter().flatten().find(|line| line.to == outer);
            return line.map_or_else(|| self.graph.value(outer).name.clone(), |line| line.name.clone());
        }
        let name = &self.alone.graph.value(id).name;
        let outer = |block: &&Block| {
            block.outputs.iter().find(|(output, _)| self.graph.value(*output).name == *name).cloned()
        };
        if let Some((_, gives)) = block.as_ref().and_then(outer) {
            return gives;
        }
        let within = block.and_then(|block| name.strip_prefix(&*block.name)?.strip_prefix('.'));
        within.unwrap_or(name).into()
    }

    /// A value is no statement of its own, but a part of one.
    pub fn is_within_a_statement(&self, id: ValueId) -> bool {
        let Some(node) = self.alone.graph.maker(id) else { return false };
        let name = self.name(id);
        let last = name.rsplit('.').next().unwrap_or(&name);
        let count = last.strip_prefix(node.kernel.card().name);
        count.is_some_and(|count| !count.is_empty() && count.chars().all(|c| c.is_ascii_digit()))
    }

    /// The name of a value, or the expression that it is within a statement.
    pub fn said(&self, id: ValueId) -> String {
        match self.is_within_a_statement(id) {
            true => self.text(id),
            false => self.name(id).into_string(),
        }
    }

    /// The product of two values, each as [`Subject::said`] has it.
    pub fn product(&self, left: ValueId, right: ValueId) -> String {
        let (left, bond) = self.expression(left, DEEP, false);
        let left = if bond >= Bond::Product { left } else { format!("({left})") };
        let (right, bond) = self.expression(right, DEEP, false);
        let right = if bond > Bond::Product { right } else { format!("({right})") };
        shortened(format!("{left} * {right}"))
    }

    /// The expression that a value is, not too long.
    pub fn text(&self, id: ValueId) -> String {
        shortened(self.expression(id, DEEP, true).0)
    }

    fn expression(&self, id: ValueId, deep: usize, written_out: bool) -> (String, Bond) {
        let graph = &self.alone.graph;
        let named = || (self.name(id).into_string(), Bond::Atom);
        if matches!(graph.value(id).origin, Origin::Literal(_)) {
            return (graph.value(id).name.to_string(), Bond::Atom);
        }
        let Some(node) = graph.maker(id) else { return named() };
        if !written_out && !self.is_within_a_statement(id) {
            return named();
        }
        if deep == 0 {
            return ("…".to_string(), Bond::Atom);
        }
        let part = |input: usize| self.expression(node.inputs[input], deep - 1, false);
        let bound = |(text, bond): (String, Bond), fits: bool| match fits || bond == Bond::Atom {
            true => text,
            false => format!("({text})"),
        };
        let infix = |sign: &str, own: Bond| {
            let (left, right) = (part(0), part(1));
            let (left_fits, right_fits) = (left.1 >= own, right.1 > own);
            (format!("{} {sign} {}", bound(left, left_fits), bound(right, right_fits)), own)
        };
        match node.kernel.card().name {
            "add" => infix("+", Bond::Sum),
            "sub" => infix("-", Bond::Sum),
            "mul" => infix("*", Bond::Product),
            "div" => infix("/", Bond::Product),
            "matmul" => infix("@", Bond::Product),
            "pow" => infix("**", Bond::Power),
            "neg" => {
                let inner = part(0);
                let fits = inner.1 >= Bond::Sign;
                (format!("-{}", bound(inner, fits)), Bond::Sign)
            }
            "slice" => {
                let inner = part(0);
                (format!("{}[…]", bound(inner, false)), Bond::Atom)
            }
            "identity" => part(0),
            op => {
                let mut inside: Vec<String> = (0..node.inputs.len()).map(|input| part(input).0).collect();
                inside.extend(node.attributes.iter().filter_map(|(name, value)| match (name, value) {
                    (&"axis", AttributeValue::Int(axis)) => Some(format!("axis = {axis}")),
                    (&"axis", AttributeValue::Ints(axes)) => match &axes[..] {
                        [axis] => Some(format!("axis = {axis}")),
                        axes => Some(format!("axis = {axes:?}")),
                    },
                    _ => None,
                }));
                (format!("{op}({})", inside.join(", ")), Bond::Atom)
            }
        }
    }
}
