//! Where the values of leaves come from: fills, random streams, data files; one
//! initializer a file, the list below sorted by name.
//!
//! An initializer says what it takes on its card, as an op does, and reads once.

use crate::{
    limits::{Excess, Limits},
    op::{Misuse, Subject},
    shape::Shape,
    tensor::{Tensor, Type},
};
use quota::Quota;

mod arange;
mod csv;
mod dump;
mod elements;
mod eye;
mod files;
mod fill;
mod idx;
mod linspace;
mod npy;
mod npz;
mod quota;
mod randn;
mod random;
mod safetensors;
mod stamp;
mod uniform;
mod unreadable;

pub use dump::{DumpArray, read_dump};
pub use files::Files;
pub use random::RandomState;
pub use stamp::Stamp;

/// All that is known of an initializer without reading it.
#[derive(Debug)]
pub struct InitializerCard {
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    pub parameters: &'static [Parameter],
    /// Its shape comes from `shape = […]` or from the leaf's annotation.
    pub shaped: bool,
    /// A leaf that uses it.
    pub example: &'static str,
}

impl InitializerCard {
    /// The parameters that may be given without their names: `randn(3)` would pass for a shape, and be a seed.
    pub fn by_position(&self) -> &'static [Parameter] {
        let seed = self.parameters.iter().position(|known| known.name == random::SEED.name);
        &self.parameters[..seed.unwrap_or(self.parameters.len())]
    }
}

impl InitializerCard {
    /// What it gives is said by its call alone: it reads no file and draws nothing.
    pub fn is_plain(&self) -> bool {
        !self.is_random() && self.parameters.iter().all(|parameter| parameter.name != FILE.name)
    }

    /// It draws random numbers.
    pub fn is_random(&self) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == "seed")
    }
}

/// One argument of an initializer, given by position or by name.
#[derive(Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: ParameterKind,
    /// As a person would type it; `None` where it must be given, `Some("")`
    /// where leaving it out has a meaning of its own.
    pub default: Option<&'static str>,
    pub doc: &'static str,
}

impl Parameter {
    /// A text that must be given.
    const fn text(name: &'static str, doc: &'static str) -> Self {
        Self { name, kind: ParameterKind::Text, default: None, doc }
    }
}

/// The first parameter of every initializer that reads a file.
const FILE: Parameter =
    Parameter::text("file", "the file's path, from the graph file's folder or a --data folder");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    Int,
    Number,
    Text,
    Flag,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ParameterValue {
    Int(i64),
    Number(f64),
    Text(String),
    Flag(bool),
}

/// A call whose parameters are of the kinds that the card names.
#[derive(Debug)]
pub struct InitializerCall<'a> {
    pub parameters: &'a [(&'static str, ParameterValue)],
    /// For a shaped initializer: the shape asked for. Its size is within the limits.
    pub shape: Option<&'a Shape>,
}

impl InitializerCall<'_> {
    fn get(&self, name: &str) -> Option<&ParameterValue> {
        self.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(ParameterValue::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// A number; an int counts as one.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(ParameterValue::Number(value)) => Some(*value),
            Some(ParameterValue::Int(value)) => Some(*value as f64),
            _ => None,
        }
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(ParameterValue::Text(value)) => Some(value),
            _ => None,
        }
    }

    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some(&ParameterValue::Flag(true))
    }

    /// The shape of a shaped initializer's result.
    pub fn shape(&self) -> Shape {
        self.shape.cloned().unwrap_or_default()
    }
}

/// What sources reach for: the file's random stream, the folders, the limits.
#[derive(Debug)]
pub struct World<'a> {
    pub random: &'a mut RandomState,
    pub files: &'a Files,
    pub limits: &'a Limits,
    /// Bytes that have come out of compressed files so far.
    pub unpacked: &'a mut u64,
    /// Of the first axis only so much is used: an initializer may leave out the rest.
    pub wanted: Option<usize>,
}

impl World<'_> {
    fn quota(&mut self) -> Quota<'_> {
        Quota::of(self.limits, self.unpacked)
    }
}

/// A maker of tensors.
pub trait Initializer: Sync {
    fn card(&self) -> &'static InitializerCard;

    /// What it will read, as far as that is known without reading it; `None` where only reading
    /// tells, or where it will refuse to.
    fn ty(&self, call: &InitializerCall, world: &mut World) -> Option<Type>;

    /// # Errors
    /// A parameter's value that makes no sense (`Subject::Attribute` with its
    /// name), or a data file that is missing, short, malformed or too large.
    fn read(&self, call: &InitializerCall, world: &mut World) -> Result<Tensor, Misuse>;
}

/// All sources, sorted by name.
pub const ALL: &[&dyn Initializer] = &[
    &arange::Arange,
    &csv::Csv,
    &eye::Eye,
    &fill::Full,
    &idx::Idx,
    &linspace::Linspace,
    &npy::Npy,
    &npz::Npz,
    &fill::Ones,
    &randn::Randn,
    &safetensors::Safetensors,
    &uniform::Uniform,
    &fill::Zeros,
];

/// The initializer of a name.
pub fn find(name: &str) -> Option<&'static dyn Initializer> {
    ALL.iter().copied().find(|source| source.card().name == name)
}

/// A refusal of a parameter's value.
fn refuse(parameter: &'static str, message: impl Into<String>) -> Misuse {
    Misuse::new(Subject::Attribute(parameter), message)
}

/// A refusal of a parameter that asks for too much.
fn excess(parameter: &'static str, excess: Excess) -> Misuse {
    Misuse { subject: Subject::Attribute(parameter), ..Misuse::from(excess) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads an initializer without files, as most unit tests do.
    pub(super) fn read(
        name: &str,
        parameters: &[(&'static str, ParameterValue)],
        shape: Option<&[usize]>,
    ) -> Result<Tensor, Misuse> {
        let shape = shape.map(Shape::new);
        let call = InitializerCall { parameters, shape: shape.as_ref() };
        let limits = Limits { elements: 1000, ..Limits::default() };
        let (random, files) = (&mut RandomState::new(0), &Files::default());
        let mut world = World { random, files, limits: &limits, unpacked: &mut 0, wanted: None };
        let source = find(name).unwrap();
        let sketched = source.ty(&call, &mut world);
        let made = source.read(&call, &mut world);
        // What is made is what was announced, and nothing that is announced is refused for its size.
        if let (Some(sketched), Ok(made)) = (&sketched, &made) {
            assert_eq!(*sketched, made.ty(), "{name}");
        }
        made
    }

    #[test]
    fn the_list_is_sorted_and_every_card_is_whole() {
        assert!(ALL.is_sorted_by_key(|source| source.card().name));
        for source in ALL {
            let card = source.card();
            assert!(
                ALL.iter().filter(|other| other.card().name == card.name).count() == 1,
                "{} is unique",
                card.name
            );
            assert!(card.doc.ends_with('.') && card.doc.starts_with(char::is_uppercase), "{}", card.name);
            assert!(card.example.contains(&format!("{}(", card.name)), "{}", card.name);
            for parameter in card.parameters {
                assert!(!parameter.doc.is_empty() && !parameter.doc.ends_with('.'), "{}", parameter.name);
            }
        }
    }
}
