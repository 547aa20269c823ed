//! A failure in words: what every format says of it.

use super::FAILURES;
use crate::{
    compare::TensorComparison,
    diagnostic::Diagnostic,
    graph::Graph,
    regress::{Failure, Mismatch, Tested},
    report::{
        Style,
        comparison::findings,
        location::{NO_PATTERN, culprits, words},
        not_finite::origin,
        number::{figure, index, number},
    },
    source::{Place, SourceMap},
    syntax::Tolerance,
};

/// A failure, put into words once for all formats.
pub struct Told {
    /// For programs.
    pub kind: &'static str,
    /// What it is about, over the facts.
    pub title: String,
    /// All in one line.
    pub words: String,
    /// The guilty line.
    pub place: Option<Place>,
    /// What else is known, a line each.
    pub facts: Vec<String>,
    /// Further guilty lines.
    pub elsewhere: Vec<(Place, String)>,
}

/// Puts a failure into words.
pub fn told(failure: &Failure, tested: &Tested) -> Told {
    let place = |span| tested.sources.place(span);
    let plain = |kind, words: String, place| Told {
        kind,
        title: words.clone(),
        words,
        place,
        facts: Vec::new(),
        elsewhere: Vec::new(),
    };
    match failure {
        Failure::Refused(refusal) => {
            let (first, more) = refusal.told(1);
            let first = first.first();
            let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
            let message = first.map_or("refused", |fault| fault.message.as_str());
            let place_of_first = first.and_then(|fault| fault.span()).and_then(place);
            let shown = refusal.told(FAILURES).0;
            let facts = shown.iter().flat_map(|fault| fault_facts(fault, &tested.sources)).collect();
            let others = shown.iter().skip(1);
            let elsewhere =
                others.filter_map(|fault| Some((fault.span().and_then(place)?, short(&fault.message))));
            Told {
                facts,
                elsewhere: elsewhere.collect(),
                ..plain("refused", format!("{message}{more}"), place_of_first)
            }
        }
        Failure::NotRefused { message, span } => plain(
            "not refused",
            format!("expected to be refused with \"{message}\", and was not"),
            place(*span),
        ),
        Failure::Mismatch(mismatch) => {
            let index = index(mismatch.farthest.entry, &mismatch.shape);
            let title = format!("{}{index}", mismatch.name);
            let (want, got) = (wanted(mismatch), number(mismatch.farthest.got));
            let words = format!("{title}: wanted {want}, got {got}");
            Told { title, facts: mismatch_facts(mismatch), ..plain("mismatch", words, place(mismatch.span)) }
        }
        Failure::WrongShape { name, span, want, got } => {
            plain("shape", format!("{name}: wanted {want}, got {got}"), place(*span))
        }
        Failure::Verdict { expected, got } => {
            let head = match expected {
                Some((expected, _)) => format!("the comparison was expected to be {expected}, and is {got}"),
                None => format!("the comparison is {got}"),
            };
            let Guilt { why, place: guilty, facts, mut elsewhere } = guilt(tested);
            let words = if why.is_empty() { head } else { format!("{head}: {why}") };
            let place = match expected {
                // The expectation is what failed, and the line to blame is another.
                Some((_, span)) => {
                    elsewhere.splice(0..0, guilty.map(|guilty| (guilty, why)));
                    place(*span)
                }
                None => guilty,
            };
            Told { facts, elsewhere, ..plain("verdict", words, place) }
        }
        Failure::Unexpected { reason, span } => {
            plain("xpass", format!("expected to fail ({reason}), and passes"), place(*span))
        }
        Failure::NotBlessed(why) => plain("not blessed", why.clone(), None),
        Failure::Timeout { seconds } => {
            plain("timeout", format!("timed out after {} s", number(*seconds)), None)
        }
        Failure::Internal(words) => plain("fault", format!("graphrun itself failed: {words}"), None),
    }
}

/// Characters of a fact: names of a file may be of any length.
const FACT: usize = 300;

/// A sentence that is not too long for a list.
pub fn short(words: &str) -> String {
    match words.char_indices().nth(FACT) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.to_string(),
    }
}

fn fault_facts(fault: &Diagnostic, sources: &SourceMap) -> Vec<String> {
    let place = fault.span().and_then(|span| sources.place(span));
    let place =
        place.map_or(String::new(), |place| format!("{}:{}:{}: ", place.file, place.line, place.column));
    let label = fault.labels.first().map_or(String::new(), |label| format!(": {}", short(&label.text)));
    let help = fault.help.iter().map(|help| short(&format!("help: {help}")));
    std::iter::once(format!("{place}{}{label}", short(&fault.message))).chain(help).collect()
}

/// What was wanted of the entry that is farthest off, and by what.
fn wanted(mismatch: &Mismatch) -> String {
    let by = mismatch.formula.as_ref().map_or(String::new(), |formula| format!(" by `{formula}`"));
    format!("{}{by}", number(mismatch.farthest.want))
}

fn mismatch_facts(mismatch: &Mismatch) -> Vec<String> {
    let farthest = mismatch.farthest;
    let tolerance = match mismatch.within {
        _ if !mismatch.needs.is_finite() => format!("{}; no tolerance would pass", mismatch.within),
        Tolerance::Rounding(format) => {
            let times = figure(mismatch.needs);
            format!("what rounding in {} explains; it is off by {times} times that", format.word())
        }
        within => format!("{within}; it would pass `within {}`", needed(within, mismatch.needs)),
    };
    let mut facts = vec![
        format!("wanted      {}", wanted(mismatch)),
        format!("got         {}", number(farthest.got)),
        format!("difference  {}", figure((farthest.got - farthest.want).abs())),
        format!("tolerance   {tolerance}"),
    ];
    if mismatch.outside > 1 {
        let (first, all) = (mismatch.first, mismatch.shape.size());
        let at = match first.entry == farthest.entry {
            true => "this is the first".to_string(),
            false => format!(
                "the first at {}: wanted {}, got {}",
                index(first.entry, &mismatch.shape),
                number(first.want),
                number(first.got)
            ),
        };
        facts.push(format!("{} of {all} entries are outside of it, {at}", mismatch.outside));
    }
    facts
}

/// Who is to blame for a comparison that failed.
#[derive(Default)]
struct Guilt {
    /// The first to blame; empty where nothing is.
    why: String,
    place: Option<Place>,
    /// All that was found.
    facts: Vec<String>,
    elsewhere: Vec<(Place, String)>,
}

fn guilt(tested: &Tested) -> Guilt {
    let (Some(comparison), Some(graph)) = (&tested.comparison, &tested.graph) else {
        return Guilt::default();
    };
    let blamed = culprits(&comparison.location, graph, &tested.sources);
    let mut blamed = blamed.iter().flat_map(|culprit| {
        let what = if culprit.is_block { "block" } else { "op" };
        culprit.inputs.iter().map(move |input| {
            let slip = input.pattern.map_or(NO_PATTERN.to_string(), words);
            let place = input.place.clone().or_else(|| culprit.place.clone());
            (place, format!("{what} `{}`, its gradient for {}: {slip}", culprit.of, input.name))
        })
    });
    let first = blamed.next();
    let elsewhere = blamed.filter_map(|(place, words)| Some((place?, words))).collect();
    let not_finite = || Some((None, origin(comparison.not_finite.as_ref()?, graph, &tested.sources)));
    let (place, why) = first.or_else(not_finite).unwrap_or_default();
    let found = findings(comparison, graph, &tested.sources, Style { color: false });
    Guilt {
        why,
        place: place.or_else(|| suspect(tested, graph)),
        facts: found.lines().map(str::to_string).collect(),
        elsewhere,
    }
}

/// Where to look when no node is to blame: what made a NaN, or the first leaf that is not well.
fn suspect(tested: &Tested, graph: &Graph) -> Option<Place> {
    let comparison = tested.comparison.as_ref()?;
    let made = comparison.not_finite.as_ref().map(|found| match &found.made_by {
        Some(made) => graph.node(made.node).span,
        None => graph.value(found.value).span,
    });
    let is_unwell = |tensor: &&TensorComparison| tensor.wrong + tensor.undecided > 0;
    let leaf = || Some(graph.value(comparison.tensors.iter().find(is_unwell)?.leaf).span);
    tested.sources.place(made.or_else(leaf)?)
}

/// The smallest tolerance of two digits that would pass.
/// A tolerance of the same kind that would do.
pub fn needed(within: Tolerance, needs: f64) -> Tolerance {
    match within {
        Tolerance::Part(_) => Tolerance::Part(tolerance_text(needs).parse().unwrap_or(needs)),
        Tolerance::Ulps(_, format) => Tolerance::Ulps(needs.ceil(), format),
        Tolerance::Rounding(_) => within,
    }
}

/// The error beside a tolerance, in its unit.
pub fn error_text(within: Tolerance, error: f64) -> String {
    match within {
        Tolerance::Part(_) => figure(error),
        Tolerance::Ulps(..) => format!("{} ulp", figure(error)),
        Tolerance::Rounding(_) => format!("{} of it", figure(error)),
    }
}

/// How many times as large as the error a tolerance is.
pub fn slack(within: Tolerance, error: f64) -> f64 {
    match within {
        Tolerance::Part(most) | Tolerance::Ulps(most, _) => most / error,
        Tolerance::Rounding(_) => 1.0 / error,
    }
}

fn tolerance_text(needs: f64) -> String {
    if !needs.is_finite() {
        return "none".to_string();
    }
    // Nearest first, then up: a tolerance just under the error would fail again.
    let near: f64 = format!("{needs:.1e}").parse().unwrap_or(needs);
    let step = 10f64.powi(near.abs().log10().floor() as i32 - 1);
    let above: f64 = format!("{:.1e}", near + step).parse().unwrap_or(needs);
    match (near >= needs, above >= needs && above.is_finite()) {
        (true, _) => number(near),
        (false, true) => number(above),
        (false, false) => number(needs),
    }
}

#[cfg(test)]
mod unit {
    #[test]
    fn tolerances_are_rounded_up() {
        let texts = [0.04761, 1e-9, 3.0001e-7].map(super::tolerance_text);
        assert_eq!(texts, ["0.048", "1e-9", "3.1e-7"]);
        assert_eq!(super::tolerance_text(f64::INFINITY), "none");
        // 1.1 - 1 is a little more than 0.1.
        assert_eq!(super::tolerance_text(1.1 - 1.0), "0.11");
        for needs in [1.1 - 1.0, 0.99 + f64::EPSILON, 9.96, 12345.0, 1e-320, 5e-324, f64::MAX] {
            let text = super::tolerance_text(needs);
            assert!(text.parse::<f64>().is_ok_and(|within| within >= needs), "{needs:e}: {text}");
        }
    }
}
