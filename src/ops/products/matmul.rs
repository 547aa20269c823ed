//! `matmul`, `a @ b`.

use crate::{
    op::{
        cone::{Product, Products},
        *,
    },
    shape::Shape,
    shape::Walk,
};

pub struct MatMul {
    rows: usize,
    inner: usize,
    columns: usize,
    /// Which matrix of a meets which matrix of b, in the order of the output.
    batch: Walk<2>,
}

impl MatMul {
    /// Calls `visit` with the ranges of every product: of a, of b and of the output.
    fn each(&self, mut visit: impl FnMut([std::ops::Range<usize>; 3])) {
        let range = |at: usize, rows: usize, columns: usize| at * rows * columns..(at + 1) * rows * columns;
        let mut product = 0;
        self.batch.each(|[a, b]| {
            visit([
                range(a, self.rows, self.inner),
                range(b, self.inner, self.columns),
                range(product, self.rows, self.columns),
            ]);
            product += 1;
        });
    }
}

impl Op for MatMul {
    const CARD: Card = Card {
        name: "matmul",
        sign: Some("@"),
        doc: "Multiplies matrices, or stacks of them along leading axes that broadcast.",
        inputs: &[
            Edge::float("a", "a matrix [n, k], a stack of them […, n, k], or a vector [k], taken as a row"),
            Edge::float(
                "b",
                "a matrix [k, m], a stack of them […, k, m], or a vector [k], taken as a column",
            ),
        ],
        attributes: &[],
        forward: "y = a @ b",
        backward: &[("a", "upstream @ bᵀ"), ("b", "aᵀ @ upstream")],
        kinks: None,
        elsewhere: Elsewhere { torch: "a @ b", jax: "a @ b", onnx: "MatMul" },
        samples: &[
            Sample {
                call: "matmul([[1, 2], [3, 4], [5, 6]], [[1, 0, -1], [0.5, 2, 1]])",
                output: "[[2, 4, 1], [5, 8, 1], [8, 12, 1]]",
            },
            Sample { call: "matmul([1, 2, 3], [4, 5, 6])", output: "32" },
            Sample { call: "matmul([[1, 2], [3, 4]], [10, -1])", output: "[8, 26]" },
            Sample {
                call: "matmul([[[1, 2]], [[3, 4]]], [[1, 0.5], [-1, 2]])",
                output: "[[[-1, 4.5]], [[-1, 9.5]]]",
            },
        ],
        refusals: &[
            Refusal {
                call: "matmul([[1, 2, 3]], [[1], [2]])",
                message: "the rows of a have 3 numbers, the columns of b have 2",
            },
            Refusal { call: "matmul([1, 2], 3)", message: "b is a scalar" },
            Refusal {
                call: "matmul([[[1]], [[2]]], [[[1]], [[2]], [[3]]])",
                message: "the leading axes [2] of a and [3] of b do not broadcast",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        for (input, name) in ["a", "b"].into_iter().enumerate() {
            if call.shape(input).is_scalar() {
                let message = format!("{name} is a scalar, and matmul multiplies matrices and vectors");
                return Err(Misuse::new(Subject::Input(input), message).help("use `*` to scale a tensor"));
            }
        }
        let (a_batch, (rows, inner)) = match call.shape(0)[..] {
            [ref batch @ .., rows, inner] => (Shape::new(batch), (Some(rows), inner)),
            _ => (Shape::scalar(), (None, call.shape(0)[0])),
        };
        let (b_batch, (brought, columns)) = match call.shape(1)[..] {
            [ref batch @ .., inner, columns] => (Shape::new(batch), (inner, Some(columns))),
            _ => (Shape::scalar(), (call.shape(1)[0], None)),
        };
        if inner != brought {
            let message = format!("the rows of a have {inner} numbers, the columns of b have {brought}");
            return Err(Misuse::new(Subject::Call, message)
                .help("a @ b takes the last axis of a with the last but one of b"));
        }
        let Some(batch) = a_batch.broadcast(&b_batch) else {
            let message = format!("the leading axes {a_batch} of a and {b_batch} of b do not broadcast");
            return Err(Misuse::new(Subject::Call, message));
        };
        let shape = batch.iter().copied().chain(rows).chain(columns).collect();
        let (mut rows, columns) = (rows.unwrap_or(1), columns.unwrap_or(1));
        let mut batch = Walk::broadcast(&batch, [&a_batch, &b_batch]);
        if b_batch.size() == 1 && a_batch.size() > 0 && columns > 0 {
            // All rows meet the same matrix: together they are one.
            rows = rows.saturating_mul(a_batch.size());
            batch = Walk::broadcast(&Shape::scalar(), [&Shape::scalar(); 2]);
        }
        let op = Self { rows, inner, columns, batch };
        Ok(Bound::float(op, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = y.float();
        self.each(|[a, b, product]| {
            let a = matrix(&x.float(0)[a], self.rows, self.inner);
            let b = matrix(&x.float(1)[b], self.inner, self.columns);
            F::matmul(a, b, F::zero(), &mut matrix_mut(&mut y[product], self.rows, self.columns));
        });
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        // A matrix that meets several others is visited as often: that sums its gradient.
        self.each(|[a, b, product]| {
            let up = matrix(&upstream[product], self.rows, self.columns);
            match input {
                0 => {
                    let b = matrix(&x.float(1)[b], self.inner, self.columns);
                    let gradient = &mut matrix_mut(&mut gradient[a], self.rows, self.inner);
                    F::matmul(up, b.t(), F::one(), gradient);
                }
                _ => {
                    let a = matrix(&x.float(0)[a], self.rows, self.inner);
                    let gradient = &mut matrix_mut(&mut gradient[b], self.inner, self.columns);
                    F::matmul(a.t(), up, F::one(), gradient);
                }
            }
        });
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let sizes = [self.rows, self.inner, self.columns];
        let mut products = Some(Vec::new());
        self.each(|[a, b, product]| {
            let (of_a, of_b) = (&x.float(0)[a.clone()], &x.float(1)[b.clone()]);
            // Once one of them is not to be had, the others are not made.
            products = products.take().and_then(|mut products| {
                let made = Product::of(of_a, of_b, sizes, self.batch.size())?;
                products.push((made, [a, b, product]));
                Some(products)
            });
        });
        let whole = |x: &Inputs<f64>, y: &mut [f64]| self.forward(x, Output::Float(y));
        Some(Box::new(Products::new(products?, false, whole)))
    }

    fn rounding(&self) -> Rounding {
        Rounding::Products { added: None }
    }

    fn flops(&self, _elements: usize, _backward: Option<usize>) -> usize {
        2 * self.rows * self.inner * self.columns * self.batch.size()
    }
}
