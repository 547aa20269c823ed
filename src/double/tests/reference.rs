//! Each function against the values that `tests/reference/double.py` has recorded.

use super::super::{Double, dot::dot};
use super::apart;
use serde_json::Value;

/// What a value may differ by, relatively.
const BOUND: f64 = 1e-30;

/// What it may differ by where it or its low part is subnormal.
const LEAST: f64 = 4.0 * 5e-324;

/// A hex float as Python writes it.
fn parse(text: &str) -> Option<f64> {
    let (sign, size) = text.strip_prefix('-').map_or((1.0, text), |size| (-1.0, size));
    if size == "inf" {
        return Some(sign * f64::INFINITY);
    }
    let (digits, exponent) = size.strip_prefix("0x")?.split_once('p')?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mantissa = u64::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
    let exponent = exponent.parse::<i32>().ok()? - 4 * i32::try_from(fraction.len()).ok()?;
    // Of 53 bits at most, so that both factors are exact.
    let half = exponent / 2;
    Some(sign * mantissa as f64 * 2f64.powi(half) * 2f64.powi(exponent - half))
}

/// The rows of a function.
fn rows(name: &str) -> Vec<Vec<f64>> {
    let all: Value =
        serde_json::from_str(include_str!("../../../tests/reference/double.json")).expect("JSON");
    let row = |row: &Value| {
        let texts = row.as_array().expect("a row").iter();
        texts.map(|text| parse(text.as_str().expect("a text")).expect("a hex float")).collect()
    };
    all[name].as_array().expect("rows").iter().map(row).collect()
}

/// Holds a function against all its rows, and prints its worst relative error.
fn check(name: &str, function: impl Fn(&[Double]) -> Double) {
    let rows = rows(name);
    assert!(rows.len() > 300, "{name}: {}", rows.len());
    let (mut worst, mut worst_at, mut failed) = (0.0, Vec::new(), 0);
    for row in rows {
        let mut pairs: Vec<_> = row.chunks(2).map(|pair| Double { hi: pair[0], lo: pair[1] }).collect();
        let right = pairs.pop().expect("a value");
        let got = function(&pairs);
        let is_right = if right.is_finite() {
            let absolute = ((got.hi - right.hi) + (got.lo - right.lo)).abs();
            let error = if absolute <= LEAST { 0.0 } else { apart(got, right) };
            if error > worst {
                (worst, worst_at) = (error, pairs.clone());
            }
            error <= BOUND && got.hi + got.lo == got.hi
        } else {
            got == right
        };
        if !is_right {
            failed += 1;
            println!("{name}({pairs:?}) = {got:?}, not {right:?}");
        }
    }
    println!("{name}: worst relative error {worst:.2e} at {worst_at:?}");
    assert_eq!(failed, 0, "{name}");
}

macro_rules! checks {
    ($($name:ident => $function:expr;)*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name), $function);
        }
    )*};
}

checks! {
    add => |x| x[0] + x[1];
    mul => |x| x[0] * x[1];
    div => |x| x[0] / x[1];
    sqrt => |x| x[0].sqrt();
    exp => |x| x[0].exp();
    exp_m1 => |x| x[0].exp_m1();
    tanh => |x| x[0].tanh();
    ln => |x| x[0].ln();
    ln_1p => |x| x[0].ln_1p();
    sin => |x| x[0].sin();
    cos => |x| x[0].cos();
    powf => |x| x[0].powf(x[1]);
    acos => |x| x[0].acos();
    acosh => |x| x[0].acosh();
    asin => |x| x[0].asin();
    asinh => |x| x[0].asinh();
    atan => |x| x[0].atan();
    atanh => |x| x[0].atanh();
    cosh => |x| x[0].cosh();
    erf => |x| x[0].erf();
    log2 => |x| x[0].log2();
    sinh => |x| x[0].sinh();
    tan => |x| x[0].tan();
}

#[test]
fn differences_are_sums() {
    for row in rows("add") {
        let [a, b] = [Double::new(row[0], row[1]), Double::new(row[2], row[3])];
        assert_eq!(a - -b, a + b);
    }
}

#[test]
fn products_of_vectors() {
    let mut worst: f64 = 0.0;
    for row in rows("dot") {
        let pairs: Vec<_> = row.chunks_exact(2).map(|pair| Double { hi: pair[0], lo: pair[1] }).collect();
        let (size, length) = (row[row.len() - 1], pairs.len() / 2);
        let (got, right) = (dot(&pairs[..length], &pairs[length..2 * length]), pairs[2 * length]);
        let error = ((got.hi - right.hi) + (got.lo - right.lo)).abs();
        worst = worst.max(if error == 0.0 { 0.0 } else { error / size });
    }
    println!("dot: worst error {worst:.2e} of the sum of sizes");
    assert!(worst < 2e-31, "{worst:e}");
}
