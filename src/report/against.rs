//! A kernel's numbers against a graph, for people and for programs.

use super::{
    json::{JSON_VERSION, float},
    location::{places, ratio_words, subject},
    loss::loss,
    number::{figure, grouped, index, indices, number},
    style::Style,
};
use crate::{
    against::{Against, ArrayJudged, Entry, Part, Slip, Trend, Verdict, gradient_name, upstream_name},
    compare::Which,
    engine::Stored,
    escape,
    graph::{Graph, Origin, Phase, ValueId},
    simulate::Arithmetic,
    source::SourceMap,
};
use comfy_table::CellAlignment;
use serde_json::{Value, json};

/// Entries listed of an array.
const LISTED: usize = 5;

/// Letters of a node that are quoted as they are written.
const LONGEST: usize = 80;

/// What was judged, and of which files.
#[derive(Clone, Copy)]
pub struct Judgement<'a> {
    pub against: &'a Against,
    pub graph: &'a Graph,
    pub sources: &'a SourceMap,
    pub file: &'a str,
    pub dump: &'a str,
}

impl<'a> Judgement<'a> {
    /// As the array is named in a dump.
    fn name(self, of: Stored) -> String {
        match of {
            Stored::Value(id) => self.graph.value(id).name.to_string(),
            Stored::Gradient(id) => gradient_name(&self.graph.value(id).name),
        }
    }

    /// By its name; a number, or a node without one, as it is written. In backticks.
    fn called(self, id: ValueId) -> String {
        let value = self.graph.value(id);
        let is_named = match value.origin {
            Origin::Literal(_) => false,
            Origin::Node(node) => self.graph.node(node).named,
            Origin::Leaf { .. } | Origin::Upstream(_) => true,
        };
        let text = self.sources.text(value.span);
        match self.sources.place(value.span) {
            Some(place) if !is_named && text.chars().all(|c| c.is_ascii_punctuation()) => {
                format!("`{text}` at {}:{}:{}", place.file, place.line, place.column)
            }
            Some(_) if !is_named && text.len() <= LONGEST && !text.contains('\n') => format!("`{text}`"),
            _ => format!("`{}`", value.name),
        }
    }

    fn shape(self, of: Stored) -> &'a [usize] {
        let (Stored::Value(id) | Stored::Gradient(id)) = of;
        &self.graph.value(id).ty.shape
    }

    /// Leaves and upstream gradients that hold what the file says.
    fn missing(self) -> Vec<String> {
        let Against { from_file, upstreams_left, .. } = self.against;
        let name = |&id: &ValueId| self.graph.value(id).name.to_string();
        let upstreams = upstreams_left.iter().map(|id| {
            let is_given = self.graph.upstreams.iter().any(|(of, _)| of == id);
            let ones = if is_given { "" } else { " (ones)" };
            format!("{}{ones}", upstream_name(&name(id)))
        });
        from_file.iter().map(name).chain(upstreams).collect()
    }
}

/// The judgement for people: a line an array, then what is not well, and the conclusion.
pub fn against(judgement: Judgement, style: Style) -> String {
    let Judgement { against, .. } = judgement;
    let mut out = format!(
        "{}  {}  {}\n",
        style.bold(&escape::line(judgement.file)),
        style.faint(&format!("against {}", escape::line(judgement.dump))),
        arithmetic(&against.arithmetic),
    );
    let missing = judgement.missing();
    if !missing.is_empty() {
        let words = format!("not in the dump, as the file says: {}\n", escape::line(&missing.join(", ")));
        out.push_str(&style.faint(&words));
    }
    out.push_str(&table(judgement, style));
    for array in &against.arrays {
        out.push_str(&remark(judgement, array, style));
    }
    out.push_str(&conclusion(judgement, style));
    out
}

/// In which formats what was done.
fn arithmetic(arithmetic: &Arithmetic) -> String {
    let factors = arithmetic.factors.map(|factors| format!(", factors of products in {}", factors.word()));
    format!(
        "stored in {}, computed in {}{}",
        arithmetic.storage.word(),
        arithmetic.accumulate.word(),
        factors.unwrap_or_default()
    )
}

fn table(judgement: Judgement, style: Style) -> String {
    let titles =
        ["array", "format", "entries", "ok", "undecided", "wrong", "worst", "median", "allowed", "verdict"];
    let mut table = style.table(titles);
    for column in table.column_iter_mut().skip(2).take(7) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for array in &judgement.against.arrays {
        let shown = array.shown();
        let count = |count: usize| if count == 0 { "·".to_string() } else { grouped(count) };
        let ulps = |ulps: f64| format!("{} ulp", figure(ulps));
        table.add_row([
            format!("{} {}", escape::line(&judgement.name(array.of)), shape(judgement.shape(array.of))),
            array.precision.word().to_string(),
            grouped(array.size),
            count(shown.ok),
            count(shown.undecided),
            count(shown.wrong),
            ulps(shown.worst_ulps),
            ulps(shown.median_ulps),
            ulps(shown.bar_ulps),
            match array.part {
                Part::Ok => style.good("ok"),
                Part::Fault => style.bad("wrong"),
                Part::Follows => style.faint("follows"),
                Part::Undecided => style.doubtful("undecided"),
                Part::Kink => style.doubtful("kink"),
            },
        ]);
    }
    style.laid_out(&table)
}

fn shape(shape: &[usize]) -> String {
    let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("[{}]", lengths.join(", "))
}

/// What is to be said of an array that is not well.
fn remark(judgement: Judgement, array: &ArrayJudged, style: Style) -> String {
    let name = escape::line(&judgement.name(array.of)).to_string();
    let shown = array.shown();
    match array.part {
        Part::Ok | Part::Follows => String::new(),
        Part::Kink => {
            format!(
                "{}       {name} is off only where the graph has no derivative: subgradients differ there\n",
                style.doubtful("kink")
            )
        }
        Part::Undecided => {
            let words = array.loss.as_ref().map(|found| loss(found, judgement.graph, judgement.sources));
            let words = words.map_or(String::new(), |words| format!(": {}", escape::line(&words)));
            let format = array.precision.word();
            format!(
                "{}  {name}: rounding in {format} may be as large as the numbers{words}\n",
                style.doubtful("undecided")
            )
        }
        Part::Fault => {
            let alone = array.alone.verdict() == Verdict::Wrong && judgement.against.arrays.len() > 1;
            let how = if alone { ", given what the dump has before it" } else { "" };
            let mut out = format!("{}  {name}{how}\n", style.bad("wrong"));
            for Entry { at, got, exact, bar } in shown.entries.iter().take(LISTED) {
                let index = index(*at, judgement.shape(array.of));
                out.push_str(&format!(
                    "       {name}{index} is {}, precisely {} ± {}\n",
                    number(*got),
                    number(*exact),
                    figure(*bar)
                ));
            }
            if shown.wrong > LISTED.min(shown.entries.len()) {
                let more = shown.wrong - LISTED.min(shown.entries.len());
                out.push_str(&style.faint(&format!("       and {} more\n", grouped(more))));
            }
            if let Some(trend) = &shown.trend {
                out.push_str(&format!("       {}\n", trend_words(trend)));
            }
            if let Some(slip) = &array.slip {
                out.push_str(&format!("  why  {}\n", escape::line(&slip_words(judgement, slip))));
            }
            out
        }
    }
}

fn conclusion(judgement: Judgement, style: Style) -> String {
    let Judgement { against, .. } = judgement;
    let arrays = |count: usize| if count == 1 { "1 array".to_string() } else { format!("{count} arrays") };
    let faults: Vec<String> =
        against.faults().map(|array| escape::line(&judgement.name(array.of)).to_string()).collect();
    let follow: Vec<String> = against
        .arrays
        .iter()
        .filter(|array| array.part == Part::Follows)
        .map(|array| escape::line(&judgement.name(array.of)).to_string())
        .collect();
    match against.verdict() {
        Verdict::Ok => {
            format!("{}  {} within what rounding explains\n", style.good("ok"), arrays(against.arrays.len()))
        }
        Verdict::Undecided if !against.arrays.iter().any(|array| array.part == Part::Undecided) => format!(
            "{}  on a kink nobody can say which subgradient is right; move the inputs a little\n",
            style.doubtful("undecided")
        ),
        Verdict::Undecided => {
            format!(
                "{}  rounding in this precision leaves too few digits to say\n",
                style.doubtful("undecided")
            )
        }
        Verdict::Wrong => {
            let rest = match &follow[..] {
                [] => String::new(),
                follow => format!("; {} only follow", follow.join(", ")),
            };
            let first = if faults.len() > 1 { format!(", first {}", faults[0]) } else { String::new() };
            let all = if faults.len() > 1 { arrays(faults.len()) } else { faults.join("") };
            let verb = if faults.len() > 1 { "are" } else { "is" };
            format!("{}  {all} {verb} off by more than rounding explains{first}{rest}\n", style.bad("wrong"))
        }
    }
}

/// What a sum over an array shows.
fn trend_words(trend: &Trend) -> String {
    match trend {
        Trend::Factor(factor) => {
            format!("no entry stands out, and all together are {} times what they should be", six(*factor))
        }
        Trend::Slice { axis, index, factor } => format!(
            "no entry stands out, and those with index {index} on axis {axis} together are {} times what they \
             should be",
            six(*factor)
        ),
        Trend::Shift(ulps) => format!(
            "no entry stands out, and all together are {} by {} ulp on average",
            if *ulps > 0.0 { "too large" } else { "too small" },
            figure(ulps.abs())
        ),
        Trend::Drift { axis, by } => format!(
            "no entry stands out, and along axis {axis} they drift by {} ulp from one end to the other",
            figure(*by)
        ),
    }
}

fn six(value: f64) -> String {
    number(format!("{value:.5e}").parse().unwrap_or(value))
}

/// What a slip says.
fn slip_words(judgement: Judgement, slip: &Slip) -> String {
    let name = |id: &ValueId| judgement.called(*id);
    let gradient = |id: &ValueId| gradient_name(&judgement.graph.value(*id).name);
    match slip {
        Slip::Overflow { at, greatest, precision } => format!(
            "`{}` reaches {}, and the greatest {} is {}: scale before, or accumulate in a wider format",
            judgement.name(*at),
            six(*greatest),
            precision.word(),
            number(precision.greatest())
        ),
        Slip::Zero(Which::Every) => "every entry is 0: was it written at all?".to_string(),
        Slip::Zero(of) => format!("{} 0: was every part written?", subject(of)),
        Slip::Ratio { factor, of } => ratio_words(factor, of),
        Slip::Another(of) => format!("it is the right `{}`: are the two swapped?", judgement.name(*of)),
        Slip::Moved(how) => format!("it is the right numbers in other places, {}", places(how)),
        Slip::AsIf { of, value, from } => {
            let where_ = if *from == Phase::Backward { " in backward" } else { "" };
            let left_out = if matches!(value, 0.0 | 1.0) { ": is that left out?" } else { "" };
            format!("it is right for {} in place of {}{where_}{left_out}", number(*value), name(of))
        }
        Slip::LeafMoved { of, how } => {
            format!("it is right with {} {}", name(of), places(how))
        }
        Slip::Upstream { of, value } => format!(
            "it is right for an upstream gradient of {} all over at {}: is {} left out?",
            number(*value),
            name(of),
            gradient(of)
        ),
        Slip::Stored(precision) => {
            format!("all its numbers are {}: was it stored in that on the way?", precision.word())
        }
        Slip::LeftOut { of, axis, index } => format!(
            "it is right with {} 0 at index {index} of axis {axis}: does a loop leave that out?",
            name(of)
        ),
        Slip::Without(of) => format!("it is right without {}: is that term left out?", name(of)),
        Slip::WithoutPart { to, from } => format!(
            "it is right without what {} sends back to {}: is that path left out?",
            name(from),
            name(to)
        ),
        Slip::Accumulated(precision) => {
            format!("it is what comes of sums that are accumulated in {}", precision.word())
        }
        Slip::Factors(precision) => {
            format!("it is what comes of products whose factors are rounded to {}", precision.word())
        }
        Slip::Between(precision) => {
            format!("it is what comes of storing, or summing, what lies between in {}", precision.word())
        }
        Slip::Lie(of) => match of {
            Which::One { at } => format!("only entry {at:?} is wrong"),
            Which::Slice { axis, first, last } if first == last => {
                format!("only entries with index {first} on axis {axis} are wrong")
            }
            Which::Slice { axis, first, last } => {
                format!("only entries with indices {first} to {last} on axis {axis} are wrong")
            }
            Which::Some { wrong, all } => format!("{wrong} of {all} entries are wrong, in no pattern"),
            Which::Every => "every entry is wrong".to_string(),
        },
    }
}

/// The short name of a slip, for programs.
fn slip_kind(slip: &Slip) -> &'static str {
    match slip {
        Slip::Overflow { .. } => "overflow",
        Slip::Zero(_) => "zero",
        Slip::Ratio { .. } => "ratio",
        Slip::Another(_) => "of another",
        Slip::Moved(_) => "moved",
        Slip::AsIf { .. } => "as if",
        Slip::LeafMoved { .. } => "leaf moved",
        Slip::Upstream { .. } => "upstream",
        Slip::Stored(_) => "stored",
        Slip::LeftOut { .. } | Slip::Without(_) | Slip::WithoutPart { .. } => "left out",
        Slip::Accumulated(_) => "accumulated",
        Slip::Factors(_) => "factors",
        Slip::Between(_) => "between",
        Slip::Lie(_) => "place",
    }
}

/// The judgement for programs.
pub fn against_object(judgement: Judgement) -> Value {
    let Judgement { against, graph, sources, file, dump } = judgement;
    json!({
        "version": JSON_VERSION,
        "file": file,
        "title": graph.title,
        "against": {
            "dump": dump,
            "verdict": verdict_word(against.verdict()),
            "storage": against.arithmetic.storage.word(),
            "accumulate": against.arithmetic.accumulate.word(),
            "factors": against.arithmetic.factors.map(|factors| factors.word()),
            "from_file": judgement.missing(),
            "first": against.faults().next().map(|array| judgement.name(array.of)),
            "arrays": against.arrays.iter().map(|array| {
                let shown = array.shown();
                json!({
                    "name": judgement.name(array.of),
                    "shape": judgement.shape(array.of),
                    "format": array.precision.word(),
                    "verdict": match array.part {
                        Part::Ok => "ok",
                        Part::Fault => "wrong",
                        Part::Follows => "follows",
                        Part::Undecided => "undecided",
                        Part::Kink => "kink",
                    },
                    "whole": verdict_word(array.whole.verdict()),
                    "alone": verdict_word(array.alone.verdict()),
                    "entries": array.size,
                    "ok": shown.ok,
                    "undecided": shown.undecided,
                    "wrong": shown.wrong,
                    "ulps": {
                        "worst": float(shown.worst_ulps),
                        "median": float(shown.median_ulps),
                        "allowed": float(shown.bar_ulps),
                    },
                    "trend": shown.trend.as_ref().map(trend_words),
                    "pattern": array.slip.as_ref().map(slip_kind),
                    "text": array.slip.as_ref().map(|slip| slip_words(judgement, slip)),
                    "loss": array.loss.as_ref().map(|found| loss(found, graph, sources)),
                    "findings": shown.entries.iter().map(|entry| json!({
                        "index": indices(entry.at, judgement.shape(array.of)),
                        "got": float(entry.got),
                        "precise": float(entry.exact),
                        "allowed": float(entry.bar),
                    })).collect::<Vec<_>>(),
                })
            }).collect::<Vec<_>>(),
        },
    })
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Wrong => "wrong",
        Verdict::Undecided => "undecided",
    }
}
