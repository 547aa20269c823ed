//! `einsum`: sums of products over any axes.

use crate::{
    op::*,
    shape::{Shape, Walk},
};
use smallvec::SmallVec;
use std::borrow::Cow;

/// More products than this are not gone through one by one.
const MOST_PRODUCTS: usize = 1 << 32;

pub struct Einsum {
    equation: Equation,
    /// Two operands as stacks of matrices.
    matrices: Option<Matrices>,
}

impl Op for Einsum {
    const CARD: Card = Card {
        name: "einsum",
        sign: None,
        doc: "Multiplies tensors and sums over axes, as an equation of their axes says.",
        inputs: &[Edge::float("x", "the operands, one for each part of the equation before ->").or_more()],
        attributes: &[Attribute {
            name: "equation",
            kind: AttributeKind::Text,
            default: None,
            doc: "a letter for each axis, the same one for axes that run together; those not behind -> are summed; \
                  ... stands for axes without a letter",
        }],
        forward: "y = Σ product of all x, over the letters that the output does not have",
        backward: &[("x", "Σ upstream * product of the other x, over the letters that x does not have")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.einsum(equation, *x)",
            jax: "jnp.einsum(equation, *x)",
            onnx: "Einsum",
        },
        samples: &[
            Sample {
                call: "einsum([[1, 2], [3, 4]], [[1, 0.5], [-1, 2]], equation = \"ij,jk->ik\")",
                output: "[[-1, 4.5], [-1, 9.5]]",
            },
            Sample { call: "einsum([[1, 2], [3, 4.5]], equation = \"ii\")", output: "5.5" },
            Sample {
                call: "einsum([1, 2], [3, 4, 5], [2, 0.5], equation = \"i,j,i->ji\")",
                output: "[[6, 3], [8, 4], [10, 5]]",
            },
            Sample {
                call: "einsum([[[1, 2], [3, 4]]], [10, 1], equation = \"...j,j\")",
                output: "[[12, 34]]",
            },
        ],
        refusals: &[
            Refusal {
                call: "einsum([1, 2], equation = \"i,i\")",
                message: "the equation tells of 2 operands, and 1 are given",
            },
            Refusal {
                call: "einsum([1, 2], [1, 2, 3], equation = \"i,i->\")",
                message: "`i` has length 3 here and 2 before",
            },
            Refusal {
                call: "einsum([1, 2], equation = \"ij->i\")",
                message: "\"ij\" names 2 axes of an operand with 1",
            },
            Refusal {
                call: "einsum([1, 2], equation = \"i->k\")",
                message: "`k` of the output stands in no operand",
            },
            Refusal {
                call: "einsum([1, 2], equation = \"i->ii\")",
                message: "`i` stands twice in the output",
            },
            Refusal { call: "einsum([1, 2], equation = \"1\")", message: "`1` stands for no axis" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let equation = Equation::of(call, call.text("equation"))?;
        let matrices = Matrices::of(&equation);
        let products = Shape::new(&equation.lengths).size();
        if matrices.is_none() && products > MOST_PRODUCTS {
            let message = format!("the equation goes through {products} products, more than {MOST_PRODUCTS}");
            return Err(Misuse::new(Subject::Attribute("equation"), message)
                .help("take two operands at a time, which are multiplied as matrices"));
        }
        let shape = equation.shape();
        Ok(Bound::float(Self { equation, matrices }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = y.float();
        y.fill(F::zero());
        if let Some(matrices) = &self.matrices {
            return matrices.forward(x.float(0), x.float(1), y);
        }
        self.each(&mut |at, places| {
            let product = places.iter().enumerate().map(|(input, &place)| x.float(input)[place]);
            y[at] += product.reduce(|product, factor| product * factor).unwrap_or(F::one());
        });
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        if let Some(matrices) = &self.matrices {
            return matrices.backward(input, x.float(1 - input), upstream, gradient);
        }
        self.each(&mut |at, places| {
            let others = places.iter().enumerate().filter(|&(other, _)| other != input);
            let factors = others.map(|(other, &place)| x.float(other)[place]);
            gradient[places[input]] += factors.fold(upstream[at], |product, factor| product * factor);
        });
    }

    fn rounding(&self) -> Rounding {
        Rounding::Products { added: None }
    }

    fn flops(&self, _elements: usize, _backward: Option<usize>) -> usize {
        let products = Shape::new(&self.equation.lengths).size();
        products.saturating_mul(self.equation.strides.len())
    }
}

impl Einsum {
    /// Calls `visit` with an output element and the element of every operand, for all products.
    fn each(&self, visit: &mut dyn FnMut(usize, &[usize])) {
        let Equation { lengths, output, strides, .. } = &self.equation;
        if lengths.contains(&0) {
            return;
        }
        let mut index: SmallVec<[usize; 8]> = SmallVec::from_elem(0, lengths.len());
        let mut places: SmallVec<[usize; 4]> = SmallVec::from_elem(0, strides.len());
        let mut at = 0;
        loop {
            visit(at, &places);
            let mut axis = lengths.len();
            loop {
                if axis == 0 {
                    return;
                }
                if axis == *output {
                    // All that is summed into one element has been.
                    at += 1;
                }
                axis -= 1;
                index[axis] += 1;
                if index[axis] < lengths[axis] {
                    places.iter_mut().zip(strides).for_each(|(place, by)| *place += by[axis] as usize);
                    break;
                }
                index[axis] = 0;
                let back = lengths[axis] - 1;
                places.iter_mut().zip(strides).for_each(|(place, by)| *place -= by[axis] as usize * back);
            }
        }
    }
}

/// The operands of a contraction as stacks of matrices `[batch, rows, inner]` and
/// `[batch, columns, inner]`, and the output as `[batch, rows, columns]`.
struct Matrices {
    batch: usize,
    rows: usize,
    inner: usize,
    columns: usize,
    /// The elements of the operands and of the output in these orders.
    a: Walk<1>,
    b: Walk<1>,
    y: Walk<1>,
}

impl Matrices {
    /// Where each axis belongs to both operands or is one of the output.
    fn of(equation: &Equation) -> Option<Self> {
        let Equation { lengths, output, strides, has } = equation;
        let ([a, b], [in_a, in_b]) = (&strides[..], &has[..]) else { return None };
        let [mut batch, mut rows, mut inner, mut columns] = [const { Vec::new() }; 4];
        for axis in 0..lengths.len() {
            let parts = match (in_a[axis], in_b[axis], axis < *output) {
                (true, true, true) => &mut batch,
                (true, true, false) => &mut inner,
                (true, false, true) => &mut rows,
                (false, true, true) => &mut columns,
                // Summed in one operand alone.
                _ => return None,
            };
            parts.push(axis);
        }
        let own = Shape::new(&lengths[..*output]).strides();
        let own: Vec<isize> = (0..lengths.len()).map(|at| own.get(at).map_or(0, |&by| by as isize)).collect();
        let walk = |strides: &[isize], parts: [&Vec<usize>; 3]| {
            let axes = || parts.into_iter().flatten();
            let (shape, steps): (Vec<usize>, Vec<isize>) =
                axes().map(|&at| (lengths[at], strides[at])).unzip();
            Walk::new(&shape, [&steps], [0])
        };
        let size = |axes: &[usize]| axes.iter().map(|&at| lengths[at]).collect::<Shape>().size();
        Some(Self {
            batch: size(&batch),
            rows: size(&rows),
            inner: size(&inner),
            columns: size(&columns),
            a: walk(a, [&batch, &rows, &inner]),
            b: walk(b, [&batch, &columns, &inner]),
            y: walk(&own, [&batch, &rows, &columns]),
        })
    }

    fn forward<F: Float>(&self, a: &[F], b: &[F], y: &mut [F]) {
        let (a, b) = (laid_out(&self.a, a), laid_out(&self.b, b));
        let multiply = |product: &mut [F]| {
            self.each(&mut |[of_a, of_b, of_y]| {
                let a = matrix(&a[of_a], self.rows, self.inner);
                let b = matrix(&b[of_b], self.columns, self.inner);
                F::matmul(a, b.t(), F::one(), &mut matrix_mut(&mut product[of_y], self.rows, self.columns));
            });
        };
        if self.y.is_in_order() {
            return multiply(y);
        }
        let mut product = vec![F::zero(); y.len()];
        multiply(&mut product);
        add_back(&self.y, &product, y);
    }

    fn backward<F: Float>(&self, input: usize, other: &[F], upstream: &[F], gradient: &mut [F]) {
        let up = laid_out(&self.y, upstream);
        let (own, other) = match input {
            0 => (&self.a, laid_out(&self.b, other)),
            _ => (&self.b, laid_out(&self.a, other)),
        };
        let mut sums = vec![F::zero(); own.size()];
        self.each(&mut |[of_a, of_b, of_y]| {
            let up = matrix(&up[of_y], self.rows, self.columns);
            match input {
                0 => {
                    let b = matrix(&other[of_b], self.columns, self.inner);
                    F::matmul(up, b, F::zero(), &mut matrix_mut(&mut sums[of_a], self.rows, self.inner));
                }
                _ => {
                    let a = matrix(&other[of_a], self.rows, self.inner);
                    F::matmul(
                        up.t(),
                        a,
                        F::zero(),
                        &mut matrix_mut(&mut sums[of_b], self.columns, self.inner),
                    );
                }
            }
        });
        add_back(own, &sums, gradient);
    }

    /// Calls `visit` with the ranges of every product.
    fn each(&self, visit: &mut dyn FnMut([std::ops::Range<usize>; 3])) {
        if [self.rows, self.inner, self.columns].contains(&0) {
            return;
        }
        let sizes = [self.rows * self.inner, self.columns * self.inner, self.rows * self.columns];
        (0..self.batch).for_each(|at| visit(sizes.map(|size| at * size..(at + 1) * size)));
    }
}

/// The elements of a tensor in the order of a walk, copied where that is not its own.
fn laid_out<'a, F: Float>(walk: &Walk<1>, x: &'a [F]) -> Cow<'a, [F]> {
    if walk.is_in_order() {
        return Cow::Borrowed(x);
    }
    let mut elements = vec![F::zero(); walk.size()];
    gather(walk, x, &mut elements);
    Cow::Owned(elements)
}
