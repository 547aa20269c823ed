//! The slopes of one call, from forward runs in double-double alone.

use super::{Inputs, Kernel, Number, Output, Real, Slot};
use crate::{cancel, double::Double};
use num_traits::{One, Zero};

/// How far an entry moves, beside its own size: the error of a central difference is of the square of
/// this, and rounding is some 10⁻³² over it.
const STEP: f64 = 1e-13;

/// How each of `len` output elements changes with one entry of a float input. On a kink those on one
/// side: the side that backward goes by.
pub fn slopes(kernel: &dyn Kernel, x: &Inputs<f64>, input: usize, entry: usize, len: usize) -> Vec<f64> {
    let mut floats: Vec<Double> = Vec::new();
    let mut place = |&slot: &Slot| match slot {
        Slot::Int { .. } => slot,
        Slot::Float { len, .. } => {
            let start = floats.len();
            floats.extend(x.floats[slot.range()].iter().map(|&x| Double::from(x)));
            Slot::Float { start, len }
        }
    };
    let slots: Vec<Slot> = x.slots.iter().map(&mut place).collect();
    let Slot::Float { start, len: size } = slots[input] else { return Vec::new() };
    let (at, here) = (start + entry, floats[start + entry]);
    let step = STEP * if here.is_zero() { 1.0 } else { here.to_f64().abs() };
    let mut run = |by: f64| {
        cancel::check();
        floats[at] = here + Double::from(by);
        let mut y = vec![Double::zero(); len];
        let x = Inputs { slots: &slots, floats: &floats, ints: x.ints };
        Double::calls(kernel).call(&x, Output::Float(&mut y));
        y
    };
    let [far_left, left, base, right, far_right] = [-step, -step / 2.0, 0.0, step / 2.0, step].map(&mut run);
    let slope = |from: &[Double], to: &[Double], by: f64| -> Vec<Double> {
        from.iter().zip(to).map(|(&from, &to)| (to - from) / Double::from(by)).collect()
    };
    let side = |near: &[Double], far: &[Double], by: f64| -> Vec<Double> {
        let (near, far) = (slope(&base, near, by / 2.0), slope(&base, far, by));
        near.iter().zip(far).map(|(&near, far)| near + (near - far)).collect()
    };
    let ways = [slope(&left, &right, step), side(&right, &far_right, step), side(&left, &far_left, -step)];

    floats[at] = here;
    let x = Inputs { slots: &slots, floats: &floats, ints: x.ints };
    let mut gradient = vec![Double::zero(); size];
    Double::calls_backward(kernel).call_backward(input, &x, &base, &vec![Double::one(); len], &mut gradient);
    let off = |way: &[Double]| {
        let sum = way.iter().fold(Double::zero(), |sum, &slope| sum + slope);
        (sum - gradient[entry]).to_f64().abs()
    };
    let nearest = ways.into_iter().min_by(|a, b| off(a).total_cmp(&off(b)));
    nearest.unwrap_or_default().iter().map(|slope| slope.to_f64()).collect()
}
