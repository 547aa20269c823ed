//! Measuring a slope from forward runs: central differences at two steps, and
//! one-sided ones at a kink.

use crate::{
    engine::{Perturbation, Probes},
    op::cone::{LANES, Lanes},
};

/// A measured slope and how far the truth may lie from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    pub value: f64,
    pub bar: f64,
}

/// What steps are measured by: the size of a tensor's entries.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    floor: f64,
    fixed: Option<f64>,
}

/// Below this root mean square a tensor's entries, not 1, set the step.
const TINY: f64 = 1e-4;

impl Scale {
    pub fn of(elements: &[f64], fixed: Option<f64>) -> Self {
        let mean_square = elements.iter().map(|x| x * x).sum::<f64>() / elements.len().max(1) as f64;
        let rms = mean_square.sqrt();
        let floor = if rms > 0.0 && rms < TINY { rms } else { 1.0 };
        Self { floor, fixed }
    }

    /// The size against which an entry's steps are small.
    pub fn at(&self, entry: f64) -> f64 {
        self.floor.max(entry.abs())
    }

    /// The central stencil's step h, where truncation and rounding of a
    /// fourth-order difference balance: ε^(1/5) of the size, unless it is fixed.
    pub fn step(&self, entry: f64) -> f64 {
        self.fixed.unwrap_or_else(|| f64::EPSILON.powf(0.2) * self.at(entry))
    }
}

/// What some perturbed points showed, and where they lie.
#[derive(Default, Clone)]
pub struct Points {
    pub at: Lanes,
    pub probes: Probes,
}

impl Points {
    /// The outputs at a point are finite and were computed by the base point's branches.
    fn is_smooth(&self, point: usize) -> bool {
        self.probes.crossed[point].is_none() && self.is_finite(point)
    }

    fn is_finite(&self, point: usize) -> bool {
        self.probes.moved.iter().all(|(_, x)| x[point].is_finite())
    }

    /// The slope of the outputs' sum between two of the points.
    fn slope(&self, low: usize, high: usize) -> f64 {
        // Differences first: an output that does not move then adds nothing at all.
        let rise = self.probes.moved.iter().fold(0.0, |rise, (_, x)| rise + (x[high] - x[low]));
        rise / (self.at[high] - self.at[low])
    }

    pub fn move_nothing(&self) -> bool {
        self.probes.moved.is_empty()
    }
}

/// Evaluates the outputs at points around one entry.
pub struct Around<'a> {
    pub perturbation: Perturbation<'a>,
    /// The outputs without any change; finite.
    pub base: &'a [f64],
    /// Bounds of the rounding error of each output element.
    pub noise: &'a [f64],
    /// Every run is a whole one.
    pub whole: bool,
}

impl Around<'_> {
    /// What these values of an entry show.
    pub fn points(&mut self, entry: usize, at: Lanes) -> Points {
        let mut probes = self.perturbation.probes(entry, at);
        if self.whole {
            let runs = at.map(|at| self.perturbation.probe_whole(entry, at));
            let outputs = (0..self.base.len()).map(|k| (k as u32, runs.each_ref().map(|run| run[k])));
            let moves = |(k, x): &(u32, Lanes)| !super::same_bits(x, &[self.base[*k as usize]; LANES]);
            probes.moved = outputs.filter(moves).collect();
            probes.reached = true;
        }
        Points { at, probes }
    }

    /// As [`Self::points`], for one value.
    pub fn point(&mut self, entry: usize, at: f64) -> Points {
        self.points(entry, [at; LANES])
    }

    /// A probe and a whole forward run give the same outputs, bit for bit.
    pub fn is_faithful(&mut self, entry: usize, at: f64) -> bool {
        let probes = self.perturbation.probes(entry, [at; LANES]);
        let mut outputs = self.base.to_vec();
        probes.moved.iter().for_each(|&(k, [x, ..])| outputs[k as usize] = x);
        super::same_bits(&outputs, &self.perturbation.probe_whole(entry, at))
    }

    /// Rounding of one evaluation of the outputs that these points move.
    fn noise_of_moved(&self, points: &Points) -> f64 {
        points.probes.moved.iter().map(|&(k, _)| self.noise[k as usize]).sum()
    }

    /// Rounding of one evaluation of all outputs: what does not move may have
    /// swallowed a change that is smaller than its last bit.
    fn noise_of_all(&self) -> f64 {
        self.noise.iter().sum()
    }
}

/// Central differences at h and h/2.
pub struct Central {
    pub points: Points,
    h: f64,
}

impl Central {
    pub fn take(around: &mut Around, entry: usize, h: f64) -> Self {
        let theta = around.perturbation.entry(entry);
        let points = around.points(entry, [-h, -h / 2.0, h / 2.0, h].map(|by| theta + by));
        Self { points, h }
    }

    /// The first point that does not go with the base point.
    pub fn rough(&self) -> Option<usize> {
        (0..LANES).find(|&point| !self.points.is_smooth(point))
    }

    /// Richardson's R = (4·D(h/2) − D(h))/3. Its bar: a tenth of what the step
    /// from D(h/2) to R corrected, for truncation; 3·n/h for the rounding n of
    /// one evaluation, of the outputs that move; and the last bits of R itself.
    pub fn richardson(&self, around: &Around) -> Measured {
        self.measure(around.noise_of_moved(&self.points))
    }

    /// As [`Self::richardson`], with the rounding of all outputs.
    pub fn cautious(&self, around: &Around) -> Measured {
        self.measure(around.noise_of_all())
    }

    fn measure(&self, noise: f64) -> Measured {
        let (wide, narrow) = (self.points.slope(0, 3), self.points.slope(1, 2));
        let value = (4.0 * narrow - wide) / 3.0;
        let bar = 0.1 * (narrow - wide).abs() / 3.0 + 3.0 * noise / self.h + 4.0 * f64::EPSILON * value.abs();
        Measured { value, bar }
    }
}

/// Ridders' method: central differences at shrinking steps, extrapolated to
/// step 0 in a table (C. J. F. Ridders, Advances in Engineering Software 4,
/// 1982). The bar is the best disagreement of neighbours in the table.
///
/// `None` when the points near the entry are not smooth.
pub fn ridders(around: &mut Around, entry: usize, h: f64) -> Option<Measured> {
    const SHRINK: f64 = 1.4;
    const ROWS: usize = 12;
    let theta = around.perturbation.entry(entry);
    let mut table: Vec<Vec<f64>> = Vec::new();
    let mut best: Option<Measured> = None;
    let mut step = h;
    for row in 0..ROWS {
        let points = around.points(entry, [theta - step, theta + step, theta + step, theta + step]);
        if !points.is_smooth(0) || !points.is_smooth(1) {
            table.clear();
            step /= SHRINK;
            continue;
        }
        let rounding = around.noise_of_all() / step;
        let mut line = vec![points.slope(0, 1)];
        let mut factor = SHRINK * SHRINK;
        if let Some(above) = table.last() {
            for column in 0..above.len() {
                let next = (line[column] * factor - above[column]) / (factor - 1.0);
                let error = (next - line[column]).abs().max((next - above[column]).abs());
                factor *= SHRINK * SHRINK;
                let bar = error + rounding + 4.0 * f64::EPSILON * next.abs();
                if best.is_none_or(|best| bar <= best.bar) {
                    best = Some(Measured { value: next, bar });
                }
                line.push(next);
            }
            let moved = (line[line.len() - 1] - above[above.len() - 1]).abs();
            if row > 2 && best.is_some_and(|best| moved > 2.0 * best.bar) {
                break;
            }
        }
        table.push(line);
        step /= SHRINK;
    }
    best
}

/// The slopes to the left and to the right of a point, from points on one side
/// only: twice the half step's slope less the whole step's.
pub struct OneSided {
    pub left: Measured,
    pub right: Measured,
}

impl OneSided {
    /// `None` when a side has no room: its points are not finite, or not of one branch.
    pub fn take(around: &mut Around, entry: usize, h: f64) -> Option<Self> {
        let left = Self::side(around, entry, -h)?;
        let right = Self::side(around, entry, h)?;
        Some(Self { left, right })
    }

    /// A slope lies between the two, as far as their bars can tell.
    pub fn hold(&self, slope: f64) -> bool {
        let low = (self.left.value - self.left.bar).min(self.right.value - self.right.bar);
        let high = (self.left.value + self.left.bar).max(self.right.value + self.right.bar);
        (low..=high).contains(&slope)
    }

    fn side(around: &mut Around, entry: usize, h: f64) -> Option<Measured> {
        let theta = around.perturbation.entry(entry);
        let points = around.points(entry, [theta, theta + h / 2.0, theta + h, theta + h]);
        if !points.is_finite(1) || !points.is_finite(2) {
            return None;
        }
        let (narrow, wide) = (points.slope(0, 1), points.slope(0, 2));
        let value = 2.0 * narrow - wide;
        let noise = around.noise_of_moved(&points);
        let bar = (narrow - wide).abs() + 10.0 * noise / h.abs() + 4.0 * f64::EPSILON * value.abs();
        Some(Measured { value, bar })
    }
}
