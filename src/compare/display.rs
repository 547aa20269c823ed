//! The numerical gradient of the textbook, entry by entry in f64: central differences at two
//! steps, extrapolated. It is shown, and decides nothing.

use super::{Options, leaves::Leaf, verdict::ZeroCause};
use crate::{
    engine::{Cones, Memory, Perturbation, Probes},
    op::cone::{LANES, Lanes},
    plan::Plan,
};
use rayon::prelude::*;
use std::{
    ops::Range,
    sync::{Mutex, PoisonError, atomic::Ordering},
};

/// Entries that one thread takes at a time.
const CHUNK: usize = 64;

/// Entries times elements of the run: more takes longer than a second or two.
const AFFORDABLE: u64 = 50_000_000_000;

/// Whole forward runs that every tensor's fast probes are held against.
const SPOT_CHECKS: usize = 3;

/// Below this root mean square a tensor's entries, not 1, set the step.
const TINY: f64 = 1e-4;

/// What forward runs around one entry show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// The extrapolated slope; `None` on a kink.
    pub slope: Option<f64>,
    /// The step of the plan that takes another branch beside the entry.
    pub crossed: Option<u32>,
    /// Why nothing moves, if nothing does.
    pub stopped: Option<ZeroCause>,
}

/// What was measured of all leaves.
#[derive(Default)]
pub struct Measured {
    /// Of each leaf, entry by entry; empty where it would take too long.
    pub leaves: Vec<Vec<Option<Shown>>>,
    /// What this program itself did wrong.
    pub faults: Vec<String>,
}

/// Whether so many entries are measured in a run of so many elements.
pub fn is_measured(entries: u64, elements: u64, options: &Options) -> bool {
    options.measured && (entries.saturating_mul(elements) <= AFFORDABLE || options.every)
}

/// Measures all entries that are looked at, if that takes no more than a second or two.
pub fn measure(plan: &Plan, base: &Memory<f64>, leaves: &[Leaf], options: &Options) -> Measured {
    let all: usize = leaves.iter().map(|leaf| leaf.count).sum();
    if !is_measured(all as u64, plan.sizes.floats as u64, options) {
        return Measured::default();
    }
    let (outputs, upstream) = (base.outputs(plan), plan.upstream().collect::<Vec<_>>());
    let cones = Cones::new(plan, base);
    let chunks = leaves.iter().flat_map(|leaf| {
        let starts = (0..leaf.count).step_by(CHUNK);
        starts.map(move |start| (leaf, start..leaf.count.min(start + CHUNK)))
    });
    let chunks: Vec<(&Leaf, Range<usize>)> = chunks.collect();
    // Each holds copies of the run: as many are made as work at a time.
    let idle: Mutex<Vec<Perturbation>> = Mutex::default();
    let idle = || idle.lock().unwrap_or_else(PoisonError::into_inner);
    let parts: Vec<(Vec<Option<Shown>>, Vec<String>)> = chunks
        .par_iter()
        .map(|(leaf, chunk)| {
            let taken = idle().pop();
            let mut around = taken.unwrap_or_else(|| Perturbation::new(&cones, leaf.id));
            around.turn_to(leaf.id);
            let floor = floor(base.float(plan, leaf.id));
            let mut faults = Vec::new();
            let shown = chunk.clone().map(|number| {
                if options.is_cancelled() {
                    return None;
                }
                let entry = leaf.entry(number);
                let theta = around.entry(entry);
                let h = options.settings.step.unwrap_or(f64::EPSILON.powf(0.2)) * floor.max(theta.abs());
                let at = [-h, -h / 2.0, h / 2.0, h].map(|by| theta + by);
                let probes = around.probes(entry, at);
                if is_spot_check(leaf, number) && !is_faithful(&mut around, entry, theta + h, &outputs) {
                    faults.push(format!("entry {entry}: a probe and a whole forward run differ"));
                }
                Some(shown(plan, &around, &probes, at, &upstream))
            });
            let shown = shown.collect();
            if let Some(progress) = &options.progress {
                progress.done.fetch_add(chunk.len(), Ordering::Relaxed);
            }
            idle().push(around);
            (shown, faults)
        })
        .collect();
    let (mut shown, faults): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    let mut shown = shown.drain(..);
    let by_leaf =
        leaves.iter().map(|leaf| shown.by_ref().take(leaf.count.div_ceil(CHUNK)).flatten().collect());
    Measured { leaves: by_leaf.collect(), faults: faults.into_iter().flatten().collect() }
}

fn floor(elements: &[f64]) -> f64 {
    let squares: f64 = elements.iter().map(|x| x * x).sum();
    let rms = (squares / elements.len().max(1) as f64).sqrt();
    if rms > 0.0 && rms < TINY { rms } else { 1.0 }
}

fn shown(plan: &Plan, around: &Perturbation, probes: &Probes, at: Lanes, upstream: &[f64]) -> Shown {
    let rise = |low: usize, high: usize| {
        let sum =
            probes.moved.iter().fold(0.0, |sum, (k, x)| sum + upstream[*k as usize] * (x[high] - x[low]));
        sum / (at[high] - at[low])
    };
    let crossed = (0..LANES).find_map(|lane| probes.crossed[lane]);
    let slope = (4.0 * rise(1, 2) - rise(0, 3)) / 3.0;
    let stopped = match probes.stopped {
        _ if !probes.moved.is_empty() => None,
        _ if !around.has_path() => Some(ZeroCause::NoPath),
        Some(step) if plan.steps[step as usize].kernel.card().kinks.is_some() => {
            Some(ZeroCause::Dead { step })
        }
        Some(step) => Some(ZeroCause::ZeroFactor { step }),
        None => Some(ZeroCause::Flat),
    };
    Shown { slope: (crossed.is_none() && slope.is_finite()).then_some(slope), crossed, stopped }
}

/// Entries whose probes are held against whole forward runs.
fn is_spot_check(leaf: &Leaf, number: usize) -> bool {
    (0..SPOT_CHECKS).any(|k| k * (leaf.count - 1) / (SPOT_CHECKS - 1) == number)
}

/// A probe and a whole forward run give the same outputs, bit for bit.
fn is_faithful(around: &mut Perturbation, entry: usize, at: f64, base: &[f64]) -> bool {
    let probes = around.probes(entry, [at; LANES]);
    let mut outputs = base.to_vec();
    probes.moved.iter().for_each(|&(k, [x, ..])| outputs[k as usize] = x);
    super::same_bits(&outputs, &around.probe_whole(entry, at))
}
