//! The verdict on one entry: the cheap measurement first, and dearer ones only
//! for what looks bad.
//!
//! Richardson → a smaller step beside a kink → the complex step → Ridders.

use super::{
    Evidence, Finding, Options, Undecided, Verdict, ZeroCause, bears_out,
    noise::Noise,
    stencil::{Around, Central, Measured, OneSided, Scale, ridders},
};
use crate::{
    engine::{Cones, Memory, Perturbation, complex_step},
    graph::ValueId,
    op::Complex,
    plan::Plan,
};

/// An ok must be able to tell this relative error.
const TELLING: f64 = 1e-3;

/// Differences that bear out the complex step must be at least this exact.
const BORNE_OUT: f64 = 0.1;

/// Each retry beside a kink divides the step by so much.
const SHRINK: f64 = 16.0;

/// The smallest step tried, in units of the entry's scale.
const LEAST_STEP: f64 = 1e-9;

/// One-sided slopes are taken over this much of the entry's scale, ε^(1/3).
const ONE_SIDED_STEP: f64 = 6e-6;

/// Imaginary steps of the complex step. The result is linear in them but for
/// rounding, so that their spread shows its rounding.
const COMPLEX_STEPS: [f64; 3] = [1e-40, 1e-40 / 3.0, 1e-40 / 7.0];

/// What all judges of a comparison look at.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    pub plan: &'a Plan<'a>,
    /// A forward and a backward run.
    pub real: &'a Memory<f64>,
    /// The elements of its outputs.
    pub outputs: &'a [f64],
    pub noise: &'a Noise,
    pub cones: &'a Cones<'a>,
    pub options: &'a Options,
}

/// Judges entries, of one leaf after the other.
pub struct Judge<'a> {
    setup: Setup<'a>,
    leaf: ValueId,
    scale: Scale,
    around: Around<'a>,
    /// Made when it is first needed.
    complex: Option<Memory<Complex>>,
}

/// An entry with its verdict, and what this program itself did wrong, if anything.
pub struct Judged {
    pub finding: Finding,
    pub fault: Option<String>,
}

impl<'a> Judge<'a> {
    pub fn new(setup: Setup<'a>, leaf: ValueId, scale: Scale) -> Self {
        let around = Around {
            perturbation: Perturbation::new(setup.cones, leaf),
            base: setup.outputs,
            noise: setup.noise.outputs(),
            whole: setup.options.plain,
        };
        Self { setup, leaf, scale, around, complex: None }
    }

    /// Goes on with another leaf.
    pub fn turn_to(&mut self, leaf: ValueId, scale: Scale) {
        self.around.perturbation.turn_to(leaf);
        (self.leaf, self.scale) = (leaf, scale);
    }

    /// The verdict on one entry of the leaf.
    pub fn entry(&mut self, entry: usize) -> Judged {
        let backward =
            self.setup.real.gradient(self.setup.plan, self.leaf).map_or(0.0, |gradient| gradient[entry]);
        let (verdict, evidence) = self.judge(entry, backward);
        let fault = match verdict {
            Verdict::Wrong => self.spot_check(entry),
            _ => None,
        };
        let verdict = match fault {
            Some(_) => Verdict::Undecided(Undecided::Disagreement),
            None => verdict,
        };
        Judged { finding: Finding { entry, backward, verdict, evidence }, fault }
    }

    /// Holds the probes of one entry against whole forward runs, bit for bit.
    pub fn spot_check(&mut self, entry: usize) -> Option<String> {
        let theta = self.around.perturbation.entry(entry);
        let (h, far) = (self.scale.step(theta), theta + self.scale.at(theta));
        let near = [theta - h, theta + h].into_iter().all(|at| self.around.is_faithful(entry, at));
        // Where nothing is said to be reached, it must not be from afar either.
        let faithful =
            near && (self.around.point(entry, far).probes.reached || self.around.is_faithful(entry, far));
        (!faithful).then(|| format!("entry {entry}: a probe and a whole forward run differ"))
    }

    fn judge(&mut self, entry: usize, backward: f64) -> (Verdict, Evidence) {
        if !backward.is_finite() || !self.setup.outputs.iter().all(|x| x.is_finite()) {
            return (Verdict::NotFinite, Evidence::Nothing);
        }
        if !self.around.perturbation.has_path() {
            let nothing = Evidence::Measured { value: 0.0, bar: 0.0 };
            return (Verdict::Zero(ZeroCause::NoPath), nothing);
        }
        let h = self.scale.step(self.around.perturbation.entry(entry));
        let central = Central::take(&mut self.around, entry, h);
        match central.rough() {
            None => self.smooth(entry, backward, &central),
            Some(_) => match self.nearer(entry, h) {
                Ok(central) => self.smooth(entry, backward, &central),
                Err(step) => self.on_a_kink(entry, backward, step),
            },
        }
    }

    /// A stencil so near that it does not cross the kink; or the step of the
    /// plan that takes another branch however near.
    fn nearer(&mut self, entry: usize, h: f64) -> Result<Central, Option<u32>> {
        let least = (LEAST_STEP * self.scale.at(self.around.perturbation.entry(entry))).min(h);
        let nearest = Central::take(&mut self.around, entry, least);
        if let Some(point) = nearest.rough() {
            return Err(nearest.points.probes.crossed[point]);
        }
        let mut h = h / SHRINK;
        while h > least {
            let central = Central::take(&mut self.around, entry, h);
            if central.rough().is_none() {
                return Ok(central);
            }
            h /= SHRINK;
        }
        Ok(nearest)
    }

    /// The verdict where the slope exists.
    fn smooth(&mut self, entry: usize, backward: f64, central: &Central) -> (Verdict, Evidence) {
        let measured = self.loosen(central.richardson(&self.around));
        if backward == 0.0 && measured.value == 0.0 && self.stays(entry, central) {
            return (Verdict::Zero(self.zero_cause(central)), evidence(Measured { value: 0.0, bar: 0.0 }));
        }
        let measured = match inside(backward, measured) {
            true => measured,
            false => self.loosen(central.cautious(&self.around)),
        };
        let near = inside(backward, measured);
        if near && (self.is_loosened() || tells(backward, measured)) {
            return (Verdict::Ok, evidence(measured));
        }
        let complex = self.complex(entry, backward);
        // Where rounding swamps backward itself, its bar must not excuse what the differences can see.
        let telling = complex.filter(|complex| complex.bar <= measured.bar || tells(backward, *complex));
        match telling {
            Some(complex) if !inside(backward, complex) => {
                let agrees = agree(complex, measured) || self.differences_agree(entry, backward, complex);
                (wrong_if(agrees), evidence(complex))
            }
            Some(complex) if near && backward == 0.0 && complex.value == 0.0 => {
                (Verdict::Zero(self.zero_cause(central)), evidence(complex))
            }
            Some(complex) if near || self.differences_agree(entry, backward, complex) => {
                (Verdict::Ok, evidence(complex))
            }
            Some(_) => (Verdict::Undecided(Undecided::Disagreement), evidence(measured)),
            None => {
                let borne_out = complex.is_some_and(|complex| bears_out(complex.value, backward, backward));
                self.by_differences(entry, backward, measured, borne_out)
            }
        }
    }

    /// Differences at some smaller step bear the complex step out. The first step
    /// may be far too wide, where the outputs swing faster than the entry is large.
    fn differences_agree(&mut self, entry: usize, backward: f64, complex: Measured) -> bool {
        let theta = self.around.perturbation.entry(entry);
        let size = complex.value.abs().max(backward.abs());
        let mut h = self.scale.step(theta);
        let least = LEAST_STEP * self.scale.at(theta) / SHRINK;
        while h > least {
            h /= SHRINK;
            let central = Central::take(&mut self.around, entry, h);
            if central.rough().is_some() {
                continue;
            }
            let measured = central.cautious(&self.around);
            if measured.bar <= BORNE_OUT * size && agree(complex, measured) {
                return true;
            }
        }
        false
    }

    /// The verdict where only differences are exact enough, though the complex step may bear
    /// backward out.
    fn by_differences(
        &mut self,
        entry: usize,
        backward: f64,
        measured: Measured,
        borne_out: bool,
    ) -> (Verdict, Evidence) {
        let near = inside(backward, measured);
        match self.ridders(entry) {
            Some(ridders) if near == inside(backward, ridders) => {
                let better = if ridders.bar < measured.bar { ridders } else { measured };
                let verdict = match near {
                    false => wrong_if(!borne_out),
                    true if tells(backward, better) => Verdict::Ok,
                    true => Verdict::Undecided(Undecided::WideBar),
                };
                (verdict, evidence(better))
            }
            _ => (Verdict::Undecided(Undecided::Disagreement), evidence(measured)),
        }
    }

    /// The verdict on a point without a derivative.
    fn on_a_kink(&mut self, entry: usize, backward: f64, step: Option<u32>) -> (Verdict, Evidence) {
        let no_room = (Verdict::Undecided(Undecided::NoRoom), Evidence::Nothing);
        let Some(step) = step else { return no_room };
        let h = ONE_SIDED_STEP * self.scale.at(self.around.perturbation.entry(entry));
        let Some(sides) = OneSided::take(&mut self.around, entry, h) else { return no_room };
        if sides.left.value == 0.0 && sides.right.value == 0.0 && backward == 0.0 {
            return (Verdict::Zero(ZeroCause::Flat), evidence(Measured { value: 0.0, bar: 0.0 }));
        }
        let sides = OneSided { left: self.loosen(sides.left), right: self.loosen(sides.right) };
        if sides.hold(backward) {
            return (Verdict::Kink { step }, slopes(&sides));
        }
        let verdict = match OneSided::take(&mut self.around, entry, h / SHRINK) {
            Some(nearer) if !nearer.hold(backward) => Verdict::Wrong,
            _ => Verdict::Undecided(Undecided::Disagreement),
        };
        (verdict, slopes(&sides))
    }

    /// Nothing moves, not even for a step as large as the entry's scale.
    fn stays(&mut self, entry: usize, central: &Central) -> bool {
        if !central.points.move_nothing() {
            return false;
        }
        let theta = self.around.perturbation.entry(entry);
        let far = theta + self.scale.at(theta);
        !central.points.probes.reached && far.is_finite() || self.around.point(entry, far).move_nothing()
    }

    fn zero_cause(&self, central: &Central) -> ZeroCause {
        match central.points.probes.stopped {
            _ if !central.points.move_nothing() => ZeroCause::Flat,
            None => ZeroCause::Flat,
            Some(step) if self.setup.plan.steps[step as usize].kernel.card().kinks.is_some() => {
                ZeroCause::Dead { step }
            }
            Some(step) => ZeroCause::ZeroFactor { step },
        }
    }

    /// The complex step's derivative; its bar is the rounding of both sides.
    fn complex(&mut self, entry: usize, backward: f64) -> Option<Measured> {
        let Setup { plan, real, noise, .. } = self.setup;
        let complex = self.complex.get_or_insert_with(|| Memory::new(plan));
        let at = plan.slot(self.leaf).range().start + entry;
        let [first, second, third] =
            COMPLEX_STEPS.map(|size| complex_step(plan, real, complex, [(at, 1.0)], size));
        let (value, second, third) = (first?, second?, third?);
        let spread = (second - value).abs().max((third - value).abs());
        let last_bits = 4.0 * f64::EPSILON * (value.abs() + backward.abs());
        // An imaginary part below the smallest normal number has lost its digits.
        let underflow = 4.0 * f64::MIN_POSITIVE / COMPLEX_STEPS[2];
        let bar = last_bits + 16.0 * spread + noise.gradient(plan, self.leaf, entry) + underflow;
        Some(Measured { value, bar })
    }

    fn ridders(&mut self, entry: usize) -> Option<Measured> {
        let h = self.scale.step(self.around.perturbation.entry(entry));
        let measured = ridders(&mut self.around, entry, h)?;
        Some(self.loosen(measured))
    }

    fn is_loosened(&self) -> bool {
        self.setup.options.settings.rtol.is_some() || self.setup.options.settings.atol.is_some()
    }

    /// The file's tolerances may widen a bar, never narrow it.
    fn loosen(&self, measured: Measured) -> Measured {
        let settings = &self.setup.options.settings;
        let asked = settings.atol.unwrap_or(0.0) + settings.rtol.unwrap_or(0.0) * measured.value.abs();
        Measured { bar: measured.bar.max(asked), ..measured }
    }
}

fn inside(backward: f64, measured: Measured) -> bool {
    (backward - measured.value).abs() <= measured.bar
}

/// Two measurements are within their bars of each other.
fn agree(one: Measured, other: Measured) -> bool {
    (one.value - other.value).abs() <= one.bar + other.bar
}

/// Wrong takes two measurements that agree.
fn wrong_if(they_agree: bool) -> Verdict {
    match they_agree {
        true => Verdict::Wrong,
        false => Verdict::Undecided(Undecided::Disagreement),
    }
}

/// The bar is narrow enough to catch an error of a thousandth.
fn tells(backward: f64, measured: Measured) -> bool {
    measured.bar <= TELLING * backward.abs()
}

fn evidence(measured: Measured) -> Evidence {
    Evidence::Measured { value: measured.value, bar: measured.bar }
}

fn slopes(sides: &OneSided) -> Evidence {
    let bar = sides.left.bar.max(sides.right.bar);
    Evidence::Slopes { left: sides.left.value, right: sides.right.value, bar }
}
