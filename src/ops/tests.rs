//! Elementwise and data-moving ops: corner cases of their meaning, and the laws
//! that all of them keep.

use super::{
    find,
    trial::{Trial, floats, ints, noise},
};
use crate::{
    op::{
        Argument,
        AttributeValue::{self, Float, Int, Ints, Subscripts},
        Call, Misuse,
    },
    shape::Shape,
    syntax::Subscript::{self, At, Range},
    tensor::{Kind, Tensor, Type},
};
use proptest::prelude::*;

pub(super) type Attributes<'a> = &'a [(&'static str, AttributeValue)];

pub(super) fn trial(op: &str, tensors: &[Tensor], attributes: Attributes) -> Trial {
    Trial::new(op, tensors, attributes, true).unwrap()
}

fn refusal(op: &str, tensors: &[Tensor], attributes: Attributes) -> String {
    let misuse: Misuse = Trial::new(op, tensors, attributes, true).err().unwrap();
    misuse.message
}

pub(super) fn row(elements: &[f64]) -> Tensor {
    floats(&[elements.len()], elements)
}

/// Output and gradients of a call with an upstream of ones.
pub(super) fn run(op: &str, tensors: &[Tensor], attributes: Attributes) -> (Vec<f64>, Vec<Vec<f64>>) {
    let trial = trial(op, tensors, attributes);
    let y = trial.forward();
    let upstream = vec![1.0; y.len()];
    (y, (0..tensors.len()).map(|input| trial.backward(input, &upstream)).collect())
}

#[test]
fn a_power_has_the_limits_of_its_slopes() {
    let (y, gradients) =
        run("pow", &[row(&[0.0, 0.0, 0.0, -2.0, -2.0]), row(&[2.0, 1.0, 0.0, 3.0, 0.0])], &[]);
    assert_eq!(y, [0.0, 0.0, 1.0, -8.0, 1.0]);
    assert_eq!(gradients[0], [0.0, 1.0, 0.0, 12.0, 0.0]);
    assert_eq!(gradients[1][..2], [0.0, 0.0]);
    // From 1 at the exponent 0 it falls to 0 at once, and is flat from there.
    assert_eq!(gradients[1][2], 0.0);
    assert!(gradients[1][3..].iter().all(|slope| slope.is_nan()));
    let (y, gradients) = run("pow", &[row(&[-2.0, 0.0]), row(&[0.5, 0.5])], &[]);
    assert!(y[0].is_nan() && gradients[0][0].is_nan());
    assert_eq!((y[1], gradients[0][1]), (0.0, f64::INFINITY));
    // Where a power is 0, so are its slopes, whatever stands beside it.
    let far = trial(
        "pow",
        &[row(&[2.0, 0.5, 2.0, f64::INFINITY]), row(&[-1e308, 1e308, -f64::INFINITY, -2.0])],
        &[],
    );
    for input in 0..2 {
        assert!(far.backward(input, &[10.0; 4]).iter().all(|&slope| slope == 0.0));
    }
}

#[test]
fn a_quotients_slope_overflows_no_sooner_than_it_must() {
    // a / b² is 1e290.
    let trial = trial("div", &[row(&[1e300]), row(&[1e5])], &[]);
    let [slope] = trial.backward(1, &[1e15])[..] else { panic!() };
    assert!((slope / -1e305 - 1.0).abs() < 1e-15, "{slope}");
}

#[test]
fn what_saturates_stays_finite() {
    let far = [-750.0, -40.0, 40.0, 750.0];
    let (y, gradients) = run("sigmoid", &[row(&far)], &[]);
    assert!(y[0] >= 0.0 && y[0] < 1e-300 && y[3] == 1.0);
    assert!((y[1] / (-40f64).exp() - 1.0).abs() < 1e-15);
    assert!(gradients[0].iter().all(|slope| (0.0..1e-16).contains(slope)));
    let (y, gradients) = run("softplus", &[row(&far)], &[]);
    assert!((y[1] / (-40f64).exp() - 1.0).abs() < 1e-15);
    assert_eq!(y[2..], [40.0, 750.0]);
    assert_eq!((gradients[0][0], gradients[0][3]), (0.0, 1.0));
    // Subnormal, where e⁷²⁰ would be infinite.
    assert_eq!(run("softplus", &[row(&[-720.0])], &[]).1[0][0], crate::op::Float::exp(-720f64));
    assert_eq!(run("tanh", &[row(&far)], &[]).0, [-1.0, -1.0, 1.0, 1.0]);
}

#[test]
fn outside_of_a_domain_floats_are_ieees() {
    let (y, gradients) = run("log", &[row(&[0.0, -1.0])], &[]);
    assert!(y[0] == f64::NEG_INFINITY && y[1].is_nan() && gradients[0][0] == f64::INFINITY);
    assert!(run("sqrt", &[row(&[-1.0])], &[]).0[0].is_nan());
    assert_eq!(run("sqrt", &[row(&[0.0])], &[]).1[0], [f64::INFINITY]);
    assert_eq!(run("reciprocal", &[row(&[0.0, -0.0])], &[]).0, [f64::INFINITY, f64::NEG_INFINITY]);
    for op in ["abs", "relu", "leaky_relu", "sigmoid", "softplus", "tanh", "exp"] {
        assert!(run(op, &[row(&[f64::NAN])], &[]).0[0].is_nan(), "{op} loses a NaN");
    }
    assert_eq!(run("abs", &[row(&[-0.0])], &[]).0[0].to_bits(), 0);
    assert!(run("abs", &[row(&[f64::NAN])], &[]).1[0][0].is_nan());
}

#[test]
fn kinks_take_the_slope_that_their_card_names() {
    let kink = [row(&[-2.0, 0.0, 3.0])];
    assert_eq!(run("abs", &kink, &[]).1[0], [-1.0, 0.0, 1.0]);
    assert_eq!(run("leaky_relu", &kink, &[]).1[0], [0.01, 0.01, 1.0]);
    assert_eq!(run("leaky_relu", &kink, &[("slope", Float(-0.5))]).0, [1.0, -0.0, 3.0]);
    for op in ["abs", "relu", "leaky_relu"] {
        let branches = [-1e-9, 0.0, 1e-9].map(|x| trial(op, &[row(&[1.0, x])], &[]).branches());
        assert!(branches[0] != branches[1] && branches[1] != branches[2] && branches[0] != branches[2]);
        assert_eq!(branches[0], trial(op, &[row(&[2.0, -5.0])], &[]).branches());
    }
}

#[test]
fn a_gradient_is_summed_over_what_was_stretched() {
    let (y, gradients) = run("mul", &[floats(&[2, 1], &[2.0, 3.0]), floats(&[3], &[1.0, 10.0, 100.0])], &[]);
    assert_eq!(y, [2.0, 20.0, 200.0, 3.0, 30.0, 300.0]);
    assert_eq!(gradients, [vec![111.0, 111.0], vec![5.0; 3]]);
    let (y, gradients) = run("sub", &[floats(&[], &[7.0]), floats(&[2, 2], &[1.0, 2.0, 3.0, 4.0])], &[]);
    assert_eq!(y, [6.0, 5.0, 4.0, 3.0]);
    assert_eq!(gradients, [vec![4.0], vec![-1.0; 4]]);
    assert_eq!(run("add", &[floats(&[0, 1], &[]), floats(&[3], &[1.0; 3])], &[]).1, [vec![], vec![0.0; 3]]);
}

fn range(start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Subscript {
    Range { start, stop, step }
}

#[test]
fn a_slice_takes_what_numpys_takes() {
    let taken = |shape: &[usize], subscripts: &[Subscript]| {
        let size = shape.iter().product::<usize>();
        let x = ints(shape, &(0..size as i64).collect::<Vec<_>>());
        let trial = trial("slice", &[x], &[("index", Subscripts(subscripts.to_vec()))]);
        assert_eq!(trial.output.kind, Kind::Int);
        (trial.output.shape.to_vec(), trial.forward())
    };
    assert_eq!(taken(&[4, 3], &[At(-1)]), (vec![3], vec![9.0, 10.0, 11.0]));
    assert_eq!(taken(&[4, 3], &[At(1), At(-3)]), (vec![], vec![3.0]));
    assert_eq!(taken(&[4, 3], &[range(None, None, Some(-2)), At(0)]), (vec![2], vec![9.0, 3.0]));
    assert_eq!(taken(&[5], &[range(Some(-2), None, None)]), (vec![2], vec![3.0, 4.0]));
    assert_eq!(taken(&[5], &[range(Some(-1), Some(-99), Some(-3))]), (vec![2], vec![4.0, 1.0]));
    assert_eq!(taken(&[5], &[range(Some(3), Some(1), None)]), (vec![0], vec![]));
    assert_eq!(taken(&[5], &[range(Some(99), None, None)]), (vec![0], vec![]));
    assert_eq!(taken(&[5], &[range(Some(i64::MIN), Some(i64::MAX), Some(i64::MAX))]), (vec![1], vec![0.0]));
    assert_eq!(taken(&[5], &[range(None, None, Some(i64::MIN))]), (vec![1], vec![4.0]));
    assert_eq!(taken(&[0, 2], &[range(None, None, Some(-1))]), (vec![0, 2], vec![]));
    assert_eq!(
        taken(&[2, 1, 2], &[range(None, None, None), At(-1), range(None, None, Some(-1))]).1,
        [1.0, 0.0, 3.0, 2.0]
    );
}

#[test]
fn a_slice_sends_its_gradient_to_the_places_taken() {
    let index = [("index", Subscripts(vec![range(None, None, Some(-2)), At(1)]))];
    let trial = trial("slice", &[noise(&[3, 2], 1)], &index);
    assert_eq!(trial.backward(0, &[10.0, 20.0]), [0.0, 20.0, 0.0, 0.0, 0.0, 10.0]);
}

#[test]
fn slices_that_miss_are_refused() {
    let message = |shape: &[usize], subscripts: &[Subscript]| {
        refusal("slice", &[noise(shape, 1)], &[("index", Subscripts(subscripts.to_vec()))])
    };
    assert_eq!(message(&[3], &[At(3)]), "3 is outside of axis 0: it goes from -3 to 2");
    assert_eq!(message(&[2, 3], &[At(0), At(-4)]), "-4 is outside of axis 1: it goes from -3 to 2");
    assert_eq!(message(&[0], &[At(0)]), "0 is outside of axis 0, which has no elements");
    assert_eq!(message(&[], &[At(0)]), "too many subscripts: 1 for shape []");
    assert_eq!(
        message(&[2], &[At(i64::MIN)]),
        format!("{} is outside of axis 0: it goes from -2 to 1", i64::MIN)
    );
    assert!(message(&[2], &[range(None, None, Some(0))]).contains("step of 0"));
}

#[test]
fn a_shape_is_filled_or_refused() {
    let shape = |from: &[usize], to: &[i64]| {
        trial("reshape", &[noise(from, 1)], &[("shape", Ints(to.to_vec()))]).output.shape.to_vec()
    };
    assert_eq!(shape(&[2, 3], &[3, -1]), [3, 2]);
    assert_eq!(shape(&[2, 3], &[-1]), [6]);
    assert_eq!(shape(&[1, 1], &[]), [0usize; 0]);
    assert_eq!(shape(&[], &[1, -1]), [1, 1]);
    assert_eq!(shape(&[0, 3], &[-1, 7]), [0, 7]);
    let message = |to: &[i64]| refusal("reshape", &[noise(&[2, 3], 1)], &[("shape", Ints(to.to_vec()))]);
    assert!(message(&[4, -1]).contains("6 elements do not fill shape [4, -1]"));
    assert!(message(&[]).contains("6 elements do not fill shape []"));
    assert!(message(&[i64::MAX, i64::MAX]).contains("too large"));
    assert!(message(&[0, i64::MAX, i64::MAX]).contains("too large"));
    assert!(message(&[0, -1]).contains("leaves -1 open"));
    assert!(message(&[i64::MIN]).contains("is no length"));
}

#[test]
fn flattening_keeps_the_first_axis() {
    let shape = |from: &[usize]| trial("flatten", &[noise(from, 1)], &[]).output.shape.to_vec();
    assert_eq!(shape(&[2, 3, 4]), [2, 12]);
    assert_eq!(shape(&[2, 0, 4]), [2, 0]);
    assert_eq!(shape(&[5]), [5]);
    assert_eq!(shape(&[]), [0usize; 0]);
}

#[test]
fn axes_are_put_back_in_the_gradient() {
    let trial = trial("transpose", &[noise(&[2, 3, 4], 1)], &[("axes", Ints(vec![1, -1, 0]))]);
    assert_eq!(trial.output.shape[..], [3, 4, 2]);
    trial.slopes_agree();
}

#[test]
fn tensors_are_joined_along_any_axis() {
    let (a, b) = (floats(&[2, 1], &[1.0, 2.0]), floats(&[2, 2], &[3.0, 4.0, 5.0, 6.0]));
    let none = floats(&[2, 0], &[]);
    let trial = trial("concat", &[a.clone(), none, b.clone()], &[("axis", Int(-1))]);
    assert_eq!(trial.forward(), [1.0, 3.0, 4.0, 2.0, 5.0, 6.0]);
    assert_eq!(trial.backward(2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), [2.0, 3.0, 5.0, 6.0]);
    assert_eq!(trial.backward(1, &[0.0; 6]), [0.0; 0]);
    trial.slopes_agree();
    assert!(refusal("concat", &[a.clone(), b], &[]).contains("[2, 1] and [2, 2] do not join along axis 0"));
    assert!(refusal("concat", &[a, row(&[1.0])], &[]).contains("do not join"));
}

#[test]
fn what_is_moved_whole_keeps_its_kind_and_range() {
    let labels = [ints(&[2, 2], &[3, -1, 4, 1])];
    for (op, attributes) in [
        ("identity", vec![]),
        ("flatten", vec![]),
        ("transpose", vec![]),
        ("concat", vec![]),
        ("reshape", vec![("shape", Ints(vec![4]))]),
    ] {
        let trial = trial(op, &labels, &attributes);
        assert_eq!((trial.output.kind, trial.range), (Kind::Int, Some((-1, 4))), "{op}");
    }
    let part = trial("slice", &labels, &[("index", Subscripts(vec![At(0)]))]);
    assert_eq!((part.output.kind, part.range), (Kind::Int, None));
    let joined = trial("concat", &[ints(&[1], &[7]), ints(&[1], &[-2])], &[]);
    assert_eq!(joined.range, Some((-2, 7)));
}

#[test]
fn absurd_lengths_beside_an_empty_axis_do_no_harm() {
    let far = usize::MAX / 3;
    let all = Subscripts(vec![range(None, None, Some(-1)), At(-5), range(Some(7), None, Some(i64::MAX))]);
    for (op, attributes) in [
        ("identity", vec![]),
        ("flatten", vec![]),
        ("transpose", vec![]),
        ("neg", vec![]),
        ("slice", vec![("index", all)]),
        ("concat", vec![("axis", Int(1))]),
        ("concat", vec![("axis", Int(2))]),
        ("reshape", vec![("shape", Ints(vec![0, i64::MAX]))]),
    ] {
        let x = Argument { ty: Type::float(Shape::new(&[0, far, far, 2])), range: None };
        let inputs = vec![x; if op == "concat" { 5 } else { 1 }];
        let bound = find(op).unwrap().bind(&Call { inputs: &inputs, attributes: &attributes }).unwrap();
        assert_eq!(bound.output.shape.checked_size(), Some(0), "{op}");
    }
}

/// Ops with the least and the greatest input that the law below is tried on.
const ONE: &[(&str, f64, f64)] = &[
    ("neg", -1e3, 1e3),
    ("exp", -30.0, 30.0),
    ("log", 1e-3, 1e3),
    ("sqrt", 1e-3, 1e3),
    ("abs", -1e3, 1e3),
    ("reciprocal", 0.01, 100.0),
    ("reciprocal", -100.0, -0.01),
    ("square", -1e3, 1e3),
    ("sin", -10.0, 10.0),
    ("cos", -10.0, 10.0),
    ("relu", -10.0, 10.0),
    ("leaky_relu", -10.0, 10.0),
    ("sigmoid", -30.0, 30.0),
    ("tanh", -15.0, 15.0),
    ("softplus", -30.0, 30.0),
    ("acos", -0.99, 0.99),
    ("acosh", 1.01, 100.0),
    ("asin", -0.99, 0.99),
    ("asinh", -100.0, 100.0),
    ("atan", -100.0, 100.0),
    ("atanh", -0.99, 0.99),
    ("cosh", -10.0, 10.0),
    ("erf", -5.0, 5.0),
    ("expm1", -30.0, 10.0),
    ("log1p", -0.9, 1e3),
    ("log2", 1e-3, 1e3),
    ("sinh", -10.0, 10.0),
    ("tan", -1.4, 1.4),
];

const TWO: &[(&str, [f64; 2], [f64; 2])] = &[
    ("add", [-1e3, 1e3], [-1e3, 1e3]),
    ("sub", [-1e3, 1e3], [-1e3, 1e3]),
    ("mul", [-1e3, 1e3], [-1e3, 1e3]),
    ("div", [-1e3, 1e3], [0.1, 10.0]),
    ("pow", [0.1, 10.0], [-3.0, 3.0]),
    ("maximum", [-1e3, 1e3], [-1e3, 1e3]),
    ("minimum", [-1e3, 1e3], [-1e3, 1e3]),
    ("mod", [-10.0, 10.0], [0.1, 10.0]),
];

/// Shapes of two inputs that broadcast in every way.
fn pairs() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    (proptest::collection::vec((0usize..4, 0u8..4), 0..4), 0usize..4, 0usize..4).prop_map(
        |(axes, skip_a, skip_b)| {
            let side = |which: u8, skip: usize| {
                axes.iter().map(|&(length, one)| if one == which { 1 } else { length }).skip(skip).collect()
            };
            (side(1, skip_a), side(2, skip_b))
        },
    )
}

/// Noise from `least` to `greatest`.
fn between(shape: &[usize], least: f64, greatest: f64, seed: u64) -> Tensor {
    let unit = noise(shape, seed).to_floats().into_iter().map(|u| (u + 2.0) / 4.0);
    floats(shape, &unit.map(|u| least + u * (greatest - least)).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn slopes_are_what_backward_says((a, b) in pairs(), seed in 0u64..1_000_000) {
        for &(op, least, greatest) in ONE {
            trial(op, &[between(&a, least, greatest, seed)], &[]).slopes_agree();
        }
        for &(op, of_a, of_b) in TWO {
            let tensors = [between(&a, of_a[0], of_a[1], seed), between(&b, of_b[0], of_b[1], seed + 1)];
            trial(op, &tensors, &[]).slopes_agree();
        }
    }
}

#[test]
fn zeros_of_either_sign_have_slopes() {
    for op in ["square", "sin", "tanh", "sigmoid", "softplus", "exp"] {
        trial(op, &[row(&[0.0, -0.0])], &[]).slopes_agree();
    }
    trial("mul", &[row(&[0.0, -0.0, 0.0]), row(&[0.0, 0.0, 2.0])], &[]).slopes_agree();
    trial("pow", &[row(&[0.0, 0.0]), row(&[2.0, 3.0])], &[]).slopes_agree();
}

proptest! {
    #[test]
    fn moving_axes_agrees_with_the_index_of_every_element(
        shape in proptest::collection::vec(0usize..4, 0..5),
        keys in proptest::collection::vec(0u32..100, 5),
    ) {
        let mut order: Vec<usize> = (0..shape.len()).collect();
        order.sort_by_key(|&axis| keys[axis]);
        let size = shape.iter().product::<usize>();
        let x = floats(&shape, &(0..size).map(|at| at as f64).collect::<Vec<_>>());
        let axes = Ints(order.iter().map(|&axis| axis as i64).collect());
        let trial = trial("transpose", std::slice::from_ref(&x), &[("axes", axes)]);
        let Tensor::Float(array) = x else { unreachable!() };
        let moved = array.permuted_axes(order);
        prop_assert_eq!(&trial.output.shape[..], moved.shape());
        prop_assert_eq!(trial.forward(), moved.iter().copied().collect::<Vec<_>>());
        trial.slopes_agree();
    }
}
