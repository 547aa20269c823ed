//! `identity`, the input itself.

use crate::op::*;

pub struct Identity {
    all: Rearrangement,
}

impl Op for Identity {
    const CARD: Card = Card {
        name: "identity",
        sign: Some("="),
        doc: "Hands its input on as it is.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[],
        forward: "y = x",
        backward: &[("x", "upstream")],
        kinks: None,
        elsewhere: Elsewhere { torch: "x.clone()", jax: "jnp.asarray(x)", onnx: "Identity" },
        samples: &[
            Sample { call: "identity([[1.5, -2.0], [0.0, 4.0]])", output: "[[1.5, -2], [0, 4]]" },
            Sample { call: "identity([3, -1])", output: "[3, -1]" },
        ],
        refusals: &[Refusal { call: "identity([1, 2], [3])", message: "takes 1 input" }],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let shape = call.shape(0).clone();
        let all = Rearrangement::same(shape.size());
        Ok(Bound::rearranged(Self { all }, call, shape))
    }

    fn is_elementwise(&self) -> bool {
        true
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        self.all.forward(x, y);
    }

    fn backward<F: Float>(
        &self,
        _input: usize,
        _x: &Inputs<F>,
        _y: &[F],
        upstream: &[F],
        gradient: &mut [F],
    ) {
        self.all.backward(upstream, gradient);
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        Some(self.all.cone(x.float(0).len()))
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }

    fn flops(&self, _elements: usize, _backward: Option<usize>) -> usize {
        0
    }
}
