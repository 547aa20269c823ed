//! `one_hot`, labels made into rows with a 1 at the label.

use crate::op::*;

pub struct OneHot {
    classes: usize,
}

impl Op for OneHot {
    const CARD: Card = Card {
        name: "one_hot",
        sign: None,
        doc: "Makes of every label a row of zeros with a 1 at the label.",
        inputs: &[Edge::int("labels", "labels of any shape […], each from 0 to classes − 1")],
        attributes: &[Attribute {
            name: "classes",
            kind: AttributeKind::Int,
            default: None,
            doc: "how many classes there are: the length of the new last axis",
        }],
        forward: "y = 1 where class = label, else 0",
        backward: &[],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.nn.functional.one_hot(labels, classes).to(torch.float64)",
            jax: "jax.nn.one_hot(labels, classes)",
            onnx: "OneHot",
        },
        samples: &[
            Sample { call: "one_hot([2, 0], classes = 3)", output: "[[0, 0, 1], [1, 0, 0]]" },
            Sample { call: "one_hot(1, classes = 2)", output: "[0, 1]" },
        ],
        refusals: &[
            Refusal {
                call: "one_hot([2, 3], classes = 3)",
                message: "label 3 is out of range: there are 3 classes, 0 to 2",
            },
            Refusal { call: "one_hot([0], classes = 0)", message: "classes is 0" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let asked = call.int("classes").unwrap_or(0);
        let Some(classes) = usize::try_from(asked).ok().filter(|&classes| classes > 0) else {
            let message = format!("classes is {asked}; there must be one or more");
            return Err(Misuse::new(Subject::Attribute("classes"), message));
        };
        in_classes(call, 0, classes, || format!("there are {classes} classes, 0 to {}", classes - 1))?;
        let shape = call.shape(0).iter().copied().chain([classes]).collect();
        Ok(Bound::float(Self { classes }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        for (row, &label) in y.float().chunks_exact_mut(self.classes).zip(x.int(0)) {
            row.fill(F::zero());
            match usize::try_from(label).ok().and_then(|label| row.get_mut(label)) {
                Some(hit) => *hit = F::one(),
                None => row.fill(F::from_f64(f64::NAN)),
            }
        }
    }

    fn backward<F: Float>(
        &self,
        _input: usize,
        _x: &Inputs<F>,
        _y: &[F],
        _upstream: &[F],
        _gradient: &mut [F],
    ) {
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }

    fn flops(&self, _elements: usize, _backward: Option<usize>) -> usize {
        0
    }
}
