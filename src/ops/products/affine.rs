//! `affine`, x·W + b: the fully connected layer.

use crate::{
    op::{
        cone::{Product, Products},
        *,
    },
    shape::Shape,
};

pub struct Affine {
    rows: usize,
    inner: usize,
    columns: usize,
}

impl Op for Affine {
    const CARD: Card = Card {
        name: "affine",
        sign: None,
        doc: "Multiplies a batch by a weight matrix and adds a bias to every row.",
        inputs: &[
            Edge::float("x", "the batch, [n, …]; axes after the first are flattened"),
            Edge::float("W", "the weights, [inputs, outputs]"),
            Edge::float("b", "the bias, [outputs]"),
        ],
        attributes: &[],
        forward: "y = x @ W + b",
        backward: &[("x", "upstream @ Wᵀ"), ("W", "xᵀ @ upstream"), ("b", "upstream summed over the batch")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "(x if x.ndim == 2 else x.flatten(1)) @ W + b",
            jax: "(x if x.ndim == 2 else x.reshape(x.shape[0], -1)) @ W + b",
            onnx: "Gemm",
        },
        samples: &[Sample {
            call: "affine([[1, 2], [3, 4], [5, 6]], [[1, 0, -1], [0.5, 2, 1]], [10, 20, 30])",
            output: "[[12, 24, 31], [15, 28, 31], [18, 32, 31]]",
        }],
        refusals: &[Refusal {
            call: "affine([[1, 2]], [[1], [2], [3]], [0])",
            message: "x brings 2 numbers a row, W takes 3",
        }],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (x, w, b) = (call.shape(0), call.shape(1), call.shape(2));
        if x.rank() < 2 {
            let message = format!("x must be a batch of rows, [n, inputs]; it has shape {x}");
            return Err(Misuse::new(Subject::Input(0), message));
        }
        let &[inner, columns] = &w[..] else {
            let message = format!("W must be a matrix, [inputs, outputs]; it has shape {w}");
            return Err(Misuse::new(Subject::Input(1), message));
        };
        let (rows, brought) = (x[0], Shape::new(&x[1..]).size());
        if brought != inner {
            let message = format!("x brings {brought} numbers a row, W takes {inner}");
            return Err(Misuse::new(Subject::Call, message));
        }
        if b[..] != [columns] {
            let message =
                format!("b must have shape [{columns}], one number for each column of W; it has shape {b}");
            return Err(Misuse::new(Subject::Input(2), message));
        }
        Ok(Bound::float(Self { rows, inner, columns }, Shape::new(&[rows, columns])))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = y.float();
        for row in y.chunks_exact_mut(self.columns.max(1)) {
            row.copy_from_slice(x.float(2));
        }
        let w = matrix(x.float(1), self.inner, self.columns);
        let x = matrix(x.float(0), self.rows, self.inner);
        F::matmul(x, w, F::one(), &mut matrix_mut(y, self.rows, self.columns));
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let up = matrix(upstream, self.rows, self.columns);
        match input {
            0 => {
                let w = matrix(x.float(1), self.inner, self.columns);
                F::matmul(up, w.t(), F::one(), &mut matrix_mut(gradient, self.rows, self.inner));
            }
            1 => {
                let x = matrix(x.float(0), self.rows, self.inner);
                F::matmul(x.t(), up, F::one(), &mut matrix_mut(gradient, self.inner, self.columns));
            }
            _ => {
                for row in upstream.chunks_exact(self.columns.max(1)) {
                    gradient.iter_mut().zip(row).for_each(|(gradient, &up)| *gradient += up);
                }
            }
        }
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let product = Product::of(x.float(0), x.float(1), [self.rows, self.inner, self.columns], 1)?;
        let ranges = [0..x.float(0).len(), 0..x.float(1).len(), 0..self.rows * self.columns];
        let whole = |x: &Inputs<f64>, y: &mut [f64]| self.forward(x, Output::Float(y));
        Some(Box::new(Products::new(vec![(product, ranges)], true, whole)))
    }

    fn rounding(&self) -> Rounding {
        Rounding::Products { added: Some(2) }
    }

    fn flops(&self, _elements: usize, backward: Option<usize>) -> usize {
        match backward {
            Some(2) => self.rows * self.columns,
            _ => 2 * self.rows * self.inner * self.columns,
        }
    }
}
