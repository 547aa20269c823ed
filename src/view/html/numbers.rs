//! Tensors for a page: small ones whole, to the last bit, of large ones a strip.

use crate::{report::number, tensor::Tensor, view::label::bars};
use serde_json::{Value, json};

/// Elements of a tensor that is shown whole.
const WHOLE: usize = 64;

/// Cells of the strip of a larger one.
const CELLS: usize = 64;

pub fn tensor(tensor: &Tensor) -> Value {
    let elements = tensor.to_floats();
    let shape = tensor.shape();
    if elements.len() <= WHOLE {
        let texts: Vec<String> = elements.iter().map(|&x| number(x)).collect();
        return json!({ "whole": texts });
    }
    let finite: Vec<f64> = elements.iter().copied().filter(|x| x.is_finite()).collect();
    let (least, greatest) =
        finite.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)));
    // A thousandth of the greatest is more than a strip can show.
    let cells: Vec<f64> =
        bars(&elements, CELLS).into_iter().map(|cell| (cell * 1000.0).round() / 1000.0).collect();
    json!({
        "cells": cells,
        "per_cell": shape.size().div_ceil(CELLS),
        "first": elements.iter().take(6).map(|&x| number(x)).collect::<Vec<_>>(),
        "min": number(least),
        "mean": number(finite.iter().sum::<f64>() / finite.len() as f64),
        "max": number(greatest),
        "not_finite": elements.len() - finite.len(),
    })
}
