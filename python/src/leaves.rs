//! Values of leaves, laid into the arenas of a plan.

use crate::{arrays::fitting, planned::Planned};
use graphrun::{
    engine::Memory,
    graph::{Origin, ValueId},
    op::Slot,
    tensor::{Kind, Tensor},
};
use numpy::PyUntypedArray;
use pyo3::prelude::*;

/// Lays what Python gives into a leaf, if it is one of this plan and the value fits it as it lies. Gives the
/// kind of the leaf.
pub fn put(
    planned: &Planned,
    memory: &mut Memory<f64>,
    name: &str,
    given: &Bound<'_, PyAny>,
) -> Option<Kind> {
    let leaf = leaf_of(planned, name)?;
    let ty = &planned.graph().value(leaf).ty;
    let slot = planned.plan().slot(leaf);
    match (ty.kind, slot) {
        (Kind::Float, Slot::Float { .. }) => {
            if let Some(floats) = fitting::<f64>(given, &ty.shape)
                && let Ok(floats) = floats.as_slice()
            {
                memory.floats[slot.range()].copy_from_slice(floats);
                return Some(ty.kind);
            }
            // Of arrays only NumPy knows what their one element is: it may be masked.
            if ty.shape.is_scalar()
                && !given.is_instance_of::<PyUntypedArray>()
                && let Ok(number) = given.extract()
            {
                memory.floats[slot.range()][0] = number;
                return Some(ty.kind);
            }
        }
        (Kind::Int, Slot::Int { .. }) => {
            if let Some(ints) = fitting::<i64>(given, &ty.shape)
                && let Ok(ints) = ints.as_slice()
            {
                memory.ints[slot.range()].copy_from_slice(ints);
                return Some(ty.kind);
            }
        }
        _ => {}
    }
    None
}

/// Lays a tensor into a leaf, if it is one of this plan and the tensor fits it. Gives the kind of the leaf.
pub fn lay(planned: &Planned, memory: &mut Memory<f64>, name: &str, given: Tensor) -> Option<Kind> {
    let leaf = leaf_of(planned, name)?;
    let ty = &planned.graph().value(leaf).ty;
    if given.shape() != ty.shape {
        return None;
    }
    let slot = planned.plan().slot(leaf);
    match given.into_kind(ty.kind)? {
        Tensor::Int(ints) => {
            memory.ints[slot.range()].iter_mut().zip(ints).for_each(|(to, from)| *to = from);
        }
        tensor => {
            memory.floats[slot.range()].iter_mut().zip(tensor.to_floats()).for_each(|(to, from)| *to = from);
        }
    }
    Some(ty.kind)
}

pub fn leaf_of(planned: &Planned, name: &str) -> Option<ValueId> {
    let id = planned.find(name)?;
    matches!(planned.graph().value(id).origin, Origin::Leaf { .. }).then_some(id)
}
