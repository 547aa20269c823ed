//! `concat`: tensors joined along an axis.

use crate::{
    op::{
        cone::{Change, across},
        *,
    },
    shape::Shape,
    tensor::Type,
};
use std::ops::Range;

pub struct Concat {
    /// How many elements a row of the output has, from the joined axis inwards.
    row: usize,
    /// Which of them come from each input.
    places: Vec<Range<usize>>,
}

impl Op for Concat {
    const CARD: Card = Card {
        name: "concat",
        sign: None,
        doc: "Joins tensors along one of their axes.",
        inputs: &[Edge::either(
            "x",
            "the tensors, all float or all int, alike in all lengths but that of the axis",
        )
        .or_more()],
        attributes: &[Attribute {
            name: "axis",
            kind: AttributeKind::Int,
            default: Some("0"),
            doc: "the axis along which they are joined",
        }],
        forward: "y = the x one after another along axis",
        backward: &[("x", "the part of upstream where x lies in y")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.cat(x, axis)", jax: "jnp.concatenate(x, axis)", onnx: "Concat" },
        samples: &[
            Sample { call: "concat([1.0, 2.0], [3.0])", output: "[1, 2, 3]" },
            Sample {
                call: "concat([[1.5], [2.5]], [[3.0, 4.0], [5.0, 6.0]], [[-1.0], [-2.0]], axis = 1)",
                output: "[[1.5, 3, 4, -1], [2.5, 5, 6, -2]]",
            },
            Sample { call: "concat([[1, 2]], [[3, 4], [5, 6]])", output: "[[1, 2], [3, 4], [5, 6]]" },
        ],
        refusals: &[
            Refusal {
                call: "concat([[1.0, 2.0]], [[3.0]])",
                message: "[1, 2] and [1, 1] do not join along axis 0",
            },
            Refusal { call: "concat([1.0, 2.0], [3])", message: "the first is float, this is int" },
            Refusal { call: "concat(1.0, 2.0)", message: "it has no axes" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (first, kind) = (call.shape(0), call.kind(0));
        let axis = call.axis_of(0, call.int("axis").unwrap_or(0), "axis")?;
        let inner = Shape::new(&first[axis + 1..]).size();
        let (mut joined, mut places) = (0usize, Vec::new());
        for (input, argument) in call.inputs.iter().enumerate() {
            let shape = &argument.ty.shape;
            if argument.ty.kind != kind {
                let (first, this) = (kind.word(), argument.ty.kind.word());
                let message = format!("tensors of one kind are joined: the first is {first}, this is {this}");
                return Err(
                    Misuse::new(Subject::Input(input), message).help("write 3.0 for a float, 3 for an int")
                );
            }
            let alike = (0..first.rank()).all(|k| k == axis || shape.get(k) == first.get(k));
            if shape.rank() != first.rank() || !alike {
                let message = format!("shapes {first} and {shape} do not join along axis {axis}");
                return Err(Misuse::new(Subject::Input(input), message)
                    .help("all lengths but that of the joined axis must agree"));
            }
            let end = joined.saturating_add(shape[axis]);
            places.push(joined.saturating_mul(inner)..end.saturating_mul(inner));
            joined = end;
        }
        let shape = first.iter().enumerate().map(|(k, &n)| if k == axis { joined } else { n }).collect();
        let op = Self { row: joined.saturating_mul(inner), places };
        Ok(Bound { op, output: Type { kind, shape }, range: range(call) })
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        match y {
            Output::Float(y) => (0..x.count()).for_each(|input| self.place(input, x.float(input), y)),
            Output::Int(y) => (0..x.count()).for_each(|input| self.place(input, x.int(input), y)),
        }
    }

    fn backward<F: Float>(&self, input: usize, _x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let place = self.places[input].clone();
        let rows = upstream.chunks_exact(self.row.max(1));
        for (part, row) in gradient.chunks_exact_mut(place.len().max(1)).zip(rows) {
            part.iter_mut().zip(&row[place.clone()]).for_each(|(part, &up)| *part += up);
        }
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        if (0..x.count()).any(|input| x.is_int(input)) {
            return None;
        }
        Some(Box::new(move |change: &Change, y: &mut Dirty| {
            for (input, place) in self.places.iter().enumerate() {
                let x = change.float(input);
                for &at in change.of(input) {
                    let at = at as usize;
                    let to = at / place.len() * self.row + place.start + at % place.len();
                    y.set(to, across(x, at));
                }
            }
        }))
    }

    fn flops(&self, _elements: usize, _backward: Option<usize>) -> usize {
        0
    }
}

impl Concat {
    fn place<T: Copy>(&self, input: usize, x: &[T], y: &mut [T]) {
        let place = self.places[input].clone();
        for (x, row) in x.chunks_exact(place.len().max(1)).zip(y.chunks_exact_mut(self.row.max(1))) {
            row[place.clone()].copy_from_slice(x);
        }
    }
}

/// From the least to the greatest of all ints, where all are known.
fn range(call: &Call) -> Option<(i64, i64)> {
    let ranges = call.inputs.iter().map(|argument| argument.range);
    ranges.reduce(|all, next| all.zip(next).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)))).flatten()
}
