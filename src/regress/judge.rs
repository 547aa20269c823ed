//! Expectations against a run.

use crate::{
    against,
    engine::Stored,
    graph::{Expectation, Expected, Formula, Graph, Origin, ValueId, Want},
    precision::Precision,
    run::{Direction, Run},
    shape::Shape,
    simulate::Arithmetic,
    source::Span,
    syntax::{Tolerance, print_expression},
    tensor::Tensor,
};
use foldhash::HashMap;

/// One expectation on numbers, with what came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// As the file writes it: `price`, `grad(tax)`, `grad(W) = dW`.
    pub name: String,
    /// The whole statement.
    pub span: Span,
    pub within: Tolerance,
    /// The smallest tolerance of this kind that passes: of a part, max |got − want| / max(1, |want|); in ulps;
    /// of a format, as a part of what rounding in it explains.
    pub error: f64,
    /// The same, relative to |want| alone, where that is greatest.
    pub relative: f64,
}

/// An expectation that failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    pub name: String,
    /// What it is expected by, where that is no number.
    pub formula: Option<String>,
    pub span: Span,
    pub shape: Shape,
    /// The entry that is farthest off.
    pub farthest: Off,
    /// The first that is outside of the tolerance.
    pub first: Off,
    pub within: Tolerance,
    /// The smallest tolerance of this kind that would pass; infinite where none would.
    pub needs: f64,
    /// Entries outside of the tolerance.
    pub outside: usize,
}

/// An entry that is not as expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Off {
    pub entry: usize,
    pub want: f64,
    pub got: f64,
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
    let bars = rounding(graph, run);
    graph.expectations.iter().filter_map(|expectation| one(graph, run, expectation, &bars)).collect()
}

/// What rounding explains, by what it is asked of and the format.
type Bars = HashMap<(Stored, Precision), Vec<f64>>;

/// All that is expected within what rounding explains, by format.
pub fn within_rounding(graph: &Graph) -> Vec<(Precision, Vec<Stored>)> {
    let mut asked: Vec<(Precision, Vec<Stored>)> = Vec::new();
    for expectation in &graph.expectations {
        let (of, within) = match &expectation.of {
            Expected::Value { of, within, .. } => (Stored::Value(*of), within),
            Expected::Gradient { of, within, .. } => (Stored::Gradient(*of), within),
            Expected::Shape { .. } | Expected::Check(_) => continue,
        };
        let Tolerance::Rounding(format) = *within else { continue };
        match asked.iter_mut().find(|(known, _)| *known == format) {
            Some((_, known)) if known.contains(&of) => {}
            Some((_, known)) => known.push(of),
            None => asked.push((format, vec![of])),
        }
    }
    asked
}

/// What rounding explains of these.
fn rounding(graph: &Graph, run: &Run) -> Bars {
    let mut bars = Bars::default();
    for (format, asked) in within_rounding(graph) {
        let found = against::bars(graph, run.plan(), &asked, &Arithmetic::of(format));
        bars.extend(asked.iter().zip(found).map(|(&of, (_, bars))| ((of, format), bars)));
    }
    bars
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

/// What is wanted, in numbers.
fn wanted(want: &Want, run: &Run) -> Tensor {
    match want {
        Want::Numbers(tensor) => tensor.clone(),
        Want::Formula(formula) => computed(formula, run),
    }
}

/// What a formula gives at the values of a run.
fn computed(formula: &Formula, run: &Run) -> Tensor {
    let mut graph = formula.graph.clone();
    for &(_, leaf, of) in &formula.inputs {
        if let Origin::Leaf { data, .. } = &mut graph.values[leaf.index()].origin {
            **data = run.value_of(of);
        }
    }
    Run::asking(&graph, Precision::F64, Direction::Forward, &[]).value_of(graph.outputs[0])
}

fn one(graph: &Graph, run: &Run, expectation: &Expectation, bars: &Bars) -> Option<Check> {
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
    let got = got(graph, run, &expectation.of)?;
    let shape = got.shape();
    if want.shape() != shape {
        return Some(Check::WrongShape {
            name: format!("shape({name})"),
            span,
            want: want.shape(),
            got: shape,
        });
    }
    let formula = match want {
        Want::Numbers(_) => None,
        Want::Formula(formula) => Some(print_expression(&formula.expression)),
    };
    let (got, want) = (got.to_floats(), wanted(want, run).to_floats());
    let stored = match expectation.of {
        Expected::Gradient { of, .. } => Stored::Gradient(of),
        Expected::Value { of, .. } | Expected::Shape { of, .. } => Stored::Value(of),
        Expected::Check(_) => return None,
    };
    let unit = |at: usize| match within {
        Tolerance::Part(_) => want[at].abs().max(1.0),
        Tolerance::Ulps(_, format) => format.ulp(want[at]),
        Tolerance::Rounding(format) => bars.get(&(stored, format)).map_or(0.0, |bars| bars[at]),
    };
    let errors: Vec<f64> = (0..got.len()).map(|at| error(got[at], want[at], unit(at))).collect();
    let allowed = match within {
        Tolerance::Part(most) | Tolerance::Ulps(most, _) => most,
        Tolerance::Rounding(_) => 1.0,
    };
    let (entry, error) =
        errors.iter().copied().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap_or((0, 0.0));
    let is_outside = |error: &f64| *error > allowed;
    let Some(first) = errors.iter().position(is_outside) else {
        let relative = |(&got, &want): (&f64, &f64)| match want {
            0.0 => 0.0,
            _ if got == want || (got.is_nan() && want.is_nan()) => 0.0,
            _ => (got - want).abs() / want.abs(),
        };
        let relative = got.iter().zip(&want).map(relative).fold(0.0, f64::max);
        let name = formula.map_or(name.clone(), |formula| format!("{name} = {formula}"));
        return Some(Check::Numbers(Observed { name, span, within, error, relative }));
    };
    let off = |entry: usize| Off { entry, want: want[entry], got: got[entry] };
    Some(Check::Mismatch(Mismatch {
        name,
        formula,
        span,
        shape,
        farthest: off(entry),
        first: off(first),
        within,
        needs: error,
        outside: errors.iter().filter(|error| is_outside(error)).count(),
    }))
}

/// |got − want| in a unit; NaN equals NaN, and infinities of one sign are equal.
fn error(got: f64, want: f64, unit: f64) -> f64 {
    if got == want || (got.is_nan() && want.is_nan()) {
        return 0.0;
    }
    let error = (got - want).abs() / unit;
    if error.is_nan() { f64::INFINITY } else { error }
}

#[cfg(test)]
mod tests {
    use super::error;

    #[test]
    fn nan_equals_nan_and_nothing_else() {
        assert_eq!(error(f64::NAN, f64::NAN, 1.0), 0.0);
        assert_eq!(error(f64::INFINITY, f64::INFINITY, f64::INFINITY), 0.0);
        assert_eq!(error(f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY), f64::INFINITY);
        assert_eq!(error(f64::NAN, 1.0, 1.0), f64::INFINITY);
        assert_eq!(error(1.0, f64::INFINITY, f64::INFINITY), f64::INFINITY);
        assert_eq!(error(202.0, 200.0, 200.0), 0.01);
        assert_eq!(error(0.25, 0.0, 1.0), 0.25);
    }
}
