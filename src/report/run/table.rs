//! A run as a table: every named value with its op, shape, value and gradient.

use super::{Compared, Printer, Profiled, Ran, is_shown, kind};
use crate::{
    diagnostic::Refusal,
    escape,
    graph::ValueId,
    report::{Judgement, Style, against, comparison, grouped, number, profile},
    run::{Direction, Run},
    shape::Shape,
    source::SourceMap,
    tensor::{Kind, Tensor},
};
use std::{
    collections::HashMap,
    io::{self, Write},
};

/// Tensors with at most so many elements are shown whole.
const WHOLE: usize = 12;

/// Characters of a row of numbers before it is broken.
const LINE: usize = 48;

/// Rows shown of a graph that has more than twice as many: so many at the top
/// and at the bottom.
const ROWS: usize = 200;

/// A table a file, with what was compared under it.
pub struct Table {
    /// Inner nodes of chains too.
    pub all: bool,
    pub style: Style,
    /// Nothing has been printed yet.
    pub is_first: bool,
}

impl Printer for Table {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match std::mem::take(&mut self.is_first) {
            true => Ok(()),
            false => writeln!(out),
        }
    }

    /// What is wrong with a file is said elsewhere, for people to see.
    fn refused(&mut self, _: &Refusal, _: &str, _: &SourceMap, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn ran(&mut self, ran: &Ran, out: &mut dyn Write) -> io::Result<()> {
        let (graph, style) = (ran.run.graph, self.style);
        write!(out, "{}", table(ran.run, ran.file, self.all, style))?;
        match ran.compared {
            Compared::Nothing => Ok(()),
            Compared::Entries(compared) => {
                let text = comparison(compared, graph, ran.sources, ran.run.precision, ran.seconds, style);
                write!(out, "\n{text}")
            }
        }
    }

    fn profiled(&mut self, profiled: &Profiled, out: &mut dyn Write) -> io::Result<()> {
        let Profiled { profile: of, graph, file, dtype } = *profiled;
        write!(out, "{}", profile(of, graph, file, dtype, self.all, self.style))
    }

    fn judged(&mut self, judgement: Judgement, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}", against(judgement, self.style))
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The table of a run; inner nodes of chains only with `all`.
fn table(run: &Run, file: &str, all: bool, style: Style) -> String {
    let graph = run.graph;
    let shown: Vec<ValueId> = graph.ids().filter(|&id| is_shown(graph, id, all)).collect();
    let backward = run.direction == Direction::Backward;

    let titles = ["name", "op", "shape", "value"].into_iter().chain(backward.then_some("gradient"));
    let mut table = style.table(titles);
    let outputs =
        graph.blocks.iter().flat_map(|block| block.outputs.iter().map(|&(output, _)| (output, &*block.of)));
    let blocks: HashMap<ValueId, &str> = outputs.collect();
    let mut add = |id: ValueId| {
        let value = graph.value(id);
        let mut row = vec![
            value.name.to_string(),
            blocks.get(&id).map_or_else(|| kind(graph, id), |of| *of).to_string(),
            value.ty.to_string(),
            match run.floats_of(id).filter(|_| value.ty.kind == Kind::Float) {
                Some(floats) => show(floats, &value.ty.shape),
                None => show_whole(&run.value_of(id)),
            },
        ];
        if backward {
            let gradient = run.gradient_of(id);
            row.push(gradient.map_or(String::new(), |gradient| show(gradient, &value.ty.shape)));
        }
        table.add_row(row);
    };
    let mut left_out = 0;
    if shown.len() > 2 * ROWS {
        left_out = shown.len() - 2 * ROWS;
        shown[..ROWS].iter().chain(&shown[shown.len() - ROWS..]).for_each(|&id| add(id));
    } else {
        shown.into_iter().for_each(&mut add);
    }

    let mut out = match &graph.title {
        Some(title) => {
            format!("{}  {}\n", style.bold(&escape::line(title)), style.faint(&escape::line(file)))
        }
        None => format!("{}\n", style.bold(&escape::line(file))),
    };
    for name in &graph.shadowed {
        out.push_str(&format!(
            "{}\n",
            style.faint(&format!("`{name}` is the file's own block, not the built-in op"))
        ));
    }
    out.push_str(&style.laid_out(&table));
    if left_out > 0 {
        let note =
            format!("{} rows in the middle are left out; `--format json` has them all\n", grouped(left_out));
        out.push_str(&style.faint(&note));
    }
    out
}

/// A tensor in a cell: whole when it is small, else its range.
fn show(floats: &[f64], shape: &Shape) -> String {
    if floats.len() > WHOLE {
        return range(floats);
    }
    let texts: Vec<String> = floats.iter().map(|&x| number(x)).collect();
    nested(&texts, shape, 0)
}

fn show_whole(tensor: &Tensor) -> String {
    let (shape, ints) = (tensor.shape(), tensor.to_ints().unwrap_or_default());
    if ints.len() > WHOLE {
        return range(&tensor.to_floats());
    }
    let text = |x: &i64| match tensor.kind() {
        Kind::Bool => (*x != 0).to_string(),
        _ => x.to_string(),
    };
    let texts: Vec<String> = ints.iter().map(text).collect();
    nested(&texts, &shape, 0)
}

/// Nested brackets, a line for each row of a matrix.
fn nested(texts: &[String], shape: &Shape, depth: usize) -> String {
    let Some(&length) = shape.get(depth) else { return texts.first().cloned().unwrap_or_default() };
    if depth + 1 == shape.rank() {
        let mut lines: Vec<String> = Vec::new();
        for text in texts {
            match lines.last_mut() {
                Some(line) if line.len() + 2 + text.len() <= LINE => {
                    line.push_str(", ");
                    line.push_str(text);
                }
                _ => lines.push(text.clone()),
            }
        }
        return format!("[{}]", lines.join(",\n "));
    }
    let inner = texts.len().checked_div(length).unwrap_or(0);
    let rows: Vec<String> = (0..length)
        .map(|row| {
            let row = nested(&texts[row * inner..(row + 1) * inner], shape, depth + 1);
            row.replace('\n', "\n ")
        })
        .collect();
    format!("[{}]", rows.join(",\n "))
}

/// The least, mean and greatest element, and how many are not finite.
fn range(elements: &[f64]) -> String {
    let (mut finite, mut sum, mut least, mut greatest) = (0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
    for &x in elements.iter().filter(|x| x.is_finite()) {
        finite += 1;
        sum += x;
        (least, greatest) = (x.min(least), x.max(greatest));
    }
    let strange = match elements.len() - finite {
        0 => String::new(),
        count => format!("{} nan or inf  ", grouped(count)),
    };
    if finite == 0 {
        return strange.trim_end().to_string();
    }
    let mean = sum / finite as f64;
    let short = |x: f64| format!("{:.4e}", x).parse().map_or_else(|_| number(x), number);
    format!("{strange}min {}  mean {}  max {}", short(least), short(mean), short(greatest))
}
