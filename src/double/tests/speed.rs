//! How long a call takes: `cargo test --release --lib double -- --ignored --nocapture`.
//!
//! With the machine's multiply-add enabled (`RUSTFLAGS="-C target-cpu=x86-64-v3"`) these are the
//! times of loops that a caller compiles for vector units; without, each multiply-add is a call.

use super::super::{Double, dot::dot};
use super::Random;
use std::{hint::black_box, time::Instant};

const COUNT: usize = 1024;

/// Prints the least time of a call in many runs over an array.
#[inline(always)]
fn measure(name: &str, x: &[Double], y: &[Double], function: impl Fn(Double, Double) -> Double) {
    let mut out = vec![Double::default(); COUNT];
    let mut best = f64::INFINITY;
    for _ in 0..200 {
        let (x, y) = (black_box(x), black_box(y));
        let start = Instant::now();
        for (out, (x, y)) in out.iter_mut().zip(x.iter().zip(y)) {
            *out = function(*x, *y);
        }
        best = best.min(start.elapsed().as_secs_f64());
        black_box(&mut out);
    }
    println!("{name:12} {:8.2} ns", best / COUNT as f64 * 1e9);
}

#[test]
#[ignore = "a measurement"]
fn speed() {
    let mut random = Random(7);
    let mut draw = |low, high| (0..COUNT).map(|_| random.within(low, high)).collect::<Vec<_>>();
    let (x, y, positive, far) = (draw(-8.0, 8.0), draw(0.5, 3.0), draw(0.1, 10.0), draw(1e6, 1e300));
    measure("add", &x, &y, |x, y| x + y);
    measure("mul", &x, &y, |x, y| x * y);
    measure("div", &x, &y, |x, y| x / y);
    measure("sqrt", &positive, &y, |x, _| x.sqrt());
    measure("exp", &x, &y, |x, _| x.exp());
    measure("exp_m1", &x, &y, |x, _| x.exp_m1());
    measure("tanh", &x, &y, |x, _| x.tanh());
    measure("ln", &positive, &y, |x, _| x.ln());
    measure("ln_1p", &positive, &y, |x, _| x.ln_1p());
    measure("sin", &x, &y, |x, _| x.sin());
    measure("sin_near", &x, &y, |x, _| x.sin_near());
    measure("cos", &x, &y, |x, _| x.cos());
    measure("sin, far", &far, &y, |x, _| x.sin());
    measure("powf", &positive, &x, |x, y| x.powf(y));
    let mut best = f64::INFINITY;
    for _ in 0..200 {
        let start = Instant::now();
        black_box(dot(black_box(&x), black_box(&y)));
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{:12} {:8.2} ns", "dot, each", best / COUNT as f64 * 1e9);
}
