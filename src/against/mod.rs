//! Numbers from elsewhere against a graph: what a kernel was given, what it gave, and a verdict for
//! every entry.
//!
//! # The route
//!
//! ```text
//! dump ──▶ claims ──▶ simulate ──▶ judge ──▶ slip
//! ```
//!
//! - `claims` lays a dump over the graph: inputs, upstream gradients, results and their formats.
//! - [`simulate`](crate::simulate) gives the precise results, and how far rounding may carry each.
//! - `judge` holds results against these: whole, from the inputs on; and alone, from the dump's own
//!   numbers before them, so that one fault is one line. `trend` are sums over many entries.
//! - `golden` turns it round: what a kernel's own tests can hold it against.
//! - `kinks` takes out what is off where the graph has no derivative.
//! - `slip` finds what wrong numbers have in common with the right ones.

mod claims;
mod golden;
mod judge;
mod kinks;
mod memory;
mod slip;
mod trend;

pub use claims::{Claim, Claimed, Claims, given, gradient_name, lay, measured_name, upstream_name};
pub use golden::{golden, round_inputs};
pub use judge::{BAR, Entry, Judged, Verdict, deviations};
pub use memory::fits;
pub use slip::Slip;
pub use trend::Trend;

use crate::{
    compare::{Loss, Trace, lost},
    double::Double,
    engine::{Meetings, Stored},
    graph::{Graph, Origin, ValueId},
    limits::Limits,
    plan::Plan,
    precision::Precision,
    shape::Shape,
    simulate::{Arithmetic, Given, meetings, precise, simulate, spread},
    tensor::Kind,
};
use judge::{Evidence, judge};

/// Roundings so many times as large show where one tips a branch.
const WIDE: f64 = 4.0;

/// Of what is wrong, so many are looked at for what the slip is; of what is undecided, for where digits are lost.
const MOST_FOLLOWED: usize = 64;

/// What all results of a kernel come to.
pub struct Against {
    /// In the order of computation.
    pub arrays: Vec<ArrayJudged>,
    pub from_file: Vec<ValueId>,
    pub upstreams_left: Vec<ValueId>,
    pub arithmetic: Arithmetic,
}

/// A result of the kernel, judged.
pub struct ArrayJudged {
    pub of: Stored,
    pub precision: Precision,
    pub size: usize,
    /// From the inputs on.
    pub whole: Judged,
    /// From the results that the dump has before it.
    pub alone: Judged,
    pub part: Part,
    /// What the wrong numbers are, where that is known.
    pub slip: Option<Slip>,
    /// Where its digits are lost, if it is undecided.
    pub loss: Option<Loss>,
}

/// What a result has to do with the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Ok,
    /// It is wrong alone, or nothing before it is.
    Fault,
    /// It is right, given what came before it.
    Follows,
    Undecided,
    /// It is off only where the graph has no derivative, or leads to such a place.
    Kink,
}

impl ArrayJudged {
    /// The numbers that its part hangs on.
    pub fn shown(&self) -> &Judged {
        match self.alone.verdict() {
            Verdict::Wrong => &self.alone,
            _ => &self.whole,
        }
    }
}

impl Against {
    /// The results that are at fault, in the order of computation.
    pub fn faults(&self) -> impl Iterator<Item = &ArrayJudged> {
        self.arrays.iter().filter(|array| array.part == Part::Fault)
    }

    pub fn verdict(&self) -> Verdict {
        let any = |part: Part| self.arrays.iter().any(|array| array.part == part);
        match () {
            () if any(Part::Fault) => Verdict::Wrong,
            () if any(Part::Undecided) || any(Part::Kink) => Verdict::Undecided,
            () => Verdict::Ok,
        }
    }
}

/// What the entries of one result are off by, run by run.
type OffByRun = Vec<Vec<f64>>;

/// Runs from one place on: the precise ones and those with random roundings.
struct Course<'a> {
    graph: &'a Graph,
    plan: &'a Plan<'a>,
    meetings: Meetings,
    asked: &'a [Stored],
    given: Option<&'a Given>,
    exact: Vec<Vec<Double>>,
    /// The largest number that a factor may be, at least 1.
    largest: f64,
}

impl<'a> Course<'a> {
    fn new(graph: &'a Graph, plan: &'a Plan<'a>, asked: &'a [Stored], given: Option<&'a Given>) -> Self {
        let meetings = meetings(plan);
        let exact = precise(plan, &meetings, asked, given);
        Self { graph, plan, meetings, asked, given, exact, largest: largest_factor(graph) }
    }

    /// What runs with random roundings are off by: by result, then by run.
    fn off(&self, arithmetic: &Arithmetic, scale: f64) -> Vec<OffByRun> {
        let runs = simulate(self.graph, self.plan, &self.meetings, arithmetic, scale, self.asked, self.given);
        let mut off: Vec<OffByRun> = vec![Vec::with_capacity(runs.len()); self.asked.len()];
        for run in runs {
            for ((off, exact), numbers) in off.iter_mut().zip(&self.exact).zip(run) {
                let apart = numbers.iter().zip(exact).map(|(&x, &exact)| (Double::from(x) - exact).to_f64());
                off.push(apart.collect());
            }
        }
        off
    }

    /// What each entry of a gradient is off by where factors meet in another order, and their first product is
    /// below the least normal number: it may be multiplied by what arrives at the outputs or what a leaf holds, or
    /// divided by what its own leaf holds, or be a multiple of that and divide.
    fn underflow(&self, claim: &Claim, exact: &[Double]) -> Vec<f64> {
        let Stored::Gradient(of) = claim.of else { return vec![0.0; claim.got.len()] };
        let least = claim.precision.least();
        let mut by = vec![least * self.largest; claim.got.len()];
        // Nothing can be divided by 0 again.
        for ((by, x), exact) in
            by.iter_mut().zip(held(self.graph, of)).zip(exact).filter(|((_, x), _)| *x != 0.0)
        {
            *by = by.max(least / x.abs() * exact.to_f64().abs().max(1.0));
        }
        by
    }

    /// Judges claims: beside what runs from this course's numbers are off by, what those from the inputs on are.
    fn judge(
        &self,
        claims: &[Claim],
        arithmetic: &Arithmetic,
        shapes: &[&Shape],
        (off, anew): (&[OffByRun], Option<&[OffByRun]>),
    ) -> Vec<Judged> {
        let mut wide: Option<Vec<OffByRun>> = None;
        let judged = claims.iter().zip(shapes).zip(0..).map(|((claim, shape), at)| {
            let evidence = Evidence {
                got: &claim.got,
                exact: &self.exact[at],
                off: &off[at],
                anew: anew.map(|anew| &*anew[at]),
                underflow: &self.underflow(claim, &self.exact[at]),
                precision: claim.precision,
                shape,
            };
            judge(&evidence, &mut || {
                let wide = wide.get_or_insert_with(|| self.off(arithmetic, WIDE));
                (WIDE, wide[at].clone())
            })
        });
        judged.collect()
    }
}

/// Judges what a kernel gave. Where it is another subgradient is looked for as far as `limits` allow.
pub fn against(graph: &Graph, claims: Claims, limits: &Limits) -> Against {
    let Claims { results, arithmetic, from_file, upstreams_left, wanted } = claims;
    let plan = Plan::new(graph, &wanted);
    let asked: Vec<Stored> = results.iter().map(|claim| claim.of).collect();
    let shapes: Vec<&Shape> = results.iter().map(|claim| shape_of(graph, claim.of)).collect();
    let given: Given = results.iter().map(|claim| (claim.of, claim.got.clone())).collect();
    let whole = Course::new(graph, &plan, &asked, None);
    let alone = Course::new(graph, &plan, &asked, Some(&given));
    let (off, off_alone) = (whole.off(&arithmetic, 1.0), alone.off(&arithmetic, 1.0));
    let judged = whole.judge(&results, &arithmetic, &shapes, (&off, None));
    let judged_alone = alone.judge(&results, &arithmetic, &shapes, (&off_alone, Some(&off)));
    // Formulas of backward rest on what holds of exact values: that centered ones sum to 0, or shares to 1.
    let rests_on_nothing = results.iter().zip(&judged).any(|(claim, judged)| match claim.of {
        Stored::Value(value) => judged.is_mostly_undecided() && whole.meetings.read_back(&plan, value),
        Stored::Gradient(_) => false,
    });
    let mut arrays = Vec::new();
    let mut is_wrong = false;
    for (at, (claim, (mut whole, alone))) in
        results.iter().zip(judged.into_iter().zip(judged_alone)).enumerate()
    {
        // What its parts share, and none of them has too much of, adds up.
        if alone.verdict() == Verdict::Ok && off[at] != off_alone[at] {
            whole.trend = None;
        }
        let part = match (whole.verdict(), alone.verdict()) {
            (_, Verdict::Wrong) | (Verdict::Wrong, _)
                if rests_on_nothing && matches!(claim.of, Stored::Gradient(_)) =>
            {
                Part::Undecided
            }
            (_, Verdict::Wrong) => Part::Fault,
            (Verdict::Wrong, _) if is_wrong => Part::Follows,
            (Verdict::Wrong, _) => Part::Fault,
            (Verdict::Undecided, _) | (_, Verdict::Undecided) => Part::Undecided,
            (Verdict::Ok, Verdict::Ok) => Part::Ok,
        };
        is_wrong |= part == Part::Fault;
        let (of, precision, size) = (claim.of, claim.precision, claim.got.len());
        arrays.push(ArrayJudged { of, precision, size, whole, alone, part, slip: None, loss: None });
    }
    kinks::excuse_kinks(graph, &results, &mut arrays, limits);
    let faults = arrays.iter_mut().enumerate().filter(|(_, array)| array.part == Part::Fault);
    for (at, array) in faults.take(MOST_FOLLOWED) {
        let course = if array.alone.verdict() == Verdict::Wrong { &alone } else { &whole };
        array.slip = slip::find(course, &arithmetic, &results, at, array.shown(), &shapes);
    }
    if arrays.iter().any(|array| array.part == Part::Undecided) {
        let spread = spread(graph, &plan, &arithmetic);
        let error = |stored| spread.relative(&plan, stored);
        let trace = Trace::new(graph, &plan, &spread.base);
        let undecided = arrays.iter_mut().filter(|array| array.part == Part::Undecided);
        for array in undecided.take(MOST_FOLLOWED) {
            array.loss = lost(&trace, array.of, arithmetic.storage.unit(), &error);
        }
    }
    Against { arrays, from_file, upstreams_left, arithmetic }
}

/// The largest number that arrives at the outputs or that a leaf holds.
fn largest_factor(graph: &Graph) -> f64 {
    let upstreams = graph.upstreams.iter().map(|(_, upstream)| upstream.to_floats());
    let factors = upstreams.chain(graph.ids().map(|id| held(graph, id))).flatten();
    factors.filter(|x| x.is_finite()).fold(1.0, |most: f64, x| most.max(x.abs()))
}

/// The numbers of a leaf.
fn held(graph: &Graph, id: ValueId) -> Vec<f64> {
    match &graph.value(id).origin {
        Origin::Leaf { data, .. } if data.kind() == Kind::Float => data.to_floats(),
        _ => Vec::new(),
    }
}

/// What each result may be off by, from the inputs on, in a precision.
pub fn bars(
    graph: &Graph,
    plan: &Plan,
    asked: &[Stored],
    arithmetic: &Arithmetic,
) -> Vec<(Vec<Double>, Vec<f64>)> {
    let course = Course::new(graph, plan, asked, None);
    let off = course.off(arithmetic, 1.0);
    let wide = course.off(arithmetic, WIDE);
    let all = course.exact.into_iter().zip(off.iter().zip(&wide)).zip(asked);
    all.map(|((exact, (off, wide)), &of)| {
        let bars = judge::bars(&exact, off, Some((WIDE, wide)), arithmetic.format(of)).0;
        (exact, bars)
    })
    .collect()
}

fn shape_of(graph: &Graph, of: Stored) -> &Shape {
    let (Stored::Value(id) | Stored::Gradient(id)) = of;
    &graph.value(id).ty.shape
}
