//! Ops by index: places from the end, places that there are not, and the order of sums.

use super::trial::{Trial, floats, ints, noise};
use crate::{
    op::AttributeValue::{self, Int},
    tensor::{Kind, Tensor},
};

const AXIS_0: &[(&str, AttributeValue)] = &[("axis", Int(0))];

fn trial(op: &str, tensors: &[Tensor], axis: i64) -> Trial {
    Trial::new(op, tensors, &[("axis", Int(axis))], true).unwrap()
}

fn refusal(op: &str, tensors: &[Tensor], axis: i64) -> String {
    Trial::new(op, tensors, &[("axis", Int(axis))], true).err().unwrap().message
}

#[test]
fn slices_are_taken_by_ints_of_any_shape() {
    let x = floats(&[3, 2], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    let taken = trial("take", &[x.clone(), ints(&[2, 2], &[0, -1, 1, 1])], 0);
    assert_eq!(taken.output.shape[..], [2, 2, 2]);
    assert_eq!(taken.forward(), [0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 2.0, 3.0]);
    assert_eq!(
        taken.backward(0, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]),
        [1.0, 2.0, 12.0, 14.0, 3.0, 4.0]
    );
    let one = trial("take", &[x.clone(), ints(&[], &[-2])], -1);
    assert_eq!((one.output.shape.to_vec(), one.forward()), (vec![3], vec![0.0, 2.0, 4.0]));
    assert_eq!(trial("take", &[x, ints(&[0], &[])], 1).output.shape[..], [3, 0]);
    trial("take", &[noise(&[3, 4, 2], 1), ints(&[3], &[1, 1, -3])], 1).slopes_agree();
    trial("gather", &[noise(&[3, 4], 1), ints(&[3, 2], &[1, 1, -3, 0, 2, 2])], 1).slopes_agree();
}

#[test]
fn indices_that_are_known_to_miss_are_refused() {
    let x = noise(&[2, 3], 1);
    assert_eq!(
        refusal("take", &[x.clone(), ints(&[2], &[0, 3])], 1),
        "index 3 is out of range: axis 1 of x goes from -3 to 2"
    );
    assert!(refusal("take", &[x.clone(), ints(&[1], &[i64::MIN])], 1).contains("out of range"));
    assert!(refusal("take", &[x.clone(), ints(&[1], &[i64::MAX])], 1).contains("out of range"));
    assert_eq!(
        refusal("take", &[floats(&[0], &[]), ints(&[1], &[0])], 0),
        "index 0 is out of range: axis 0 of x has no elements"
    );
    assert!(refusal("gather", &[x.clone(), ints(&[2, 1], &[0, -4])], 1).contains("index -4 is out of range"));
    assert!(refusal("gather", &[x, ints(&[1, 1], &[0])], 1).contains("only axis 1 may differ"));
}

#[test]
fn an_index_that_turns_out_to_miss_gives_no_number() {
    let unknown = |op: &str, tensors: &[Tensor]| Trial::new(op, tensors, AXIS_0, false).unwrap();
    for op in ["take", "gather"] {
        let found = unknown(op, &[floats(&[2], &[5.0, 6.0]), ints(&[4], &[1, 2, -3, i64::MIN])]);
        let y = found.forward();
        assert!(y[0] == 6.0 && y[1..].iter().all(|y| y.is_nan()), "{op}: {y:?}");
        assert_eq!(found.backward(0, &[1.0, 2.0, 3.0, 4.0]), [0.0, 1.0]);
        let labels = unknown(op, &[ints(&[2], &[5, 6]), ints(&[2], &[0, 9])]);
        assert_eq!((labels.output.kind, labels.range), (Kind::Int, None));
        assert_eq!(labels.forward(), [5.0, i64::MIN as f64]);
    }
    // It would be added to some element along the axis, and to none of the other columns.
    let x = floats(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let added = unknown("scatter_add", &[x, ints(&[1, 2], &[2, 0]), floats(&[1, 2], &[10.0, 20.0])]);
    let y = added.forward();
    assert!(y[0].is_nan() && y[1] == 22.0 && y[2].is_nan() && y[3] == 4.0, "{y:?}");
    assert_eq!(added.backward(2, &[1.0, 2.0, 3.0, 4.0]), [0.0, 2.0]);
    let (x, rows) = (floats(&[2, 2], &[1.0, 2.0, 3.0, 4.0]), ints(&[2, 2], &[1, 1, 2, 2]));
    let added = unknown("scatter_add", &[x, rows, floats(&[2, 2], &[10.0, 20.0, 30.0, 40.0])]);
    assert!(added.forward().iter().all(|y| y.is_nan()));
    assert_eq!(added.backward(2, &[1.0, 2.0, 3.0, 4.0]), [3.0, 4.0, 0.0, 0.0]);
}

#[test]
fn what_is_added_to_one_place_is_added_in_order() {
    let (x, i) = (floats(&[1], &[1e16]), ints(&[3], &[0, 0, 0]));
    assert_eq!(
        trial("scatter_add", &[x.clone(), i.clone(), floats(&[3], &[1.0, 1.0, -1e16])], 0).forward(),
        [0.0]
    );
    assert_eq!(trial("scatter_add", &[x, i, floats(&[3], &[-1e16, 1.0, 1.0])], 0).forward(), [2.0]);
    let x = noise(&[2, 3], 1);
    trial("scatter_add", &[x, ints(&[2, 4], &[0, 0, -1, 2, 1, 1, 1, 0]), noise(&[2, 4], 2)], 1)
        .slopes_agree();
}
