//! Equations of `einsum`: which axes of several tensors are one.

use crate::op::{Call, Misuse, Subject};
use crate::shape::Shape;

/// An axis of a tensor in an equation: a letter, or one of those that `...` stands for, counted
/// from the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Rest(usize),
    Letter(char),
}

/// The axes that a call goes through, those of the output first, and how each tensor is read along
/// them.
#[derive(Debug, Clone)]
pub struct Equation {
    pub lengths: Vec<usize>,
    /// So many of the axes are the output's.
    pub output: usize,
    /// The stride of each operand along each axis; 0 where it does not have it, or stretches.
    pub strides: Vec<Vec<isize>>,
    /// Which axes each operand has with their full length.
    pub has: Vec<Vec<bool>>,
}

impl Equation {
    /// The equation of a call with the shapes of its inputs.
    ///
    /// # Errors
    /// Text that is no equation, and shapes that do not fit it.
    pub fn of(call: &Call, text: &str) -> Result<Self, Misuse> {
        let refuse = |message: String| {
            Misuse::new(Subject::Attribute("equation"), message).help(
                "for example \"ij,jk->ik\": a letter for each axis, the same one where axes run together",
            )
        };
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (inputs, output) = match text.split_once("->") {
            Some((inputs, output)) => (inputs, Some(output)),
            None => (&*text, None),
        };
        let operands: Vec<&str> = inputs.split(',').collect();
        if operands.len() != call.inputs.len() {
            let (told, given) = (operands.len(), call.inputs.len());
            return Err(refuse(format!("the equation tells of {told} operands, and {given} are given")));
        }
        let mut axes = Vec::new();
        for (input, operand) in operands.iter().enumerate() {
            axes.push(labels(operand, Some(call.shape(input).rank())).map_err(refuse)?);
        }
        let rest = axes.iter().flatten().filter_map(|label| match label {
            Label::Rest(at) => Some(at + 1),
            Label::Letter(_) => None,
        });
        let rest: Vec<Label> = (0..rest.max().unwrap_or(0)).rev().map(Label::Rest).collect();
        let output = match output {
            Some(output) => labels(output, None).map_err(refuse)?,
            None => implicit(&axes),
        };
        let output: Vec<Label> = output
            .into_iter()
            .flat_map(|label| if label == Label::Rest(0) { rest.clone() } else { vec![label] })
            .collect();
        for (at, label) in output.iter().enumerate() {
            if output[..at].contains(label) {
                return Err(refuse(format!("{} stands twice in the output", said(*label))));
            }
            if !axes.iter().flatten().any(|known| known == label) {
                return Err(refuse(format!("{} of the output stands in no operand", said(*label))));
            }
        }
        let mut all = output.clone();
        for &label in axes.iter().flatten() {
            if !all.contains(&label) {
                all.push(label);
            }
        }
        let lengths = lengths(call, &axes, &all)?;
        let (mut strides, mut has) = (Vec::new(), Vec::new());
        for (input, own) in axes.iter().enumerate() {
            let shape = call.shape(input);
            let along = |label: &Label| {
                let mine = own.iter().zip(shape.strides()).filter(|(own, _)| *own == label);
                // A letter that stands twice goes along a diagonal.
                mine.fold(0isize, |sum, (_, stride)| sum.wrapping_add(stride as isize))
            };
            let is_whole = |(label, &length): (&Label, &usize)| {
                own.iter().zip(shape.iter()).any(|(own, &n)| own == label && n == length)
            };
            strides.push(all.iter().map(along).collect());
            has.push(all.iter().zip(&lengths).map(is_whole).collect());
        }
        Ok(Self { lengths, output: output.len(), strides, has })
    }

    pub fn shape(&self) -> Shape {
        Shape::new(&self.lengths[..self.output])
    }
}

/// The labels of one operand or of the output, whose `...` is `Rest(0)` alone.
fn labels(text: &str, rank: Option<usize>) -> Result<Vec<Label>, String> {
    let (before, after) = match text.split_once("...") {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    };
    let letters = |text: &str| -> Result<Vec<Label>, String> {
        let label = |letter: char| match letter.is_alphabetic() {
            true => Ok(Label::Letter(letter)),
            false => Err(format!("`{letter}` stands for no axis")),
        };
        text.chars().map(label).collect()
    };
    let (mut all, behind) = (letters(before)?, letters(after.unwrap_or_default())?);
    let named = all.len() + behind.len();
    match (rank, after) {
        (Some(rank), None) if rank != named => {
            return Err(format!("\"{text}\" names {named} axes of an operand with {rank}"));
        }
        (Some(rank), Some(_)) if rank < named => {
            return Err(format!("\"{text}\" names {named} axes or more of an operand with {rank}"));
        }
        (Some(rank), Some(_)) => all.extend((0..rank - named).rev().map(Label::Rest)),
        (None, Some(_)) => all.push(Label::Rest(0)),
        _ => {}
    }
    all.extend(behind);
    Ok(all)
}

/// The output where none is told: what `...` stands for, then the letters that stand once, in order.
fn implicit(axes: &[Vec<Label>]) -> Vec<Label> {
    let all = || axes.iter().flatten().copied();
    let is_single =
        |label: &Label| matches!(label, Label::Letter(_)) && all().filter(|l| l == label).count() == 1;
    let mut output: Vec<Label> = all().filter(is_single).collect();
    output.sort_unstable();
    if all().any(|label| matches!(label, Label::Rest(_))) {
        output.insert(0, Label::Rest(0));
    }
    output
}

fn said(label: Label) -> String {
    match label {
        Label::Letter(letter) => format!("`{letter}`"),
        Label::Rest(_) => "`...`".to_string(),
    }
}

/// How long each axis is; one of length 1 stretches.
fn lengths(call: &Call, axes: &[Vec<Label>], all: &[Label]) -> Result<Vec<usize>, Misuse> {
    let mut lengths = vec![1; all.len()];
    for (input, own) in axes.iter().enumerate() {
        for (label, &length) in own.iter().zip(call.shape(input).iter()) {
            let Some(at) = all.iter().position(|known| known == label) else { continue };
            match (lengths[at], length) {
                (_, 1) => {}
                (1, _) => lengths[at] = length,
                (known, _) if known == length => {}
                (known, _) => {
                    let axis = said(*label);
                    let message = format!("{axis} has length {length} here and {known} before");
                    return Err(Misuse::new(Subject::Input(input), message));
                }
            }
        }
    }
    Ok(lengths)
}
