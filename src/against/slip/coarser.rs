//! Whether a coarser arithmetic than is claimed explains a result.

use super::Slip;
use crate::{
    against::{Claim, Course, Verdict},
    precision::Precision,
    shape::Shape,
    simulate::Arithmetic,
};

/// A coarser arithmetic than is claimed explains the result.
pub(super) fn coarser(
    course: &Course,
    arithmetic: &Arithmetic,
    claims: &[Claim],
    result: usize,
    shapes: &[&Shape],
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
    tries.into_iter().find_map(|(slip, other)| {
        let judged = course.judge(&claims[result..=result], &other, &shapes[result..=result], result);
        (judged[0].verdict() == Verdict::Ok).then_some(slip)
    })
}
