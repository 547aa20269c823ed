//! `scan(cell, h0, xs)` and `repeat(layer, times = 4)`: a block that is run again and again, written
//! out step by step.

use super::{
    block::{self, Use},
    builder::{Builder, Site},
    connect,
    constant::Constant,
    gives::{not_apart, outputs},
    rewrite::Written,
    scope::{Operand, Place, Scope, Several},
};
use crate::{
    diagnostic::{Cause, Diagnostic},
    op::AttributeValue,
    ops,
    shape::Shape,
    source::{Name, Span},
    syntax::{Attribute, Block, Call, Subscript},
};

/// A call that runs a block.
pub struct Run<'r> {
    pub call: &'r Call,
    pub written: Written<'r>,
    pub operands: Vec<Place>,
    /// The names of inner nodes, by the op.
    pub inner: &'r mut dyn FnMut(&str) -> Box<str>,
    pub site: Site,
}

impl Run<'_> {
    /// Makes all steps.
    pub fn make(self, builder: &mut Builder, scope: &Scope) -> Operand {
        if self.operands.iter().any(|(operand, _)| matches!(operand, Operand::Broken)) {
            return Operand::Broken;
        }
        let result = match &*self.call.name.value {
            "scan" => self.scan(builder, scope),
            _ => self.repeat(builder, scope),
        };
        result.unwrap_or_else(|fault| {
            builder.faults.push(fault);
            Operand::Broken
        })
    }

    /// The block, the inputs by position, those by name, and the rest of what is given by name.
    fn parts<'s>(&self, scope: &Scope<'s>, own: &[&str]) -> Result<Parts<'s>, Diagnostic> {
        let Some(name) = &self.call.runs else { return Err(self.no_block(scope, None)) };
        let block = scope.blocks.find(&name.value).ok_or_else(|| self.no_block(scope, Some(name)))?;
        let mut parts = Parts {
            block,
            positional: self.operands.clone(),
            named: Vec::new(),
            own: Vec::new(),
            attributes: Vec::new(),
        };
        let given = parts.positional.split_off(self.operands.len() - self.call.named.len());
        for (name, (operand, span)) in self.call.named.iter().zip(given) {
            let word = &*name.value;
            if own.contains(&word) {
                parts.own.push((word.into(), operand, span));
            } else if let Some(at) = block.inputs.iter().position(|input| *input.name.value == *word) {
                parts.named.push((at, (operand, span)));
            } else if let Operand::Constant(constant) = operand {
                parts.attributes.push(Attribute { name: name.clone(), value: constant.expression() });
            } else {
                let inputs = block.inputs.iter().map(|input| &*input.name.value);
                return Err(Diagnostic::error(format!("`{}` has no input `{word}`", block.name.value))
                    .cause(Cause::Absent)
                    .at(name.span, "given to every step")
                    .at(block.name.span, "defined here")
                    .did_you_mean(word, inputs));
            }
        }
        Ok(parts)
    }

    fn no_block(&self, scope: &Scope, name: Option<&Name>) -> Diagnostic {
        let runner = &self.call.name.value;
        let example = match &**runner {
            "scan" => "scan(cell, h0, xs)",
            _ => "x -> repeat(layer, times = 4)",
        };
        match name {
            Some(name) => {
                let fault =
                    Diagnostic::error(format!("`{runner}` runs a block, and `{}` is none", name.value))
                        .at(name.span, "no block of this file")
                        .did_you_mean(&name.value, scope.blocks.names())
                        .help(format!("it is called so: `{example}`"));
                match scope.names.find(&name.value) {
                    Some(_) if &**runner == "repeat" => fault.help(format!(
                        "elements are repeated by `repeat_interleave({}, repeats = 2)`, the whole by `tile`",
                        name.value
                    )),
                    _ => fault,
                }
            }
            None => Diagnostic::error(format!("`{runner}` runs a block: its name comes first"))
                .at(self.site.span, "in this call")
                .help(format!("it is called so: `{example}`")),
        }
    }

    fn scan(self, builder: &mut Builder, scope: &Scope) -> Result<Operand, Diagnostic> {
        let parts = self.parts(scope, &[])?;
        let (block, gives) = (parts.block, outputs(parts.block)?);
        let (states, sequences) = (gives.len(), parts.positional.len().saturating_sub(gives.len()));
        let inputs: Vec<usize> =
            (0..block.inputs.len()).filter(|at| parts.named.iter().all(|(named, _)| named != at)).collect();
        if sequences == 0 || inputs.len() != parts.positional.len() {
            return Err(self.wrong_scan(block, gives, states));
        }
        let steps = self.steps(builder, &parts.positional[states..])?;
        self.hold(builder, block, steps as u64)?;
        let call = parts.call(self.call);
        let owner: Box<str> = format!("{}.{}", self.site.name, block.name.value).into();
        let mut state: Vec<Place> = parts.positional[..states].to_vec();
        let mut all: Vec<Vec<Place>> = vec![Vec::with_capacity(steps); states];
        for step in 0..steps {
            let mut operands: Vec<Place> = vec![(Operand::Broken, self.site.span); block.inputs.len()];
            let mut given = inputs.iter();
            for (place, at) in state.drain(..).zip(given.by_ref()) {
                operands[*at] = place;
            }
            for (at, (sequence, span)) in given.zip(&parts.positional[states..]) {
                let index = vec![("index", AttributeValue::Subscripts(vec![Subscript::At(step as i64)]))];
                let site =
                    Site { span: *span, name: (self.inner)("slice"), name_span: None, parts: Vec::new() };
                operands[*at] =
                    (op(builder, scope, "slice", vec![(sequence.clone(), *span)], index, site), *span);
            }
            for (at, place) in &parts.named {
                operands[*at] = place.clone();
            }
            let site = Site {
                span: self.site.span,
                name: (self.inner)(&block.name.value),
                name_span: None,
                parts: Vec::new(),
            };
            let used =
                Use { block, operands, written: self.written.with(&call), shares: Some(owner.clone()) };
            let values = match block::expand(builder, scope, &used, site) {
                Operand::Broken | Operand::Constant(_) => return Ok(Operand::Broken),
                Operand::Value(value) => vec![value],
                Operand::Several(several) => several.values.iter().map(|&(_, value)| value).collect(),
            };
            state = values.into_iter().map(|value| (Operand::Value(value), self.site.span)).collect();
            for (all, place) in all.iter_mut().zip(&state) {
                all.push(place.clone());
            }
        }
        let names = self.names(gives)?;
        let stacks = all.into_iter().zip(names).map(|(all, name)| {
            let axis = vec![("axis", AttributeValue::Int(0))];
            let site = Site { span: self.site.span, name, name_span: self.site.name_span, parts: Vec::new() };
            match op(builder, scope, "stack", all, axis, site) {
                Operand::Value(value) => Some(value),
                _ => None,
            }
        });
        let Some(stacks) = stacks.collect::<Option<Vec<_>>>() else { return Ok(Operand::Broken) };
        Ok(match stacks[..] {
            [only] => Operand::Value(only),
            _ => Operand::Several(Several {
                of: block.name.value.clone(),
                values: gives.iter().map(|name| name.value.clone()).zip(stacks).collect(),
            }),
        })
    }

    /// Counts the steps before any of them is made.
    fn hold(&self, builder: &Builder, block: &Block, times: u64) -> Result<(), Diagnostic> {
        let there = builder.graph.nodes.len() as u64;
        let limits = &builder.evaluator.meter.limits;
        let held = builder.counted.hold_uses(&block.name.value, times, there, limits);
        held.map_err(|excess| excess.at(self.site.span))
    }

    /// The names of the stacks of states.
    fn names(&self, gives: &[Name]) -> Result<Vec<Box<str>>, Diagnostic> {
        let parts = &self.site.parts;
        if !parts.is_empty() && parts.len() != gives.len() {
            let of = &self.call.name.value;
            return Err(not_apart(of, gives.iter().map(|name| &*name.value), &self.site));
        }
        Ok(match (gives, &parts[..]) {
            ([_], _) => vec![self.site.name.clone()],
            (_, []) => gives.iter().map(|name| format!("{}.{}", self.site.name, name.value).into()).collect(),
            (_, parts) => parts.to_vec(),
        })
    }

    /// How long the sequences are, along their first axis.
    fn steps(&self, builder: &Builder, sequences: &[Place]) -> Result<usize, Diagnostic> {
        let mut steps: Option<(usize, Span)> = None;
        for (operand, span) in sequences {
            let shape = match operand {
                Operand::Value(value) => builder.ty(*value).shape.clone(),
                Operand::Constant(constant) => {
                    constant.tensor().map_or_else(Shape::scalar, |tensor| tensor.shape())
                }
                Operand::Several(several) => return Err(several.as_one("", *span)),
                Operand::Broken => Shape::scalar(),
            };
            let Some(&length) = shape.first() else {
                return Err(Diagnostic::error("a sequence has an axis to go along; this is a scalar")
                    .at(*span, "no axis")
                    .help("the states come first, then the sequences: `scan(cell, h0, xs)`"));
            };
            match steps {
                Some((first, at)) if first != length => {
                    return Err(Diagnostic::error("these sequences have different lengths")
                        .at(*span, format!("{length} steps, shape {shape}"))
                        .at(at, format!("{first} steps")));
                }
                _ => steps = Some((length, *span)),
            }
        }
        match steps {
            Some((0, span)) => {
                Err(Diagnostic::error("this sequence has no steps").at(span, "its first axis is empty"))
            }
            Some((steps, _)) => Ok(steps),
            None => Ok(0),
        }
    }

    fn wrong_scan(&self, block: &Block, gives: &[Name], states: usize) -> Diagnostic {
        let name = &block.name.value;
        let gives: Vec<&str> = gives.iter().map(|name| &*name.value).collect();
        let inputs: Vec<&str> = block.inputs.iter().map(|input| &*input.name.value).collect();
        let first: Vec<String> = inputs.iter().take(states).map(|name| format!("{name}0")).collect();
        let rest: Vec<String> = inputs.iter().skip(states).map(|name| format!("{name}s")).collect();
        let all: Vec<String> = first.into_iter().chain(rest).collect();
        Diagnostic::error(format!(
            "`{name}` gives {}, so that `scan` takes its first {states} input{} as the state, then sequences",
            gives.join(", "),
            if states == 1 { "" } else { "s" },
        ))
        .cause(Cause::Absent)
        .at(self.site.span, "in this call")
        .at(block.name.span, format!("takes {}", inputs.join(", ")))
        .help(format!(
            "write `scan({name}, {})`; what every step gets whole is given by name",
            all.join(", ")
        ))
    }

    fn repeat(self, builder: &mut Builder, scope: &Scope) -> Result<Operand, Diagnostic> {
        let mut parts = self.parts(scope, &["times", "shared"])?;
        let (block, gives) = (parts.block, outputs(parts.block)?);
        let (mut times, mut shared) = (None, false);
        for (word, operand, span) in std::mem::take(&mut parts.own) {
            match (&*word, operand) {
                ("times", Operand::Constant(constant)) if constant.whole().is_some_and(|n| n > 0) => {
                    times = constant.whole();
                }
                ("shared", Operand::Constant(Constant::Flag(flag))) => shared = flag,
                ("times", _) => {
                    return Err(
                        Diagnostic::error("`times` is a whole number from 1 on").at(span, "how often?")
                    );
                }
                _ => return Err(Diagnostic::error("`shared` is true or false").at(span, "neither")),
            }
        }
        let Some(times) = times else {
            return Err(Diagnostic::error("`repeat` needs `times`")
                .at(self.site.span, "how often?")
                .help(format!("write `x -> repeat({}, times = 4)`", block.name.value)));
        };
        self.hold(builder, block, times.unsigned_abs())?;
        let free = block.inputs.len() - parts.named.len();
        if gives.len() != free || parts.positional.len() != free {
            return Err(Diagnostic::error(format!(
                "`repeat` hands what `{}` gives to it again, so that it gives as many values as it takes: {}, not {}",
                block.name.value,
                free,
                gives.len()
            ))
            .at(self.site.span, "in this call")
            .at(block.name.span, "defined here")
            .help("what every step gets whole is given by name"));
        }
        let call = parts.call(self.call);
        let owner: Box<str> = format!("{}.{}", self.site.name, block.name.value).into();
        let mut state = parts.positional.clone();
        let mut last = Operand::Broken;
        for step in 0..times {
            let mut operands: Vec<Place> = Vec::with_capacity(block.inputs.len());
            let mut state_now = state.drain(..);
            for at in 0..block.inputs.len() {
                let named =
                    parts.named.iter().find(|(named, _)| *named == at).map(|(_, place)| place.clone());
                operands.extend(named.or_else(|| state_now.next()));
            }
            drop(state_now);
            let is_last = step + 1 == times;
            let site = Site {
                span: self.site.span,
                name: if is_last { self.site.name.clone() } else { (self.inner)(&block.name.value) },
                name_span: self.site.name_span.filter(|_| is_last),
                parts: if is_last { self.site.parts.clone() } else { Vec::new() },
            };
            let shares = shared.then(|| owner.clone());
            let used = Use { block, operands, written: self.written.with(&call), shares };
            last = block::expand(builder, scope, &used, site);
            state = match &last {
                Operand::Value(value) => vec![(Operand::Value(*value), self.site.span)],
                Operand::Several(several) => {
                    several.values.iter().map(|&(_, value)| (Operand::Value(value), self.site.span)).collect()
                }
                _ => return Ok(Operand::Broken),
            };
        }
        Ok(last)
    }
}

/// What a call that runs a block was called with.
struct Parts<'s> {
    block: &'s Block,
    positional: Vec<Place>,
    /// Inputs that every step gets whole.
    named: Vec<(usize, Place)>,
    /// What is the call's own: `times`.
    own: Vec<(Box<str>, Operand, Span)>,
    attributes: Vec<Attribute>,
}

impl Parts<'_> {
    /// The call of the block that every step makes.
    fn call(&self, runner: &Call) -> Call {
        Call {
            name: Name::new(self.block.name.value.clone(), runner.name.span),
            inputs: self.block.inputs.len() as u32,
            piped: false,
            runs: None,
            named: Vec::new(),
            attributes: self.attributes.clone(),
        }
    }
}

fn op(
    builder: &mut Builder,
    scope: &Scope,
    name: &str,
    operands: Vec<Place>,
    typed: Vec<(&'static str, AttributeValue)>,
    site: Site,
) -> Operand {
    match ops::find(name) {
        Some(entry) => connect::make(builder, scope, entry, operands, &[], Some(typed), site),
        None => Operand::Broken,
    }
}
