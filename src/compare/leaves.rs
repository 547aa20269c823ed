//! Every entry of every leaf: all at once along a few directions, and one by one only where
//! a direction disagrees.

use super::{
    Options,
    by_ops::{is_by_ops, is_nothing_hidden},
    derived::derived,
    measure::{Direction, Line, Moves},
    place::{Found, Place, part},
    verdict::{Evidence, Undecided, Verdict},
};
use crate::{double::Double, graph::Graph, graph::ValueId, plan::Plan};
use std::collections::BTreeMap;

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

    pub(super) const COMPOSED: Self =
        Self { verdict: Verdict::Kink { step: None }, evidence: Evidence::Composed };

    pub(super) fn undecided(why: Undecided) -> Self {
        Self { verdict: Verdict::Undecided(why), evidence: Evidence::Nothing }
    }
}

/// The verdicts on the entries of one leaf.
pub struct Leaf {
    pub id: ValueId,
    /// How many entries are looked at, evenly spread.
    pub count: usize,
    /// The verdicts that are not ok.
    pub exceptions: BTreeMap<usize, Known>,
    scales: Vec<f64>,
}

impl Leaf {
    /// The place in the leaf of the entry that is looked at with this number.
    pub fn entry(&self, number: usize) -> usize {
        if self.count == self.scales.len() { number } else { number * self.scales.len() / self.count }
    }

    pub fn known(&self, number: usize) -> Known {
        self.exceptions.get(&number).copied().unwrap_or(Known::OK)
    }

    pub fn know(&mut self, number: usize, known: Known) {
        if known.verdict == Verdict::Ok {
            self.exceptions.remove(&number);
        } else {
            self.exceptions.insert(number, known);
        }
    }

    /// One entry, moved by so much of its scale.
    pub fn single(&self, number: usize, part: f64) -> Moves {
        let entry = self.entry(number);
        Moves { leaf: self.id, by: vec![(entry, part * self.scales[entry])] }
    }
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

/// A leaf and the numbers of some of its entries.
type Part<'a> = (usize, &'a [usize]);

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
            leaves.iter_mut().for_each(|leaf| leaf.count = 0);
            return leaves;
        }
        let finite = |leaf: &Leaf| -> Vec<usize> {
            (0..leaf.count).filter(|&number| self.gradient_is_finite(leaf, number)).collect()
        };
        let open: Vec<Vec<usize>> = leaves.iter().map(finite).collect();
        let open: Vec<Part> = open.iter().enumerate().map(|(leaf, own)| (leaf, &own[..])).collect();
        if !self.agrees(&leaves, &open) {
            for &own in &open {
                if leaves.len() == 1 || !self.agrees(&leaves, &[own]) {
                    self.search(&mut leaves, own);
                }
            }
            self.tied(&mut leaves);
        }
        self.not_finite(&mut leaves);
        leaves
    }

    fn leaf(&self, id: ValueId) -> Leaf {
        let scales = self.place.scales(id);
        let count = self.options.settings.looked_at(scales.len());
        Leaf { id, count, exceptions: BTreeMap::new(), scales }
    }

    fn gradient_is_finite(&self, leaf: &Leaf, number: usize) -> bool {
        self.place.gradient(leaf.id).get(leaf.entry(number)).is_none_or(|g| g.is_finite())
    }

    /// The gradient is right along directions that all of these entries share, smoothly.
    fn agrees(&mut self, leaves: &[Leaf], entries: &[Part]) -> bool {
        entries.iter().all(|(_, own)| own.is_empty())
            || (0..DIRECTIONS).all(|seed| {
                let direction = self.shared(leaves, entries, seed);
                // What is blurred was held against the ops' own backward as a whole.
                match self.place.judge(&mut self.line, &direction) {
                    Found::Agrees => is_nothing_hidden(self.graph, self.place, &direction),
                    Found::Blurred => is_by_ops(self.graph, self.place, &direction),
                    _ => false,
                }
            })
    }

    /// What the measurement says along a direction. Where it shows nothing but rounding, a custom
    /// backward must give what the ops' own does.
    fn judge(&mut self, direction: &Direction) -> Found {
        match self.place.judge(&mut self.line, direction) {
            Found::Blurred if is_by_ops(self.graph, self.place, direction) => Found::Agrees,
            found => found,
        }
    }

    /// A direction in which every leaf has about the same share. The gradient sets the shares,
    /// never a verdict.
    fn shared(&self, leaves: &[Leaf], entries: &[Part], seed: u64) -> Vec<Moves> {
        let mut count = 0;
        let mut direction: Vec<Moves> = entries
            .iter()
            .map(|&(leaf, own)| {
                let leaf = &leaves[leaf];
                let by = own.iter().map(|&number| {
                    let entry = leaf.entry(number);
                    count += 1;
                    (entry, part(count - 1, seed) * leaf.scales[entry])
                });
                Moves { leaf: leaf.id, by: by.collect() }
            })
            .collect();
        let sizes: Vec<f64> = direction.iter().map(|own| self.place.size(own)).collect();
        let least = sizes.iter().copied().filter(|size| *size > 0.0).fold(f64::INFINITY, f64::min);
        for (own, size) in direction.iter_mut().zip(sizes) {
            if size > 0.0 && least.is_finite() {
                // A leaf that hardly matters keeps its step, the others take smaller ones.
                let share = (least / size).max(1e-12);
                own.by.iter_mut().for_each(|(_, part)| *part *= share);
            }
        }
        direction
    }

    /// Finds the entries that are wrong, on a kink or undecided: by the derived gradient where that is
    /// right, else by halving.
    fn search(&mut self, leaves: &mut [Leaf], (leaf, entries): Part) {
        if entries.len() > self.left
            && (self.by_derived(leaves, (leaf, entries)) || self.are_on_kinks(leaves, (leaf, entries)))
        {
            return;
        }
        let mut open = vec![entries];
        while let Some(set) = open.pop() {
            // What nobody looked at is not said to be right.
            if self.left == 0 || self.options.is_cancelled() {
                let known = Known::undecided(Undecided::TooMany);
                set.iter().for_each(|&entry| leaves[leaf].know(entry, known));
                continue;
            }
            self.left -= 1;
            if let [entry] = *set {
                let known = self.one(&leaves[leaf], entry);
                leaves[leaf].know(entry, known);
            } else if set.len() <= 4 || !self.agrees(leaves, &[(leaf, set)]) {
                let (left, right) = set.split_at(set.len() / 2);
                open.extend([right, left]);
            }
        }
    }

    fn one(&mut self, leaf: &Leaf, number: usize) -> Known {
        let entry = leaf.entry(number);
        let scale = leaf.scales[entry];
        let direction = [leaf.single(number, 1.0)];
        let known = known(self.judge(&direction), scale);
        // Where numbers are tied, what the last digits decide is not known either.
        if matches!(known.verdict, Verdict::Wrong | Verdict::Undecided(Undecided::NoDigits))
            && self.is_composed(&direction)
        {
            return Known::COMPOSED;
        }
        if let (Verdict::Wrong, Evidence::Measured { value, .. }) = (known.verdict, known.evidence)
            && self.tolerates(leaf, entry, value)
        {
            return Known::OK;
        }
        let backward = self.place.gradient(leaf.id).get(entry).map_or(0.0, |g| g.to_f64());
        match known.verdict {
            // Outputs that are not finite are left out of the measurement.
            Verdict::Wrong | Verdict::Undecided(Undecided::NoDigits) if !self.all_finite => {
                Known::undecided(Undecided::NotFinite)
            }
            // A factor of it may have left the range of numbers, which is no slip.
            Verdict::Wrong if !known.evidence.is_within(RANGE, backward, scale) => {
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
    fn by_derived(&mut self, leaves: &mut [Leaf], entries: Part) -> bool {
        if !self.graph.has_custom_backward() {
            return false;
        }
        let derived = derived(self.graph);
        let plan = Plan::new(&derived, &self.place.plan.wanted);
        let place = self.place.on(&plan);
        let mut line = place.line();
        let agree = (0..DIRECTIONS).all(|seed| {
            let direction = self.shared(leaves, &[entries], seed);
            matches!(place.judge(&mut line, &direction), Found::Agrees | Found::Blurred)
        });
        if !agree {
            return false;
        }
        let (leaf, entries) = entries;
        let own = &mut leaves[leaf];
        let truth = place.gradient(own.id);
        let differs = differs(self.place.gradient(own.id), truth);
        for &number in entries {
            let at = own.entry(number);
            let right = truth[at].to_f64();
            if differs(at) && !self.tolerates(own, at, right) {
                let evidence = Evidence::Measured { value: right, error: 0.0 };
                own.know(number, Known { verdict: Verdict::Wrong, evidence });
            }
        }
        true
    }

    /// So many entries stand on kinks that they are not looked at one by one, as in a layer whose weights
    /// are all 0.
    fn are_on_kinks(&mut self, leaves: &mut [Leaf], (leaf, entries): Part) -> bool {
        let directions: Vec<Vec<Moves>> =
            (0..DIRECTIONS).map(|seed| self.shared(leaves, &[(leaf, entries)], seed)).collect();
        let are = self.is_right_beside(&directions);
        if are {
            entries.iter().for_each(|&entry| leaves[leaf].know(entry, Known::COMPOSED));
        }
        are
    }

    /// The gradient is what the ops' own backward gives, and beside the kinks it is right.
    pub(super) fn is_right_beside(&mut self, directions: &[Vec<Moves>]) -> bool {
        if !directions.iter().all(|direction| self.is_composed(direction)) {
            return false;
        }
        let beside = self.place.beside();
        let mut line = beside.line();
        directions.iter().all(|direction| beside.judge(&mut line, direction) == Found::Agrees)
    }

    /// Kinks of several elements meet along this direction, and the gradient is what the ops' own
    /// backward gives. There the slopes that ops take, each one of its own, need not come to a slope of
    /// the whole: relu(x) - relu(-x) has the slope 1 at 0, and the ops' backward is 0.
    pub(super) fn is_composed(&mut self, direction: &Direction) -> bool {
        self.line.turns(direction) > 1 && is_by_ops(self.graph, self.place, direction)
    }

    fn not_finite(&mut self, leaves: &mut [Leaf]) {
        for leaf in leaves {
            for number in 0..leaf.count {
                if !self.gradient_is_finite(leaf, number) {
                    let known = match self.one(leaf, number) {
                        known if known.verdict == Verdict::Wrong => known,
                        _ => Known::undecided(Undecided::NotFinite),
                    };
                    leaf.know(number, known);
                }
            }
        }
    }
}

/// Whether an entry of a gradient is another than the true one.
fn differs(gradient: &[Double], truth: &[Double]) -> impl Fn(usize) -> bool {
    let largest = truth.iter().fold(0.0f64, |most, x| most.max(x.to_f64().abs()));
    move |at| {
        let apart = (gradient[at] - truth[at]).to_f64().abs();
        apart > 1e-12 * truth[at].to_f64().abs() + 1e-18 * largest
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
        Found::Blurred | Found::Unknown => Known::undecided(Undecided::NoDigits),
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
