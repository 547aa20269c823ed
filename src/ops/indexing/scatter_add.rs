//! `scatter_add`: numbers added at the places that indices name.

use crate::op::{
    cone::{Change, Reached, across},
    *,
};

pub struct ScatterAdd {
    chosen: Indexed,
    /// The numbers that may all be added to one element.
    added: usize,
}

impl Op for ScatterAdd {
    const CARD: Card = Card {
        name: "scatter_add",
        sign: None,
        doc: "Adds numbers to a tensor at the places along an axis that indices name.",
        inputs: &[
            Edge::float("x", "any tensor but a scalar"),
            Edge::int(
                "i",
                "as many axes as x, as long as those but for axis; a negative one counts from the end",
            ),
            Edge::float("src", "what is added, a number for each index"),
        ],
        attributes: &[Attribute {
            name: "axis",
            kind: AttributeKind::Int,
            default: None,
            doc: "the axis along which the indices count",
        }],
        forward: "y = x, and y[…, i[…, j, …], …] += src[…, j, …] for every j in order; \
                  NaN along the axis where an index turns out to be out of range",
        backward: &[("x", "upstream"), ("src", "upstream at the places that i names")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.scatter_add(x, axis, i % x.shape[axis], src)",
            jax: "x.at[i].add(src) if x.ndim == 1 else ... if x.ndim > 2 else x.at[i, jnp.arange(i.shape[1])].add(src) if axis % 2 == 0 else x.at[jnp.arange(i.shape[0])[:, None], i].add(src)",
            onnx: "ScatterElements",
        },
        samples: &[
            Sample {
                call: "scatter_add([1, 2, 3], [2, 0, 2], [10, 20, 30], axis = 0)",
                output: "[21, 2, 43]",
            },
            Sample {
                call: "scatter_add([[0.5, 1.5], [2.5, 3.5]], [[-1], [0]], [[0.25], [4]], axis = 1)",
                output: "[[0.5, 1.75], [6.5, 3.5]]",
            },
        ],
        refusals: &[
            Refusal {
                call: "scatter_add([1, 2], [0, 2], [1, 1], axis = 0)",
                message: "index 2 is out of range: axis 0 of x goes from -2 to 1",
            },
            Refusal {
                call: "scatter_add([1, 2], [0, 1], [1], axis = 0)",
                message: "src has shape [1] and i has shape [2]",
            },
            Refusal {
                call: "scatter_add([[1, 2]], [0, 1], [1, 1], axis = 0)",
                message: "i has shape [2]; beside x of shape [1, 2] only axis 0 may differ",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let axis = call.axis_of(0, call.int("axis").unwrap_or(0), "axis")?;
        let (i, src) = (call.shape(1), call.shape(2));
        if i != src {
            let message = format!("src has shape {src} and i has shape {i}: each index adds one number");
            return Err(Misuse::new(Subject::Input(2), message).help("give both the same shape"));
        }
        let op = Self { chosen: Indexed::of_each(call, axis)?, added: i.get(axis).copied().unwrap_or(1) };
        Ok(Bound::float(op, call.shape(0).clone()))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let (i, y) = (x.int(1), y.float());
        y.copy_from_slice(x.float(0));
        let src = x.float(2);
        self.chosen.runs(i, &mut |at, to, length| match to {
            Some(to) => y[to..][..length].iter_mut().zip(&src[at..]).for_each(|(y, &more)| *y += more),
            // What is added later leaves it what it is.
            None => (at..at + length)
                .flat_map(|at| self.chosen.line(at))
                .for_each(|lost| y[lost] = F::from_f64(f64::NAN)),
        });
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        if input == 0 {
            return gradient.iter_mut().zip(upstream).for_each(|(gradient, &up)| *gradient += up);
        }
        self.chosen.runs(x.int(1), &mut |at, from, length| {
            let Some(from) = from else { return };
            gradient[at..][..length].iter_mut().zip(&upstream[from..]).for_each(|(to, &up)| *to += up);
        });
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let pairs = self.chosen.pairs(x.int(1));
        if pairs.len() < x.int(1).len() {
            // An index is out of range, and what it spoils is left to a whole run.
            return None;
        }
        let to: Vec<u32> = {
            let mut to = vec![0; pairs.len()];
            pairs.iter().for_each(|&(place, from)| to[from as usize] = place);
            to
        };
        let added = Reached::of(&pairs, x.float(0).len());
        Some(Box::new(move |change: &Change, y: &mut Dirty| {
            let (x, src) = (change.float(0), change.float(2));
            let from_src = change.of(2).iter().map(|&at| to[at as usize]);
            for place in change.of(0).iter().copied().chain(from_src) {
                let mut sum = across(x, place as usize);
                for &from in added.by(place as usize) {
                    let more = across(src, from as usize);
                    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                }
                y.set(place as usize, sum);
            }
        }))
    }

    fn rounding(&self) -> Rounding {
        Rounding::Sums(self.added + 1)
    }

    fn flops(&self, elements: usize, _backward: Option<usize>) -> usize {
        elements
    }
}
