//! The results of a run as NumPy arrays, without copies: they lie in the run's arenas, which live as long
//! as one of them does.

use crate::planned::Planned;
use graphrun::{
    engine::Memory,
    graph::{Origin, ValueId},
    op::Slot,
    precision::Precision,
    simulate::Arithmetic,
    tensor::Kind,
};
use numpy::{
    Element, PyArrayDyn, PyArrayMethods,
    ndarray::{ArrayViewD, IxDyn},
};
use pyo3::{exceptions::PyKeyError, prelude::*};
use std::{ops::Range, sync::Arc};

#[pyclass(frozen, module = "graphrun._core")]
pub struct Run {
    planned: Arc<Planned>,
    precision: Precision,
    /// Taken out once, when the run ends. Until then only the arrays write into it: here, nothing but
    /// addresses is read.
    memory: Option<Memory<f64>>,
}

impl Run {
    pub fn new(planned: Arc<Planned>, memory: Memory<f64>, precision: Precision) -> Self {
        Self { planned, precision, memory: Some(memory) }
    }

    fn memory(&self) -> &Memory<f64> {
        self.memory.as_ref().expect("a run has its arenas until it ends")
    }

    fn named(&self, name: &str) -> PyResult<ValueId> {
        self.planned.find(name).ok_or_else(|| {
            let names = self.planned.graph().values.iter().map(|value| &*value.name);
            let near = graphrun::diagnostic::closest(name, names);
            let near = near.map_or(String::new(), |near| format!(": did you mean `{near}`?"));
            PyKeyError::new_err(format!("nothing in this graph is called `{name}`{near}"))
        })
    }
}

#[pymethods]
impl Run {
    fn value<'py>(this: &Bound<'py, Self>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let run = this.get();
        let id = run.named(name)?;
        let ty = &run.planned.graph().value(id).ty;
        let memory = run.memory();
        Ok(match run.planned.plan().slot(id) {
            // Truths lie among the floats, as ones and zeros.
            slot @ Slot::Float { .. } if ty.kind == Kind::Bool => {
                let truths: Vec<bool> = memory.floats[slot.range()].iter().map(|&x| x != 0.0).collect();
                let truths = numpy::PyArray1::from_vec(this.py(), truths);
                truths.reshape(IxDyn(&ty.shape))?.into_any()
            }
            slot @ Slot::Float { .. } => view(this, &memory.floats, slot.range(), &ty.shape),
            slot @ Slot::Int { .. } => view(this, &memory.ints, slot.range(), &ty.shape),
        })
    }

    /// The format that the run stores a value in, or with `gradient` the gradient at it.
    fn format(&self, name: &str, gradient: bool) -> PyResult<&'static str> {
        let (id, arithmetic) = (self.named(name)?, Arithmetic::of(self.precision));
        let value = self.planned.graph().value(id);
        let is_leaf = matches!(value.origin, Origin::Leaf { .. });
        let format = match is_leaf && !gradient {
            true => arithmetic.holds(id, value.ty.shape.size() == 1),
            false => arithmetic.storage,
        };
        Ok(format.word())
    }

    fn gradient<'py>(this: &Bound<'py, Self>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let run = this.get();
        let id = run.named(name)?;
        let (graph, plan) = (run.planned.graph(), run.planned.plan());
        let (value, gradients) = (graph.value(id), &run.memory().gradients);
        match plan.gradient(id) {
            Some(range) if !gradients.is_empty() => Ok(view(this, gradients, range, &value.ty.shape)),
            Some(_) => Err(PyKeyError::new_err(format!(
                "`{name}` has no gradient here: this run went forward alone"
            ))),
            None if graph.wanted.contains(&id) && !gradients.is_empty() => {
                // No output hangs on it.
                Ok(PyArrayDyn::<f64>::zeros(this.py(), IxDyn(&value.ty.shape), false).into_any())
            }
            None => {
                let why = match &value.origin {
                    _ if value.ty.kind != Kind::Float => format!("it holds {}s", value.ty.kind.word()),
                    _ if !run.planned.goes_back => "no output depends on an input or a param".to_string(),
                    Origin::Leaf { .. } => "it is a const, or its gradient is not asked for".to_string(),
                    _ => "no gradient that is asked for comes through it".to_string(),
                };
                Err(PyKeyError::new_err(format!("`{name}` has no gradient: {why}")))
            }
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if let Some(memory) = self.memory.take() {
            self.planned.take_back(memory);
        }
    }
}

/// A part of an arena as an array that keeps the run alive.
fn view<'py, T: Element>(
    run: &Bound<'py, Run>,
    arena: &[T],
    range: Range<usize>,
    shape: &[usize],
) -> Bound<'py, PyAny> {
    let part =
        ArrayViewD::from_shape(IxDyn(shape), &arena[range]).expect("a slot is as long as its shape says");
    // SAFETY: the arenas lie where they lie until the run is dropped, which the array prevents.
    unsafe { PyArrayDyn::borrow_from_array(&part, run.clone().into_any()) }.into_any()
}
