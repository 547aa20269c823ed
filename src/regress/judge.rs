//! Expectations against a run.

use crate::{
    graph::{Expectation, Expected, Graph, ValueId},
    run::Run,
    shape::Shape,
    source::Span,
    tensor::Tensor,
};

/// One expectation on numbers, with what came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// As the file writes it: `price`, `grad(tax)`.
    pub name: String,
    /// The whole statement.
    pub span: Span,
    pub within: f64,
    /// The smallest tolerance that passes: max |got − want| / max(1, |want|).
    pub error: f64,
    /// The same, relative to |want| alone, where that is greatest.
    pub relative: f64,
}

/// An expectation that failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    pub name: String,
    pub span: Span,
    /// The entry that is farthest off.
    pub entry: usize,
    pub shape: Shape,
    pub want: f64,
    pub got: f64,
    pub within: f64,
    /// The smallest tolerance that would pass; infinite where none would.
    pub needs: f64,
    /// Entries outside of the tolerance.
    pub outside: usize,
}

/// What one expectation came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    Numbers(Observed),
    Mismatch(Mismatch),
    WrongShape { name: String, span: Span, want: Shape, got: Shape },
    RightShape,
}

/// Holds all expectations on numbers and shapes against a run.
pub fn judge(graph: &Graph, run: &Run) -> Vec<Check> {
    graph.expectations.iter().filter_map(|expectation| one(graph, run, expectation)).collect()
}

/// What came out where an expectation looks; `None` for those on verdicts and shapes.
pub fn got(graph: &Graph, run: &Run, of: &Expected) -> Option<Tensor> {
    match of {
        Expected::Value { of, .. } => Some(run.value_of(*of)),
        Expected::Gradient { of, .. } => Some(gradient(graph, run, *of)),
        Expected::Shape { .. } | Expected::Check(_) => None,
    }
}

/// The gradient of a value; zeros where no path leads from it to the output.
pub fn gradient(graph: &Graph, run: &Run, of: ValueId) -> Tensor {
    let shape = &graph.value(of).ty.shape;
    let elements = run.gradient_of(of).map_or_else(|| vec![0.0; shape.size()], <[f64]>::to_vec);
    Tensor::float(shape, elements).expect("a gradient has its value's shape")
}

/// The name of what an expectation is about.
pub fn name(graph: &Graph, of: &Expected) -> String {
    match of {
        Expected::Value { of, .. } => graph.value(*of).name.to_string(),
        Expected::Gradient { of, .. } => format!("grad({})", graph.value(*of).name),
        Expected::Shape { of, .. } => format!("shape({})", graph.value(*of).name),
        Expected::Check(_) => "check".to_string(),
    }
}

fn one(graph: &Graph, run: &Run, expectation: &Expectation) -> Option<Check> {
    let (name, span) = (name(graph, &expectation.of), expectation.span);
    let (want, within) = match &expectation.of {
        Expected::Value { want, within, .. } | Expected::Gradient { want, within, .. } => (want, *within),
        Expected::Shape { of, want } => {
            let got = graph.value(*of).ty.shape.clone();
            return Some(match got == *want {
                true => Check::RightShape,
                false => Check::WrongShape { name, span, want: want.clone(), got },
            });
        }
        Expected::Check(_) => return None,
    };
    let (got, want) = (got(graph, run, &expectation.of)?.to_floats(), want.to_floats());
    let errors: Vec<f64> = got.iter().zip(&want).map(|(&got, &want)| error(got, want)).collect();
    let (entry, error) =
        errors.iter().copied().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap_or((0, 0.0));
    let outside = errors.iter().filter(|&&error| error > within).count();
    if outside == 0 {
        let relative = |(&got, &want): (&f64, &f64)| match want {
            0.0 => 0.0,
            _ if got == want || (got.is_nan() && want.is_nan()) => 0.0,
            _ => (got - want).abs() / want.abs(),
        };
        let relative = got.iter().zip(&want).map(relative).fold(0.0, f64::max);
        return Some(Check::Numbers(Observed { name, span, within, error, relative }));
    }
    let shape = match &expectation.of {
        Expected::Value { of, .. } | Expected::Gradient { of, .. } => graph.value(*of).ty.shape.clone(),
        _ => Shape::scalar(),
    };
    let (want, got) = (want[entry], got[entry]);
    Some(Check::Mismatch(Mismatch { name, span, entry, shape, want, got, within, needs: error, outside }))
}

/// |got − want| / max(1, |want|); NaN equals NaN, and infinities of one sign are equal.
fn error(got: f64, want: f64) -> f64 {
    if got == want || (got.is_nan() && want.is_nan()) {
        return 0.0;
    }
    let error = (got - want).abs() / want.abs().max(1.0);
    if error.is_nan() { f64::INFINITY } else { error }
}

#[cfg(test)]
mod tests {
    use super::error;

    #[test]
    fn nan_equals_nan_and_nothing_else() {
        assert_eq!(error(f64::NAN, f64::NAN), 0.0);
        assert_eq!(error(f64::INFINITY, f64::INFINITY), 0.0);
        assert_eq!(error(f64::INFINITY, f64::NEG_INFINITY), f64::INFINITY);
        assert_eq!(error(f64::NAN, 1.0), f64::INFINITY);
        assert_eq!(error(1.0, f64::INFINITY), f64::INFINITY);
        assert_eq!(error(202.0, 200.0), 0.01);
        assert_eq!(error(0.25, 0.0), 0.25);
    }
}
