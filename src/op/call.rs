//! One use of an op: what it is called with, and how it may refuse.

use super::Op;
use crate::{
    limits::Excess,
    shape::Shape,
    syntax::Subscript,
    tensor::{Kind, Type},
};

/// What an op sees of one of its inputs before anything has run.
#[derive(Debug, Clone)]
pub struct Argument {
    pub ty: Type,
    /// For ints: the least and the greatest value, where they are known.
    pub range: Option<(i64, i64)>,
}

/// An attribute's value, of the kind that the card names.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValue {
    Int(i64),
    Float(f64),
    Flag(bool),
    Ints(Vec<i64>),
    Subscripts(Vec<Subscript>),
    Text(Box<str>),
    Choice(&'static str),
}

/// A call whose names and kinds are right already: as many inputs as the card
/// has edges, those that may be left out apart, of the kinds they take, and every required attribute.
#[derive(Debug)]
pub struct Call<'a> {
    pub inputs: &'a [Argument],
    pub attributes: &'a [(&'static str, AttributeValue)],
}

impl Call<'_> {
    pub fn shape(&self, input: usize) -> &Shape {
        &self.inputs[input].ty.shape
    }

    pub fn kind(&self, input: usize) -> Kind {
        self.inputs[input].ty.kind
    }

    fn get(&self, name: &str) -> Option<&AttributeValue> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(AttributeValue::Int(value)) => Some(*value),
            _ => None,
        }
    }

    pub fn float(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(AttributeValue::Float(value)) => Some(*value),
            _ => None,
        }
    }

    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some(&AttributeValue::Flag(true))
    }

    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.get(name) {
            Some(AttributeValue::Ints(values)) => Some(values),
            _ => None,
        }
    }

    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(AttributeValue::Text(text)) => text,
            _ => "",
        }
    }

    pub fn choice(&self, name: &str) -> &'static str {
        match self.get(name) {
            Some(AttributeValue::Choice(word)) => word,
            _ => "",
        }
    }

    pub fn subscripts(&self, name: &str) -> &[Subscript] {
        match self.get(name) {
            Some(AttributeValue::Subscripts(values)) => values,
            _ => &[],
        }
    }

    /// One axis of an input, counted from the end when negative.
    pub fn axis_of(&self, input: usize, axis: i64, attribute: &'static str) -> Result<usize, Misuse> {
        let shape = self.shape(input);
        let rank = shape.rank() as i64;
        if (-rank..rank).contains(&axis) {
            return Ok(axis.rem_euclid(rank) as usize);
        }
        let message = match rank {
            0 => format!("axis {axis} of a scalar: it has no axes"),
            _ => format!("axis {axis} is outside of shape {shape}: it goes from {} to {}", -rank, rank - 1),
        };
        Err(Misuse::new(Subject::Attribute(attribute), message))
    }

    /// One axis of an output of so many, counted from the end when negative.
    ///
    /// # Errors
    /// An axis that such an output does not have.
    pub fn new_axis(&self, axis: i64, rank: usize, attribute: &'static str) -> Result<usize, Misuse> {
        let count = rank as i64;
        if (-count..count).contains(&axis) {
            return Ok(axis.rem_euclid(count) as usize);
        }
        let last = count - 1;
        let axes = if rank == 1 { "1 axis".to_string() } else { format!("{rank} axes") };
        let message =
            format!("axis {axis} is outside of the output, which has {axes}: it goes from -{rank} to {last}");
        Err(Misuse::new(Subject::Attribute(attribute), message))
    }

    /// Which axes of input 0 the attribute `axis` names; all of them without it.
    pub fn axes(&self) -> Result<Vec<bool>, Misuse> {
        let Some(named) = self.ints("axis") else { return Ok(vec![true; self.shape(0).rank()]) };
        let mut chosen = vec![false; self.shape(0).rank()];
        for &axis in named {
            let axis = self.axis_of(0, axis, "axis")?;
            if std::mem::replace(&mut chosen[axis], true) {
                let message = format!("axis {axis} is named twice");
                return Err(Misuse::new(Subject::Attribute("axis"), message));
            }
        }
        Ok(chosen)
    }
}

/// What a call turned out to be.
pub struct Bound<T> {
    /// The op with all it needs to know of this call.
    pub op: T,
    pub output: Type,
    /// The range of an int output, where the op itself fixes it.
    pub range: Option<(i64, i64)>,
}

impl<T: Op> Bound<T> {
    pub fn float(op: T, shape: Shape) -> Self {
        Self { op, output: Type::float(shape), range: None }
    }
}

/// What in a call is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The call as a whole: the caller shows every input with its shape.
    Call,
    Input(usize),
    Attribute(&'static str),
}

/// An op's refusal of a call; whoever has the text adds the places.
#[derive(Debug, Clone, PartialEq)]
pub struct Misuse {
    pub subject: Subject,
    pub message: String,
    pub help: Option<String>,
    /// The limit that a count is over.
    pub limit: Option<&'static str>,
    /// The input is a float, and would do as ints.
    pub wants_ints: bool,
}

impl Misuse {
    pub fn new(subject: Subject, message: impl Into<String>) -> Self {
        Self { subject, message: message.into(), help: None, limit: None, wants_ints: false }
    }

    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// The input would do as ints.
    pub fn wants_ints(self) -> Self {
        Self { wants_ints: true, ..self }
    }
}

impl From<Excess> for Misuse {
    fn from(excess: Excess) -> Self {
        Self {
            subject: Subject::Call,
            message: excess.message,
            help: Some(excess.help),
            limit: Some(excess.name),
            wants_ints: false,
        }
    }
}
