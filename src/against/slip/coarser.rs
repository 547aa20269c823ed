//! Whether a coarser arithmetic than is claimed explains a result.

use super::Slip;
use crate::{
    against::{BAR, Claim, Course, deviations},
    double::Double,
    precision::Precision,
    simulate::Arithmetic,
};

/// A coarser arithmetic than is claimed explains the result.
pub(super) fn coarser(
    course: &Course,
    arithmetic: &Arithmetic,
    claims: &[Claim],
    result: usize,
) -> Option<Slip> {
    let with = |change: &dyn Fn(&mut Arithmetic)| {
        let mut other = arithmetic.clone();
        change(&mut other);
        other
    };
    let mut tries = Vec::new();
    let stored = arithmetic.storage;
    if arithmetic.accumulate.unit() < stored.unit() {
        tries.push((Slip::Accumulated(stored), with(&|other| other.accumulate = stored)));
    }
    if stored == Precision::F32 {
        for factors in [Precision::Tf32, Precision::Bf16] {
            tries.push((Slip::Factors(factors), with(&|other| other.factors = Some(factors))));
        }
        for coarse in [Precision::F16, Precision::Bf16] {
            tries.push((Slip::Accumulated(coarse), with(&|other| other.accumulate = coarse)));
        }
    }
    if stored == Precision::F64 {
        tries.push((Slip::Accumulated(Precision::F32), with(&|other| other.accumulate = Precision::F32)));
    }
    for coarse in [Precision::F32, Precision::F16, Precision::Bf16] {
        if coarse.unit() > stored.unit() {
            tries.push((Slip::Between(coarse), with(&|other| other.storage = coarse)));
        }
    }
    // The likelier, the nearer its usual error is to the kernel's.
    let got = &claims[result];
    let likely = tries.into_iter().filter_map(|(slip, other)| {
        let off = course.off(&other, 1.0).swap_remove(result);
        let deviation = deviations(&course.exact[result], &off, got.precision);
        let apart =
            got.got.iter().zip(&course.exact[result]).map(|(&x, &exact)| (Double::from(x) - exact).to_f64());
        let mut parts: Vec<f64> =
            apart.zip(&deviation).map(|(apart, deviation)| apart.abs() / deviation).collect();
        let likelihood = -parts.iter().zip(&deviation).map(|(z, sd)| sd.ln() + z * z / 2.0).sum::<f64>();
        let is_within = parts.iter().all(|part| *part <= BAR);
        let middle = parts.len() / 2;
        // What hits a few entries only is no arithmetic.
        let is_usual = *parts.select_nth_unstable_by(middle, f64::total_cmp).1 >= 0.03;
        (is_within && is_usual).then_some((likelihood, slip))
    });
    likely.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, slip)| slip)
}
