//! Every entry of every leaf: all at once along a few directions, and one by one only where
//! a direction disagrees.

use super::{
    Options,
    derived::derived,
    measure::Line,
    place::{Direction, Found, Place, part},
    verdict::{Evidence, Undecided, Verdict, ZeroCause},
};
use crate::{double::Double, graph::Graph, graph::ValueId, plan::Plan};

/// Directions that all entries share.
const DIRECTIONS: u64 = 2;

/// Operations that a search for wrong entries may take: a second or so.
const BUDGET: usize = 1 << 30;

/// Directions that are tried in any case.
const LEAST: usize = 64;

/// Where entries or slopes are larger than this, or smaller than its inverse, their powers may leave
/// the range of numbers.
pub const RANGE: f64 = 1e75;

/// What is known of one entry.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    pub verdict: Verdict,
    pub evidence: Evidence,
}

impl Known {
    const OK: Self = Self { verdict: Verdict::Ok, evidence: Evidence::Nothing };

    pub(super) fn undecided(why: Undecided) -> Self {
        Self { verdict: Verdict::Undecided(why), evidence: Evidence::Nothing }
    }
}

/// The verdicts on the entries of one leaf.
pub struct Leaf {
    pub id: ValueId,
    /// The entries that are looked at.
    pub entries: Vec<usize>,
    pub known: Vec<Known>,
    scales: Vec<f64>,
}

/// Judges the gradients of leaves at one place.
pub struct Judge<'a> {
    pub(super) graph: &'a Graph,
    pub(super) place: &'a Place<'a>,
    pub(super) line: Line<'a>,
    options: &'a Options,
    /// Directions that may still be tried.
    pub(super) left: usize,
    pub(super) all_finite: bool,
}

impl<'a> Judge<'a> {
    pub fn new(graph: &'a Graph, place: &'a Place<'a>, options: &'a Options) -> Self {
        let plan = place.plan;
        let cost: usize = plan.steps.iter().map(|step| cost(plan, step)).sum();
        Self {
            graph,
            place,
            line: place.line(),
            options,
            left: LEAST.max(BUDGET / cost.max(1) / 256),
            all_finite: place.outputs_are_finite(),
        }
    }

    pub fn leaves(&mut self, wanted: &[ValueId]) -> Vec<Leaf> {
        let mut leaves: Vec<Leaf> = wanted.iter().map(|&id| self.leaf(id)).collect();
        if self.options.is_cancelled() {
            leaves.iter_mut().for_each(|leaf| leaf.known.clear());
            return leaves;
        }
        let open: Vec<(usize, usize)> = leaves
            .iter()
            .enumerate()
            .flat_map(|(leaf, own)| (0..own.entries.len()).map(move |entry| (leaf, entry)))
            .filter(|&(leaf, entry)| self.gradient_is_finite(&leaves[leaf], entry))
            .collect();
        if !self.agrees(&leaves, &open) {
            for leaf in 0..leaves.len() {
                let own: Vec<_> = open.iter().copied().filter(|&(of, _)| of == leaf).collect();
                if leaves.len() == 1 || !self.agrees(&leaves, &own) {
                    self.search(&mut leaves, own);
                }
            }
            self.tied(&mut leaves);
        }
        self.not_finite(&mut leaves);
        for leaf in &mut leaves {
            self.zeros(leaf);
        }
        leaves
    }

    fn leaf(&self, id: ValueId) -> Leaf {
        let scales = self.place.scales(id);
        let entries: Vec<usize> = match self.options.settings.sample {
            Some(n) if n < scales.len() => (0..n).map(|k| k * scales.len() / n).collect(),
            _ => (0..scales.len()).collect(),
        };
        Leaf { id, known: vec![Known::OK; entries.len()], entries, scales }
    }

    fn gradient_is_finite(&self, leaf: &Leaf, entry: usize) -> bool {
        self.place.gradient(leaf.id).get(leaf.entries[entry]).is_none_or(|g| g.is_finite())
    }

    /// The gradient is right along directions that all of these entries share, smoothly.
    fn agrees(&mut self, leaves: &[Leaf], entries: &[(usize, usize)]) -> bool {
        entries.is_empty()
            || (0..DIRECTIONS).all(|seed| {
                let direction = self.shared(leaves, entries, |count| part(count, seed));
                self.place.judge(&mut self.line, &direction) == Found::Agrees
            })
    }

    /// A direction in which every leaf has about the same share. The gradient sets the shares,
    /// never a verdict.
    fn shared(&self, leaves: &[Leaf], entries: &[(usize, usize)], part: impl Fn(u64) -> f64) -> Direction {
        let mut direction: Direction = entries
            .iter()
            .enumerate()
            .map(|(count, &(leaf, entry))| {
                let leaf = &leaves[leaf];
                let entry = leaf.entries[entry];
                (leaf.id, entry, part(count as u64) * leaf.scales[entry])
            })
            .collect();
        let sizes: Vec<(ValueId, f64)> = direction
            .chunk_by(|a, b| a.0 == b.0)
            .map(|own| (own[0].0, self.place.project(&own.to_vec()).1))
            .collect();
        let least =
            sizes.iter().map(|&(_, size)| size).filter(|size| *size > 0.0).fold(f64::INFINITY, f64::min);
        for (leaf, _, part) in &mut direction {
            let size = sizes.iter().find(|(id, _)| id == leaf).map_or(0.0, |&(_, size)| size);
            if size > 0.0 && least.is_finite() {
                // A leaf that hardly matters keeps its step, the others take smaller ones.
                *part *= (least / size).max(1e-12);
            }
        }
        direction
    }

    pub(super) fn single(&self, leaf: &Leaf, entry: usize) -> Direction {
        let at = leaf.entries[entry];
        vec![(leaf.id, at, leaf.scales[at])]
    }

    /// Finds the entries that are wrong, on a kink or undecided: by the derived gradient where that is
    /// right, else by halving.
    fn search(&mut self, leaves: &mut [Leaf], entries: Vec<(usize, usize)>) {
        if entries.len() > self.left && self.by_derived(leaves, &entries) {
            return;
        }
        let mut open = vec![entries];
        while let Some(set) = open.pop() {
            // What nobody looked at is not said to be right.
            if self.left == 0 || self.options.is_cancelled() {
                set.iter().for_each(|&(leaf, entry)| {
                    leaves[leaf].known[entry] = Known::undecided(Undecided::TooMany);
                });
                continue;
            }
            self.left -= 1;
            if let [(leaf, entry)] = set[..] {
                leaves[leaf].known[entry] = self.one(&leaves[leaf], entry);
            } else if set.len() <= 4 || !self.agrees(leaves, &set) {
                let (left, right) = set.split_at(set.len() / 2);
                open.extend([right.to_vec(), left.to_vec()]);
            }
        }
    }

    fn one(&mut self, leaf: &Leaf, entry: usize) -> Known {
        let direction = self.single(leaf, entry);
        let scale = direction[0].2;
        let found = self.place.judge(&mut self.line, &direction);
        let known = known(found, scale);
        if let (Verdict::Wrong, Evidence::Measured { value, .. }) = (known.verdict, known.evidence)
            && self.tolerates(leaf, direction[0].1, value)
        {
            return Known::OK;
        }
        match known.verdict {
            // Outputs that are not finite are left out of the measurement.
            Verdict::Wrong if !self.all_finite => Known::undecided(Undecided::NotFinite),
            // A factor of it may have left the range of numbers, which is no slip.
            Verdict::Wrong if !known.evidence.is_within(RANGE, scale) => {
                Known::undecided(Undecided::NoDigits)
            }
            _ => known,
        }
    }

    /// The file's tolerances allow the gradient of an entry to be off from the truth.
    fn tolerates(&self, leaf: &Leaf, at: usize, truth: f64) -> bool {
        let settings = &self.options.settings;
        let allowed = settings.atol.unwrap_or(0.0) + settings.rtol.unwrap_or(0.0) * truth.abs();
        self.place.gradient(leaf.id).get(at).is_some_and(|g| (g.to_f64() - truth).abs() <= allowed)
    }

    /// Takes the gradient that the ops' own backward gives as the truth, if it is right along the
    /// shared directions: a custom backward is then held against it, entry by entry.
    fn by_derived(&mut self, leaves: &mut [Leaf], entries: &[(usize, usize)]) -> bool {
        if self.graph.blocks.iter().all(|block| block.backward.is_none()) {
            return false;
        }
        let derived = derived(self.graph);
        let plan = Plan::new(&derived, &self.place.plan.wanted);
        let place = self.place.on(&plan);
        let mut line = place.line();
        let agree = (0..DIRECTIONS).all(|seed| {
            let direction = self.shared(leaves, entries, |count| part(count, seed));
            place.judge(&mut line, &direction) == Found::Agrees
        });
        if !agree {
            return false;
        }
        let largest = |own: &[Double]| own.iter().fold(0.0f64, |most, x| most.max(x.to_f64().abs()));
        for &(leaf, entry) in entries {
            let own = &mut leaves[leaf];
            let (truth, at) = (place.gradient(own.id), own.entries[entry]);
            let (right, got) = (truth[at], self.place.gradient(own.id)[at]);
            let apart = (got - right).to_f64().abs();
            let is_off = apart > 1e-12 * right.to_f64().abs() + 1e-18 * largest(truth);
            if is_off && !self.tolerates(own, at, right.to_f64()) {
                let evidence = Evidence::Measured { value: right.to_f64(), error: 0.0 };
                own.known[entry] = Known { verdict: Verdict::Wrong, evidence };
            }
        }
        true
    }

    fn not_finite(&mut self, leaves: &mut [Leaf]) {
        for leaf in leaves {
            for entry in 0..leaf.entries.len() {
                if !self.gradient_is_finite(leaf, entry) {
                    let known = self.one(leaf, entry);
                    leaf.known[entry] = match known.verdict {
                        Verdict::Wrong => known,
                        _ => Known::undecided(Undecided::NotFinite),
                    };
                }
            }
        }
    }

    /// Of what is right, tells what is 0 on both sides.
    fn zeros(&self, leaf: &mut Leaf) {
        let gradient = self.place.gradient(leaf.id);
        let cause = match gradient.is_empty() {
            true => ZeroCause::NoPath,
            false => ZeroCause::Flat,
        };
        for (known, &at) in leaf.known.iter_mut().zip(&leaf.entries) {
            if known.verdict == Verdict::Ok && gradient.get(at).is_none_or(|g| g.to_f64() == 0.0) {
                *known = Known { verdict: Verdict::Zero(cause), evidence: Evidence::Nothing };
            }
        }
    }
}

/// The verdict on one entry that moved by its scale.
fn known(found: Found, scale: f64) -> Known {
    match found {
        Found::Agrees => Known::OK,
        Found::Between { left, right } => {
            let evidence = Evidence::Slopes { left: left / scale, right: right / scale, error: 0.0 };
            Known { verdict: Verdict::Kink { step: None }, evidence }
        }
        Found::Beyond { left, right, error } => {
            let (left, right, error) = (left / scale, right / scale, error / scale);
            Known { verdict: Verdict::Wrong, evidence: Evidence::Slopes { left, right, error } }
        }
        Found::Differs { measured, error } => {
            let evidence = Evidence::Measured { value: measured / scale, error: error / scale };
            Known { verdict: Verdict::Wrong, evidence }
        }
        Found::Jumps => Known::undecided(Undecided::Jump),
        Found::Unknown => Known::undecided(Undecided::NoDigits),
    }
}

fn cost(plan: &Plan, step: &crate::plan::Step) -> usize {
    let largest = plan
        .input_slots(step)
        .iter()
        .chain([&plan.slot(step.output)])
        .map(|slot| slot.range().len())
        .max()
        .unwrap_or(1);
    step.kernel.flops(largest, None)
}
