//! How many digits a run keeps, for people and for programs.

mod json;
mod words;

pub use json::digits_object;

use super::{
    not_finite::origin,
    number::{grouped, index, number},
    run::kind,
    style::Style,
};
use crate::{
    digits::{Digits, Kept, is_told},
    engine::Stored,
    escape,
    graph::{Graph, ValueId},
    precision::Precision,
    simulate::Arithmetic,
    source::SourceMap,
    tensor::Kind,
};
use comfy_table::CellAlignment;
use words::lost_words;

/// Rows of a graph that has more than twice as many: so many at the top and at the bottom.
const ROWS: usize = 200;

/// What was counted, and of which file.
#[derive(Clone, Copy)]
pub struct Counted<'a> {
    pub digits: &'a Digits,
    pub graph: &'a Graph,
    pub sources: &'a SourceMap,
    pub file: &'a str,
    /// Inner nodes of chains and blocks too.
    pub all: bool,
}

impl Counted<'_> {
    /// As expectations name it.
    fn name(self, of: Stored) -> String {
        match of {
            Stored::Value(id) => self.graph.value(id).name.to_string(),
            Stored::Gradient(id) => format!("grad({})", self.graph.value(id).name),
        }
    }

    fn told(self) -> Vec<ValueId> {
        self.graph.ids().filter(|&id| is_told(self.graph, self.digits, id, self.all)).collect()
    }

    fn precision(self) -> Precision {
        self.digits.options.precision
    }

    fn keep(self) -> String {
        number(self.digits.options.keep)
    }
}

/// A count of digits, of which 0.0 would say too much.
fn count(digits: f64) -> String {
    match digits {
        digits if digits.is_infinite() => "all".to_string(),
        0.0 => "0".to_string(),
        digits => format!("{digits:.1}"),
    }
}

/// A count of digits as it stands in tables and pictures: `3.1`, `exact`, `zero`.
pub fn count_words(kept: &Kept) -> String {
    match kept.digits {
        _ if kept.is_zero => "zero".to_string(),
        digits if digits.is_infinite() => "exact".to_string(),
        digits => count(digits),
    }
}

/// The digits for people: a line a value, where they are lost, and what would keep them.
pub fn digits(counted: Counted, style: Style) -> String {
    let Counted { digits, graph, file, .. } = counted;
    let file = escape::line(file);
    let head = match &graph.title {
        Some(title) => format!("{}  {}", style.bold(&escape::line(title)), style.faint(&file)),
        None => style.bold(&file),
    };
    let arithmetic = format!("{}, {:.1} digits at most", arithmetic(&digits.arithmetic), digits.most());
    let mut out = format!("{head}\n{}\n", style.faint(&arithmetic));
    out.push_str(&table(counted, style));
    for (at, lost) in digits.lost.iter().enumerate() {
        let label = if at == 0 { "first" } else { "also " };
        out.push_str(&format!("{}  {}\n", style.doubtful(label), escape::line(&lost_words(counted, lost))));
    }
    if let Some(found) = &digits.not_finite {
        let words = origin(found, graph, counted.sources);
        out.push_str(&format!("{}  {}\n", style.bad("nan  "), escape::line(&words)));
    }
    out.push_str(&conclusion(counted, style));
    out
}

/// In which formats what is done.
fn arithmetic(arithmetic: &Arithmetic) -> String {
    let factors = arithmetic
        .factors
        .map_or(String::new(), |format| format!(", factors of products in {}", format.word()));
    format!("stored in {}, computed in {}{factors}", arithmetic.storage.word(), arithmetic.accumulate.word())
}

fn table(counted: Counted, style: Style) -> String {
    let Counted { digits, graph, .. } = counted;
    let mut table = style.table(["name", "op", "shape", "value", "gradient", "worst entry", ""]);
    for column in table.column_iter_mut().skip(3).take(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let told = counted.told();
    let cell = |kept: Option<&Kept>| {
        kept.map_or(String::new(), |kept| {
            let words = count_words(kept);
            match kept.digits {
                _ if kept.is_zero => style.faint(&words),
                digits if digits < 1.0 => style.bad(&words),
                digits if digits < counted.digits.wanted() => style.doubtful(&words),
                _ => words,
            }
        })
    };
    let mut add = |id: ValueId| {
        let value = graph.value(id);
        let (own, back) = (digits.of(Stored::Value(id)), digits.of(Stored::Gradient(id)));
        let own_words = match value.ty.kind {
            Kind::Int => "exact".to_string(),
            _ => cell(own),
        };
        table.add_row([
            escape::line(&value.name).to_string(),
            kind(graph, id).to_string(),
            value.ty.to_string(),
            own_words,
            cell(back),
            worst(counted, id),
            remarks(counted, id, style),
        ]);
    };
    let left_out = told.len().saturating_sub(2 * ROWS);
    match left_out {
        0 => told.into_iter().for_each(&mut add),
        _ => told[..ROWS].iter().chain(&told[told.len() - ROWS..]).for_each(|&id| add(id)),
    }
    let mut out = style.laid_out(&table);
    if left_out > 0 {
        let note =
            format!("{} rows in the middle are left out; `--format json` has them all\n", grouped(left_out));
        out.push_str(&style.faint(&note));
    }
    out
}

/// The entry with the fewest digits, of the value or of the gradient; nothing of a single number.
fn worst(counted: Counted, id: ValueId) -> String {
    let Counted { digits, graph, .. } = counted;
    let shape = &graph.value(id).ty.shape;
    if shape.size() < 2 {
        return String::new();
    }
    let of =
        |stored: Stored, word: &'static str| digits.of(stored)?.worst.map(|(at, digits)| (at, digits, word));
    let found = of(Stored::Value(id), "").into_iter().chain(of(Stored::Gradient(id), "gradient "));
    match found.min_by(|a, b| a.1.total_cmp(&b.1)) {
        Some((at, digits, word)) => format!("{} at {word}{}", count(digits), index(at, shape)),
        None => String::new(),
    }
}

/// What there is to say of a value: digits are lost there first, or numbers leave the format.
fn remarks(counted: Counted, id: ValueId, style: Style) -> String {
    let Counted { digits, graph, .. } = counted;
    let size = graph.value(id).ty.shape.size();
    let mut words = Vec::new();
    let stored = [(Stored::Value(id), ""), (Stored::Gradient(id), "gradient ")];
    if stored.iter().any(|(stored, _)| digits.is_lost_first(*stored)) {
        words.push(style.doubtful("◀ lost first"));
    }
    for (stored, word) in stored {
        let Some(kept) = digits.of(stored).filter(|kept| !kept.is_zero) else { continue };
        for (count, what) in [(kept.beyond, "overflow"), (kept.below, "underflow")] {
            match count {
                0 => {}
                _ if size == 1 => words.push(format!("{word}{what}")),
                count => words.push(format!("{word}{what} {} of {}", grouped(count), grouped(size))),
            }
        }
    }
    words.join(", ")
}

fn conclusion(counted: Counted, style: Style) -> String {
    let Counted { digits, graph, .. } = counted;
    let wanted = counted.keep();
    let plural = if wanted == "1" { "digit" } else { "digits" };
    let whose = if graph.wanted.is_empty() { "the outputs" } else { "the outputs and their gradients" };
    let each =
        digits.precisions.iter().map(|keeps| format!("{} {}", keeps.precision.word(), count(keeps.digits)));
    let each = each.collect::<Vec<_>>().join(", ");
    let own = digits.precisions.iter().find(|keeps| keeps.precision == counted.precision());
    let mut out = String::new();
    if digits.lost.is_empty()
        && digits.not_finite.is_none()
        && let Some(own) = own
        && let Some(of) = own.of
    {
        let unheld = digits.unheld(graph);
        let names: Vec<&str> = unheld.iter().map(|&id| &*graph.value(id).name).collect();
        let is_lacking = own.digits < digits.most() - 1.0;
        let (label, words) = match &names[..] {
            _ if !is_lacking => {
                (style.good("ok   "), "no node loses a digit more than its operands".to_string())
            }
            [] => {
                let words = "no single node: each loses less than a digit more than its operands, and what";
                (style.doubtful("first"), format!("{words} {} lacks adds up", counted.name(of)))
            }
            names => {
                let format = digits.arithmetic.storage;
                let words = format!(
                    "{} {} no number of {}, which has all its digits from {} to {}: scale, or write it in a wider one",
                    names.join(", "),
                    if names.len() == 1 { "is" } else { "are" },
                    format.word(),
                    words::end(format.least_normal()),
                    words::end(format.greatest()),
                );
                (style.doubtful("first"), words)
            }
        };
        out.push_str(&format!("{label}  {}\n", escape::line(&words)));
    }
    let words = match digits.least() {
        Some(least) => format!("{} keeps {wanted} {plural} of {whose} ({each})", least.word()),
        None => format!("no format keeps {wanted} {plural} of {whose} ({each})"),
    };
    let label = if digits.least().is_some() { style.good("least") } else { style.bad("least") };
    out + &format!("{label}  {words}\n")
}
