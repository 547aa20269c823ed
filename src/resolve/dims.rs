//! Named dimensions: bound by the first value that fixes them, the same everywhere.

use super::constant::{Constant, Environment};
use crate::{
    diagnostic::{Cause, Diagnostic},
    shape::Shape,
    source::{Span, Spanned},
    syntax::{Dim, TypeNote},
};
use std::collections::HashMap;

/// The dimension names of one scope.
#[derive(Debug, Default)]
pub struct Dims {
    bound: HashMap<Box<str>, (usize, Span)>,
}

impl Dims {
    pub fn get(&self, name: &str) -> Option<usize> {
        self.bound.get(name).map(|&(length, _)| length)
    }

    /// All names with what they stand for, by name.
    pub fn lengths(&self) -> Vec<(Box<str>, usize)> {
        let mut lengths: Vec<(Box<str>, usize)> =
            self.bound.iter().map(|(name, &(length, _))| (name.clone(), length)).collect();
        lengths.sort_unstable();
        lengths
    }

    /// The constants of an environment, and the names as the lengths they stand for.
    pub fn constants(&self, environment: &Environment) -> Environment {
        let lengths =
            self.bound.iter().map(|(name, &(length, _))| (name.clone(), Constant::int(length as i64)));
        lengths.chain(environment.iter().map(|(name, value)| (name.clone(), value.clone()))).collect()
    }

    /// Fixes a name from outside, as an attribute of a block does.
    pub fn bind(&mut self, name: &str, length: usize, span: Span) {
        self.bound.insert(name.into(), (length, span));
    }

    /// The shape that an annotation stands for; `None` with a bare kind.
    ///
    /// # Errors
    /// A name that nothing has fixed.
    pub fn shape(&self, note: &TypeNote) -> Result<Option<Shape>, Diagnostic> {
        let Some(dims) = &note.dims else { return Ok(None) };
        dims.iter()
            .map(|dim| match &dim.value {
                Dim::Number(length) => Ok(*length),
                Dim::Name(name) => self.get(name).ok_or_else(|| {
                    Diagnostic::error(format!("nothing fixes the dimension `{name}`"))
                        .cause(Cause::Unresolved(name.clone()))
                        .at(dim.span, "its length is needed here")
                        .help("write a number, or give the name to a value whose shape is known")
                }),
            })
            .collect::<Result<Shape, _>>()
            .map(Some)
    }

    /// Holds a value's shape against an annotation, and binds its new names.
    ///
    /// # Errors
    /// The annotation claims another shape. `value` says where the value is.
    pub fn matches(&mut self, note: &TypeNote, shape: &Shape, value: Span) -> Result<(), Diagnostic> {
        let Some(dims) = &note.dims else { return Ok(()) };
        let wrong = |message: String, at: Span, text: String| {
            Err(Diagnostic::error(message).at(at, text).at(value, format!("this has shape {shape}")))
        };
        if dims.len() != shape.rank() {
            let message = format!("the annotation has {}, the value has shape {shape}", axes(dims.len()));
            return wrong(message, note.span, format!("{} claimed here", axes(dims.len())));
        }
        for (Spanned { value: dim, span }, &length) in dims.iter().zip(shape.iter()) {
            match dim {
                Dim::Number(claimed) if *claimed == length => {}
                Dim::Number(claimed) => {
                    let message = format!("the annotation says {claimed}, the value has shape {shape}");
                    return wrong(message, *span, format!("{claimed} claimed here, {length} found"));
                }
                Dim::Name(name) => match self.bound.get(name) {
                    None => self.bind(name, length, *span),
                    Some((bound, _)) if *bound == length => {}
                    Some((bound, first)) => {
                        let message = format!("`{name}` is {bound}, but here it would have to be {length}");
                        return Err(Diagnostic::error(message)
                            .at(*span, format!("{length} here"))
                            .at(*first, format!("{bound} since here"))
                            .at(value, format!("this has shape {shape}")));
                    }
                },
            }
        }
        Ok(())
    }
}

fn axes(count: usize) -> String {
    match count {
        1 => "1 axis".to_string(),
        _ => format!("{count} axes"),
    }
}
