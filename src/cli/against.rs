//! `graphrun FILE --against DUMP`: numbers of another program against a graph.

use super::{
    Outcome,
    options::{Color, GraphFile, LoadFlags, PrecisionFlag},
    voice::{print_refusal, warn},
};
use crate::{
    against::{self, Against, Claimed, Verdict, against},
    diagnostic::Refusal,
    graph::Graph,
    initializers::read_dump,
    limits::Limits,
    load::load,
    report::{Judgement, run::Printer},
    run::can_go_backward,
    source::SourceMap,
};
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum AccumulateFlag {
    /// As most kernels do; sums of f64 in f64
    #[default]
    F32,
    /// In the format that the results are stored in
    Same,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Numbers from elsewhere")]
pub struct AgainstFlags {
    /// Judge the numbers of another program: a .npz, .safetensors or folder of .npy with its inputs and
    /// results, under the names of leaves and nodes, and grad(NAME)
    #[arg(long, value_name = "DUMP", conflicts_with_all = ["backward", "check", "quick", "profile", "save"])]
    pub against: Option<PathBuf>,
    /// The precision that was computed in, where the numbers are stored in a wider one; with --save, the one
    /// to make golden numbers for
    #[arg(long = "as", value_enum, value_name = "PRECISION")]
    pub precision: Option<PrecisionFlag>,
    /// What sums were accumulated in
    #[arg(long, value_enum, default_value = "f32", value_name = "WHAT", requires = "against")]
    pub accumulate: AccumulateFlag,
}

impl AgainstFlags {
    pub fn claimed(&self) -> Claimed {
        Claimed {
            precision: self.precision.map(Into::into),
            accumulate_same: self.accumulate == AccumulateFlag::Same,
        }
    }
}

/// A graph file and how it is read.
pub struct Question<'a> {
    pub file: GraphFile<'a>,
    pub reading: &'a LoadFlags,
    pub flags: &'a AgainstFlags,
    pub color: Color,
    pub allow_undecided: bool,
}

/// Judges a dump.
///
/// # Errors
/// What is printed cannot be written.
pub fn judge(
    question: &Question,
    dump: &Path,
    printer: &mut dyn Printer,
    out: &mut dyn Write,
) -> Result<Outcome> {
    let mut sources = SourceMap::default();
    let judged = read(question, dump, &mut sources);
    let (graph, claims, limits) = match judged {
        Ok(read) => read,
        Err(refusal) => {
            print_refusal(&refusal, &sources, question.color);
            printer.refused(&refusal, &question.file.title(), &sources, out)?;
            return Ok(Outcome::Refused);
        }
    };
    warn(&graph.warnings, &sources, question.color);
    let dump = dump.display().to_string();
    let against = against(&graph, claims, &limits);
    Ok(match conclude(&graph, &against, (&sources, &question.file.title(), &dump), printer, out)? {
        Outcome::Undecided if question.allow_undecided => Outcome::Good,
        outcome => outcome,
    })
}

/// Prints a judgement; with it go the texts, what the graph's file is called, and where the numbers come from.
///
/// # Errors
/// What is printed cannot be written.
pub fn conclude(
    graph: &Graph,
    against: &Against,
    (sources, file, dump): (&SourceMap, &str, &str),
    printer: &mut dyn Printer,
    out: &mut dyn Write,
) -> Result<Outcome> {
    printer.judged(Judgement { against, graph, sources, file, dump }, out)?;
    Ok(match against.verdict() {
        Verdict::Ok => Outcome::Good,
        Verdict::Wrong => Outcome::Wrong,
        Verdict::Undecided => Outcome::Undecided,
    })
}

/// Reads a graph with the leaves of a dump, and what the dump says of it.
fn read(
    question: &Question,
    dump: &Path,
    sources: &mut SourceMap,
) -> Result<(Graph, against::Claims, Limits), Refusal> {
    let mut request = question.reading.request(question.file, sources)?;
    let arrays = read_dump(dump, &request.limits)?;
    request.given = Arc::new(against::given(&arrays));
    let mut graph =
        load(&question.file.input(), question.reading.spelling.map(Into::into), &request, sources)?;
    if arrays.iter().any(|array| array.name.starts_with("grad(")) {
        can_go_backward(&graph)?;
    }
    let claims = against::lay(&mut graph, &arrays, question.flags.claimed())?;
    against::fits(&graph, claims.results.iter().map(|claim| claim.of), &request.limits)?;
    Ok((graph, claims, request.limits))
}
