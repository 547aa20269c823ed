//! What a blessing changes, and by how much.

use crate::{
    regress::{Change, Stated},
    report::number::{figure, index, number},
    tensor::Tensor,
};

/// One change in one line.
pub fn change(change: &Change) -> String {
    let name = &change.name;
    match (&change.before, &change.after) {
        (None, Stated::Numbers(after)) => format!("new      {name}: {}", summary(after)),
        (None, Stated::Shape(after)) => format!("new      {name}: {after}"),
        (Some(Stated::Numbers(before)), Stated::Numbers(after)) if before.shape() == after.shape() => {
            format!("changed  {name}: {}", difference(before, after))
        }
        (Some(Stated::Numbers(before)), Stated::Numbers(after)) => {
            format!("changed  {name}: shape {} → {}, {}", before.shape(), after.shape(), summary(after))
        }
        (Some(before), after) => format!("changed  {name}: {} → {}", shape(before), shape(after)),
    }
}

fn shape(stated: &Stated) -> String {
    match stated {
        Stated::Numbers(tensor) => tensor.shape().to_string(),
        Stated::Shape(shape) => shape.to_string(),
    }
}

/// A number, or the shape of many and how far they go.
fn summary(tensor: &Tensor) -> String {
    let elements = tensor.to_floats();
    if let ([only], 0) = (&elements[..], tensor.shape().rank()) {
        return number(*only);
    }
    let least = elements.iter().copied().fold(f64::INFINITY, f64::min);
    let most = elements.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match elements.is_empty() {
        true => format!("{} without entries", tensor.shape()),
        false => format!("{} from {} to {}", tensor.shape(), figure(least), figure(most)),
    }
}

/// How far two tensors of one shape are apart.
fn difference(before: &Tensor, after: &Tensor) -> String {
    let shape = after.shape();
    let (before, after) = (before.to_floats(), after.to_floats());
    let off = |entry: usize| match (before[entry], after[entry]) {
        (old, new) if old == new || (old.is_nan() && new.is_nan()) => 0.0,
        (old, new) if (new - old).is_nan() => f64::INFINITY,
        (old, new) => (new - old).abs(),
    };
    let most = (0..after.len()).max_by(|&one, &other| off(one).total_cmp(&off(other))).unwrap_or(0);
    let from_to = |entry: usize| format!("{} → {}", number(before[entry]), number(after[entry]));
    if shape.rank() == 0 {
        return format!("{}, by {}", from_to(0), figure(off(0)));
    }
    let changed = (0..after.len()).filter(|&entry| off(entry) > 0.0).count();
    let mean = (0..after.len()).map(off).sum::<f64>() / after.len().max(1) as f64;
    format!(
        "{changed} of {} entries, by at most {} at {} ({}), by {} on average",
        after.len(),
        figure(off(most)),
        index(most, &shape),
        from_to(most),
        figure(mean)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{graph::ValueId, regress::Place, shape::Shape};

    fn said(before: Option<Stated>, after: Stated) -> String {
        let place = Place::Value(ValueId(0));
        change(&Change::new("y".into(), place, before, after))
    }

    fn numbers(shape: &[usize], elements: &[f64]) -> Stated {
        Stated::Numbers(Tensor::float(&Shape::new(shape), elements.to_vec()).unwrap())
    }

    #[test]
    fn changes_say_how_much() {
        let shape = |lengths: &[usize]| Stated::Shape(Shape::new(lengths));
        assert_eq!(said(None, numbers(&[], &[2.5])), "new      y: 2.5");
        assert_eq!(said(None, numbers(&[2], &[-1.0, 2.0])), "new      y: [2] from -1.0 to 2.0");
        assert_eq!(
            said(Some(numbers(&[], &[112.0])), numbers(&[], &[110.0])),
            "changed  y: 112 → 110, by 2.0"
        );
        assert_eq!(
            said(Some(numbers(&[2, 2], &[1.0, 2.0, 3.0, 4.0])), numbers(&[2, 2], &[1.0, 2.0, 3.5, 4.25])),
            "changed  y: 2 of 4 entries, by at most 0.50 at [1, 0] (3 → 3.5), by 0.19 on average"
        );
        assert_eq!(
            said(Some(numbers(&[2], &[1.0, 2.0])), numbers(&[1], &[f64::INFINITY])),
            "changed  y: shape [2] → [1], [1] from inf to inf"
        );
        assert_eq!(said(Some(shape(&[2])), shape(&[3])), "changed  y: [2] → [3]");
        assert!(said(Some(numbers(&[1], &[f64::NAN])), numbers(&[1], &[1.0])).contains("at most inf"));
    }
}
