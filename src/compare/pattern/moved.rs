//! The right numbers in other places.

use super::{
    kind::{Move, Pattern},
    sight::{Sight, Subject},
};
use crate::{
    double::Double,
    shape::{Shape, indices},
};

/// Tensors of more entries are not searched for splits of an axis.
const SEARCHED: usize = 4096;

/// Tensors of more axes are not searched for another order of them.
const RANK: usize = 5;

/// A way to move numbers: for every place, where its number comes from.
pub type Moves = Vec<usize>;

/// Reversed, rolled, transposed, or left in the order of heads.
pub fn find(subject: &Subject, sights: &[Sight]) -> Option<Pattern> {
    let shape = &subject.alone.graph.value(subject.leaf).ty.shape;
    if !sights.iter().any(|sight| sight.wrong.len() > 1) {
        return None;
    }
    let fits = |from: &Moves| sights.iter().all(|sight| sight.is_backward(&moved(&sight.truth, from)));
    ways(shape).find(|(_, from)| fits(from)).map(|(how, _)| Pattern::Moved(how))
}

/// All ways to move the numbers of a tensor that are looked for.
pub fn ways(shape: &Shape) -> impl Iterator<Item = (Move, Moves)> {
    reversals(shape).chain(orders(shape)).chain(rolls(shape)).chain(splits(shape))
}

/// The same numbers in any other places, each number once.
pub fn shuffled(sights: &[Sight]) -> Option<Pattern> {
    let first = sights.first().filter(|first| first.wrong.len() > 1)?;
    let by_size = |numbers: &[Double]| {
        let mut order = first.wrong.clone();
        order.sort_by(|&a, &b| numbers[a].to_f64().total_cmp(&numbers[b].to_f64()));
        order
    };
    let (to, from) = (by_size(&first.backward), by_size(&first.truth));
    let mut moves: Moves = (0..first.truth.len()).collect();
    for (to, from) in to.into_iter().zip(from) {
        moves[to] = from;
    }
    let same = sights.iter().all(|sight| sight.is_backward(&moved(&sight.truth, &moves)));
    same.then_some(Pattern::Moved(Move::Somehow))
}

fn moved(numbers: &[Double], from: &Moves) -> Vec<Double> {
    from.iter().map(|&at| numbers[at]).collect()
}

fn reversals(shape: &Shape) -> impl Iterator<Item = (Move, Moves)> {
    let size = shape.size();
    let whole = std::iter::once((Move::Reversed { axis: None }, (0..size).rev().collect()));
    let one = (0..shape.rank()).filter(|&axis| shape.rank() > 1 && shape[axis] > 1).map(|axis| {
        let turn = |index: usize| shape[axis] - 1 - index;
        (Move::Reversed { axis: Some(axis) }, along(shape, axis, turn))
    });
    let turned = (shape.rank() > 2).then(|| {
        let last = shape.rank() - 1;
        let [rows, columns] =
            [last - 1, last].map(|axis| along(shape, axis, |index| shape[axis] - 1 - index));
        (Move::Turned, rows.into_iter().map(|at| columns[at]).collect())
    });
    whole.chain(one).chain(turned)
}

fn rolls(shape: &Shape) -> impl Iterator<Item = (Move, Moves)> {
    (0..shape.rank()).flat_map(move |axis| {
        (1..shape[axis].min(64)).map(move |by| {
            let from = along(shape, axis, |index| (index + shape[axis] - by) % shape[axis]);
            (Move::Rolled { axis, by }, from)
        })
    })
}

/// Another index on one axis.
fn along(shape: &Shape, axis: usize, turn: impl Fn(usize) -> usize) -> Moves {
    let inner: usize = shape[axis + 1..].iter().product();
    let index = |at: usize| at / inner % shape[axis];
    (0..shape.size()).map(|at| at - index(at) * inner + turn(index(at)) * inner).collect()
}

fn orders(shape: &Shape) -> impl Iterator<Item = (Move, Moves)> {
    permutations(shape.rank()).into_iter().map(|order| {
        let from = reordered(shape, &order);
        (Move::Axes { order }, from)
    })
}

/// One axis taken apart into two, and then all axes in another order.
fn splits(shape: &Shape) -> impl Iterator<Item = (Move, Moves)> {
    let rank = if shape.size() <= SEARCHED { shape.rank() } else { 0 };
    (0..rank).flat_map(move |axis| {
        let length = shape[axis];
        (2..length).filter(move |part| length.is_multiple_of(*part)).flat_map(move |part| {
            let mut taken = shape.to_vec();
            taken[axis] = part;
            taken.insert(axis + 1, length / part);
            permutations(taken.len()).into_iter().map(move |order| {
                let from = reordered(&Shape::new(&taken), &order);
                (Move::Split { shape: taken.clone(), order }, from)
            })
        })
    })
}

/// All orders of so many axes but the one they are in; none where there are too many.
fn permutations(rank: usize) -> Vec<Vec<usize>> {
    let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
    for axis in 0..if rank <= RANK { rank } else { 0 } {
        orders = orders
            .iter()
            .flat_map(|order| {
                (0..=order.len()).map(move |at| {
                    let mut longer = order.clone();
                    longer.insert(at, axis);
                    longer
                })
            })
            .collect();
    }
    orders.retain(|order| !order.is_sorted());
    orders
}

/// The axes in another order, laid out one behind the other.
fn reordered(shape: &Shape, order: &[usize]) -> Moves {
    let turned = Shape::new(&order.iter().map(|&axis| shape[axis]).collect::<Vec<_>>());
    let stride = |axis: usize| -> usize { shape[axis + 1..].iter().product() };
    (0..shape.size())
        .map(|at| indices(&turned, at).iter().zip(order).map(|(index, &axis)| index * stride(axis)).sum())
        .collect()
}
