//! Where digits are lost, why, and what to do, in words.

use super::{
    super::{
        loss::{expression, place},
        number::{figure, grouped, number},
    },
    Counted,
};
use crate::{
    compare::LossPlace,
    digits::{Cause, Lost},
    engine::Stored,
    precision::Precision,
};

/// Where digits are lost, why, and what to do.
pub(super) fn lost_words(counted: Counted, lost: &Lost) -> String {
    let Counted { graph, sources, .. } = counted;
    let place = place(&lost.loss, graph, sources);
    let place = place.map_or(String::new(), |place| format!(" ({}:{})", place.file, place.line));
    let what = match lost.loss.place {
        LossPlace::Node(node) => format!("`{}`", expression(graph, node)),
        LossPlace::Back(node) => {
            format!("going back through `{}` to {}", expression(graph, node), counted.name(lost.at))
        }
        LossPlace::Sum(_) => format!("the sum of what comes back, {},", counted.name(lost.at)),
    };
    let count = format!("{:.1}", lost.loss.digits);
    let plural = if count == "1.0" { "digit" } else { "digits" };
    format!("{what} loses {count} {plural}{place}: {}; {}", why(counted, lost), remedy(counted, lost))
}

/// Three digits are enough to read a size by.
fn rough(value: f64) -> String {
    number(format!("{value:.1e}").parse().unwrap_or(value))
}

/// The end of a format, whole where it is short.
pub(super) fn end(at: f64) -> String {
    if (1.0..1e6).contains(&at) { number(at) } else { rough(at) }
}

/// Why digits are lost.
pub(super) fn why(counted: Counted, lost: &Lost) -> String {
    let arithmetic = &counted.digits.arithmetic;
    let format = arithmetic.format(lost.at).word();
    match &lost.cause {
        Cause::Overflow { reaches, greatest, .. } => {
            let format = if *greatest == arithmetic.format(lost.at).greatest() {
                format
            } else {
                counted.precision().word()
            };
            format!("it reaches {}, and {format} ends at {}", rough(*reaches), end(*greatest))
        }
        Cause::Underflow { reaches, least } => format!(
            "it is {} at most, and below {} numbers of {format} have fewer digits, or are 0",
            rough(*reaches),
            rough(*least)
        ),
        Cause::NotFinite => "in any format it is no finite number".to_string(),
        Cause::Inputs => format!("rounding the inputs to {format} does that, however it is computed"),
        Cause::Cancellation { times } => {
            format!("its terms are {} times as large as what is left of them", figure(*times))
        }
        Cause::Accumulation { terms } => {
            format!("{} terms are accumulated in {}", grouped(*terms), arithmetic.accumulate.word())
        }
        Cause::Decision => "a rounding before it decides which way it goes".to_string(),
        Cause::Steep { times } => {
            format!("an error of what goes in comes out {} times as large", figure(*times))
        }
    }
}

/// What to do about it.
pub(super) fn remedy(counted: Counted, lost: &Lost) -> String {
    let arithmetic = &counted.digits.arithmetic;
    let format = arithmetic.format(lost.at);
    let finer = finer(format).map_or("more than f64".to_string(), |finer| finer.word().to_string());
    let is_back = matches!(lost.at, Stored::Gradient(_));
    let power = |x: f64| format!("2^{:.0}", x.abs().log2().abs().ceil());
    match &lost.cause {
        Cause::Overflow { instead: Some(instead), .. } => format!("better {instead}"),
        Cause::Overflow { reaches, greatest, .. } => {
            let wider =
                wider(*reaches).map_or("with its logarithm".to_string(), |wider| format!("in {wider}"));
            let what = if is_back { "the loss" } else { "what goes in" };
            format!("divide {what} by {}, or go on {wider}", power(2.0 * reaches / greatest))
        }
        Cause::Underflow { reaches, .. } if is_back => {
            format!("multiply the loss by {0} and divide the gradients by {0}", power(*reaches))
        }
        Cause::Underflow { reaches, .. } => {
            format!("multiply what goes in by {}, or go on with its logarithm", power(*reaches))
        }
        Cause::NotFinite => "see below".to_string(),
        Cause::Inputs => format!("nothing helps but inputs in {finer}"),
        Cause::Cancellation { .. } | Cause::Steep { .. } if lost.loss.remedy.is_some() => {
            format!("better {}", lost.loss.remedy.unwrap_or_default())
        }
        Cause::Cancellation { .. } => match lost.loss.place {
            LossPlace::Node(node) if matches!(counted.graph.node(node).kernel.card().name, "add" | "sub") => {
                format!("write it without the difference, or keep what goes in in {finer}")
            }
            LossPlace::Node(_) => {
                format!("subtract what its terms have in common first, or keep what goes in in {finer}")
            }
            LossPlace::Back(_) | LossPlace::Sum(_) => format!("keep what comes back in {finer}"),
        },
        Cause::Accumulation { .. } => {
            let wider = match arithmetic.accumulate {
                Precision::F64 => "add with compensation (Kahan)".to_string(),
                Precision::F32 | Precision::Tf32 => "accumulate in f64".to_string(),
                _ => "accumulate in f32".to_string(),
            };
            format!("add in pairs, or {wider}")
        }
        Cause::Decision | Cause::Steep { .. } => format!("keep what goes in in {finer}"),
    }
}

/// The next finer format that numbers are stored in.
fn finer(format: Precision) -> Option<Precision> {
    match format {
        Precision::F64 => None,
        Precision::F32 | Precision::Tf32 => Some(Precision::F64),
        Precision::F16 | Precision::Bf16 | Precision::E4m3 | Precision::E5m2 => Some(Precision::F32),
    }
}

/// The formats that hold numbers of a size.
fn wider(reaches: f64) -> Option<&'static str> {
    match reaches {
        x if x <= Precision::Bf16.greatest() => Some("bf16 or f32"),
        x if x <= Precision::F64.greatest() => Some("f64"),
        _ => None,
    }
}
