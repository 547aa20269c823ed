//! Tests of reductions and matrix products.

use super::{find, trial::*};
use crate::{
    op::AttributeValue::{Flag, Int, Ints},
    op::{Argument, Call, pairwise_sum},
    shape::Shape,
    tensor::Type,
};
use proptest::prelude::*;

fn over(op: &str, shape: &[usize], axis: &[i64], keepdims: bool) -> Trial {
    let attributes = [("axis", Ints(axis.to_vec())), ("keepdims", Flag(keepdims))];
    Trial::new(op, &[noise(shape, 1)], &attributes, true).unwrap()
}

fn all(op: &str, elements: &[f64]) -> Trial {
    Trial::new(op, &[floats(&[elements.len()], elements)], &[], true).unwrap()
}

#[test]
fn reductions_agree_with_their_slopes() {
    for op in ["sum", "mean", "max", "min"] {
        for axis in [&[0][..], &[1], &[-1], &[0, 2], &[1, 2], &[0, 1, 2], &[]] {
            over(op, &[3, 2, 4], axis, false).slopes_agree();
        }
        over(op, &[200], &[0], true).slopes_agree();
    }
}

#[test]
fn reduced_axes_go_or_stay_with_length_1() {
    assert_eq!(over("mean", &[3, 2, 4], &[0, -1], false).output.shape[..], [2]);
    assert_eq!(over("max", &[3, 2, 4], &[0, -1], true).output.shape[..], [1, 2, 1]);
    assert_eq!(over("min", &[3, 2, 4], &[], false).output.shape[..], [3, 2, 4]);
}

#[test]
fn reductions_are_those_of_naive_loops() {
    let x = noise(&[3, 2, 4], 1).to_floats();
    for (op, start, step) in [
        ("max", f64::NEG_INFINITY, f64::max as fn(f64, f64) -> f64),
        ("min", f64::INFINITY, f64::min),
        ("sum", 0.0, |a, b| a + b),
    ] {
        let mut naive = [start; 2];
        for (at, &x) in x.iter().enumerate() {
            let middle = at / 4 % 2;
            naive[middle] = step(naive[middle], x);
        }
        let got = over(op, &[3, 2, 4], &[0, 2], false).forward();
        naive.iter().zip(got).for_each(|(naive, got)| assert!((naive - got).abs() < 1e-14));
    }
}

/// As NumPy adds up a sum over the first and the last axis.
#[test]
fn neighbours_are_summed_by_halves_and_their_sums_in_turn() {
    let x = noise(&[3, 2, 300], 1).to_floats();
    let mut rows = x.chunks(300).map(pairwise_sum);
    let mut sums = [0.0; 2];
    for _ in 0..3 {
        sums.iter_mut().for_each(|sum| *sum += rows.next().unwrap());
    }
    assert_eq!(over("sum", &[3, 2, 300], &[0, 2], false).forward(), sums);
    assert_eq!(
        over("sum", &[3, 2, 300], &[2], false).forward(),
        x.chunks(300).map(pairwise_sum).collect::<Vec<_>>()
    );
}

#[test]
fn the_first_of_several_winners_takes_the_gradient() {
    assert_eq!(all("max", &[1.0, 3.0, 3.0]).backward(0, &[5.0]), [0.0, 5.0, 0.0]);
    assert_eq!(all("min", &[1.0, 3.0, 1.0]).backward(0, &[5.0]), [5.0, 0.0, 0.0]);
}

#[test]
fn a_tie_is_a_branch_of_its_own() {
    for op in ["max", "argmax"] {
        let base = all(op, &[1.0, 3.0, 3.0]).branches();
        for beside in [[1.0, 3.1, 3.0], [1.0, 2.9, 3.0], [1.0, 3.0, 3.1], [1.0, 3.0, 2.9]] {
            assert_ne!(all(op, &beside).branches(), base);
        }
        assert_eq!(all(op, &[0.9, 3.0, 3.0]).branches(), base);
    }
}

#[test]
fn a_nan_goes_through() {
    for op in ["sum", "mean", "max", "min"] {
        for x in [[f64::NAN, 1.0], [1.0, f64::NAN]] {
            assert!(all(op, &x).forward()[0].is_nan(), "{op}");
        }
    }
    assert_eq!(all("max", &[1.0, f64::NAN]).backward(0, &[1.0]), [0.0, 1.0]);
}

#[test]
fn nothing_sums_to_zero_and_has_no_mean() {
    assert_eq!(all("sum", &[]).forward(), [0.0]);
    let attributes = [("axis", Ints(vec![0]))];
    let sum = Trial::new("sum", &[floats(&[0, 3], &[])], &attributes, true).unwrap();
    assert_eq!(sum.forward(), [0.0; 3]);
    for op in ["mean", "max", "min"] {
        let refused = Trial::new(op, &[floats(&[0, 3], &[])], &attributes, true).err().unwrap();
        assert_eq!(refused.message, format!("there is no {op} of nothing: x has shape [0, 3]"));
        let none = Trial::new(op, &[floats(&[0, 3], &[])], &[("axis", Ints(vec![1]))], true).unwrap();
        assert_eq!(none.forward(), [0.0; 0]);
    }
}

#[test]
fn argmax_is_an_int_with_a_range() {
    let x = floats(&[2, 3], &[1.0, 5.0, 5.0, f64::NAN, 7.0, f64::NAN]);
    let rows = Trial::new("argmax", std::slice::from_ref(&x), &[("axis", Int(-1))], true).unwrap();
    assert_eq!((rows.forward(), rows.range), (vec![1.0, 0.0], Some((0, 2))));
    let columns = Trial::new("argmax", &[x], &[("axis", Int(0)), ("keepdims", Flag(true))], true).unwrap();
    assert_eq!((columns.forward(), &columns.output.shape[..]), (vec![1.0; 3], &[1, 3][..]));
    assert!(Trial::new("argmax", &[floats(&[0], &[])], &[], true).is_err());
}

/// Shapes that a product takes: a stack for each side and the sizes of its matrices.
fn products() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    let batch = proptest::collection::vec((1usize..4, 0u8..4), 0..3);
    (batch, 0usize..3, 0usize..3, 0usize..5, 0usize..5, 0usize..5).prop_map(
        |(batch, skip_a, skip_b, n, k, m)| {
            let side = |which: u8, skip: usize, matrix: [usize; 2]| {
                let axes = batch.iter().map(|&(length, one)| if one == which { 1 } else { length });
                axes.skip(skip).chain(matrix).collect()
            };
            (side(1, skip_a, [n, k]), side(2, skip_b, [k, m]))
        },
    )
}

proptest! {
    #[test]
    fn stacks_of_matrices_multiply_as_naive_loops_do((a, b) in products()) {
        let tensors = [noise(&a, 3), noise(&b, 4)];
        let trial = Trial::new("matmul", &tensors, &[], true).unwrap();
        let ([a_batch @ .., n, k], [b_batch @ .., _, m]) = (&a[..], &b[..]) else { unreachable!() };
        let rank = a_batch.len().max(b_batch.len());
        prop_assert_eq!(trial.output.shape.rank(), rank + 2);
        let y = trial.forward();
        let mut index = vec![0; rank + 2];
        for (at, &y) in y.iter().enumerate() {
            let mut rest = at;
            for axis in (0..rank + 2).rev() {
                index[axis] = rest % trial.output.shape[axis];
                rest /= trial.output.shape[axis];
            }
            let stack = |batch: &[usize]| {
                let own = &index[rank - batch.len()..rank];
                batch.iter().zip(own).fold(0, |at, (&length, &i)| at * length + if length == 1 { 0 } else { i })
            };
            let (row, column) = (index[rank], index[rank + 1]);
            let (left, right) = (stack(a_batch) * n * k, stack(b_batch) * k * m);
            let naive: f64 = (0..*k)
                .map(|j| tensors[0].to_floats()[left + row * k + j] * tensors[1].to_floats()[right + j * m + column])
                .sum();
            prop_assert!((y - naive).abs() < 1e-13, "{y} {naive}");
        }
        trial.slopes_agree();
    }
}

#[test]
fn vectors_are_rows_on_the_left_and_columns_on_the_right() {
    let shape = |a: &[usize], b: &[usize]| {
        let trial = Trial::new("matmul", &[noise(a, 1), noise(b, 2)], &[], true).unwrap();
        trial.slopes_agree();
        trial.output.shape.to_vec()
    };
    assert_eq!(shape(&[3], &[3]), [0usize; 0]);
    assert_eq!(shape(&[2, 3], &[3]), [2]);
    assert_eq!(shape(&[3], &[3, 4]), [4]);
    assert_eq!(shape(&[5, 2, 3], &[3]), [5, 2]);
    assert_eq!(shape(&[3], &[5, 3, 4]), [5, 4]);
    assert_eq!(shape(&[0], &[0]), [0usize; 0]);
    assert!(Trial::new("matmul", &[noise(&[], 1), noise(&[2, 2], 2)], &[], true).is_err());
}

#[test]
fn absurd_lengths_beside_an_empty_axis_do_no_harm() {
    let far = 1 << 40;
    let (a, b) = (floats(&[far, 1, 1, 0], &[]), floats(&[1, far, 0, 1], &[]));
    let product = Trial::new("matmul", &[a, b], &[], true).unwrap();
    assert_eq!(product.output.shape.checked_size(), None);
    let none = Trial::new("matmul", &[floats(&[0, far, 1], &[]), floats(&[0, 1, far], &[])], &[], true);
    assert_eq!(none.unwrap().forward(), [0.0; 0]);
    let x = Argument { ty: Type::float(Shape::new(&[0, far, far])), range: None };
    for op in ["sum", "mean", "max", "softmax", "squared_error"] {
        let inputs = vec![x.clone(); find(op).unwrap().card.inputs.len()];
        for axis in [Ints(vec![0]), Ints(vec![1, 2]), Int(0), Int(1)] {
            // Bound or refused, but not a panic.
            let _ = find(op).unwrap().bind(&Call { inputs: &inputs, attributes: &[("axis", axis)] });
        }
    }
}
