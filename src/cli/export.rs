//! `graphrun export FILE --to torch`: the graph as Python, and a test of it.

use super::{
    Outcome,
    beside::{self, Sign, Target},
    options::{Color, GraphFile, LoadFlags},
    voice::{print_refusal, results},
};
use crate::{
    against::golden,
    arrays::npz_with_comment,
    diagnostic::Refusal,
    export::{
        Batch, BatchAxis, Custom, Framework, Module, Request, Whole, can_train, check, golden_values,
        is_module, module, train, whole,
    },
    graph::Graph,
    inside::{folder_of, real},
    load::load_with_document,
    precision::Precision,
    resolve,
    source::{SourceMap, Spelling},
    syntax::Document,
    write::{write, write_through_no_link},
};
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FrameworkFlag {
    Torch,
    Jax,
}

impl From<FrameworkFlag> for Framework {
    fn from(flag: FrameworkFlag) -> Self {
        match flag {
            FrameworkFlag::Torch => Self::Torch,
            FrameworkFlag::Jax => Self::Jax,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CustomFlag {
    /// `torch.library.custom_op`, or `jax.custom_vjp`
    Op,
    /// `torch.autograd.Function`
    AutogradFunction,
}

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// A graph file; `-` is standard input
    file: PathBuf,
    /// Whose Python to write
    #[arg(long, value_enum)]
    to: FrameworkFlag,
    /// The file to write, with a test and golden numbers beside it; standard output without it
    #[arg(short, value_name = "OUT.py")]
    out: Option<PathBuf>,
    /// How a backward by hand is written
    #[arg(long, value_enum, default_value = "op")]
    custom: CustomFlag,
    /// Write OUT_main.py too: gradient steps with the batch shared out among devices or processes
    #[arg(long, requires = "out", help_heading = "Many devices")]
    main: bool,
    /// What the batch is: the name of a dimension, or LEAF=AXIS (repeatable)
    #[arg(long, value_name = "NAME", default_value = "batch", value_delimiter = ',', help_heading = "Many devices", value_parser = batch_axis, requires = "main")]
    batch: Vec<BatchAxis>,
    #[command(flatten)]
    reading: LoadFlags,
    /// When to paint refusals
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
}

pub fn run(arguments: &Arguments) -> Result<Outcome> {
    let framework = Framework::from(arguments.to);
    let custom = custom(arguments.custom, framework)?;
    let mut sources = SourceMap::default();
    let spelling = arguments.reading.spelling.map(Spelling::from);
    let file = GraphFile(&arguments.file);
    let loaded = arguments.reading.request(file, &mut sources).and_then(|mut request| {
        request.keep_expressions = true;
        let loaded = load_with_document(&file.input(), spelling, &request, &mut sources);
        loaded.map(|(graph, document)| (graph, document, request))
    });
    let (graph, document, reading) = match loaded {
        Ok(loaded) => loaded,
        Err(refusal) => {
            print_refusal(&refusal, &sources, arguments.color);
            return Ok(Outcome::Refused);
        }
    };
    let request = request(arguments, framework, custom)?;
    let made = module(&graph, &document, &request).and_then(|module| {
        let main = match arguments.main {
            true => Some(program(&graph, &document, &module, &request, &arguments.batch, &reading)?),
            false => None,
        };
        Ok((module, main))
    });
    let (module, main) = match made {
        Ok(made) => made,
        Err(refusal) => {
            print_refusal(&refusal, &sources, arguments.color);
            return Ok(Outcome::Refused);
        }
    };
    let Some(out) = &arguments.out else {
        write!(results(), "{}", module.text)?;
        return Ok(Outcome::Good);
    };
    let test = check(&graph, &module, &request);
    let files = Files::new(out, &request.name, &module.text, &test, main.as_deref());
    let looked_for = reading.files.looked_for().into_iter().map(|(path, _)| path);
    let faults = beside::faults(&files.targets(), looked_for.chain(file.path().map(Path::to_path_buf)));
    if !faults.is_empty() {
        print_refusal(&Refusal(faults), &sources, arguments.color);
        return Ok(Outcome::Refused);
    }
    files.write(&graph, &module)?;
    Ok(Outcome::Good)
}

/// `NAME`, or `LEAF=AXIS`.
fn batch_axis(word: &str) -> Result<BatchAxis, String> {
    match word.split_once('=') {
        None => Ok(BatchAxis::Dimension(word.to_string())),
        Some((leaf, axis)) => match axis.parse() {
            Ok(axis) => Ok(BatchAxis::Of(leaf.to_string(), axis)),
            Err(_) => Err("an axis is a number from 0 on, as in `x=0`".to_string()),
        },
    }
}

/// Gradient steps on many devices.
fn program(
    graph: &Graph,
    document: &Document,
    module: &Module,
    request: &Request,
    told: &[BatchAxis],
    reading: &resolve::Request,
) -> Result<String, Refusal> {
    can_train(graph, module)?;
    let batch = Batch::of(graph, document, told)?;
    let whole = match request.framework {
        Framework::Torch => whole(graph, document, module, request, &batch, reading)?,
        // Every device sees the whole batch.
        Framework::Jax => Whole::Mean,
    };
    train(graph, module, request, &batch, whole)
}

/// How a backward by hand is written in a framework.
///
/// # Errors
/// The framework has no such way.
pub fn custom(flag: CustomFlag, framework: Framework) -> Result<Custom> {
    Ok(match flag {
        CustomFlag::Op => Custom::Recommended,
        CustomFlag::AutogradFunction if framework == Framework::Jax => {
            bail!(
                "`--custom autograd-function` is of PyTorch; in JAX a backward by hand is a `jax.custom_vjp`"
            )
        }
        CustomFlag::AutogradFunction => Custom::AutogradFunction,
    })
}

fn request(arguments: &Arguments, framework: Framework, custom: Custom) -> Result<Request> {
    let stem = |path: &Path| path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into());
    let folder = folder_of(&arguments.file).to_path_buf();
    let (name, folder_from_file) = match &arguments.out {
        Some(out) => {
            let name: String = stem(out);
            if out.extension().is_none_or(|ending| ending != "py") {
                bail!("`-o {}`: a file of Python ends in `.py`", out.display());
            }
            if !is_module(&name) {
                bail!(
                    "`-o {}`: no file of Python can be called `{name}`: that is a word of Python, a library that \
                     the file imports, or no identifier",
                    out.display()
                );
            }
            (name, way(folder_of(out), &folder))
        }
        None => {
            let plain = GraphFile(&arguments.file)
                .path()
                .map_or_else(String::new, stem)
                .chars()
                .map(|c| if c == '_' || c.is_alphanumeric() { c } else { '_' })
                .collect::<String>();
            (if is_module(&plain) { plain } else { "graph".into() }, folder.clone())
        }
    };
    Ok(Request {
        framework,
        custom,
        name,
        file: GraphFile(&arguments.file).title(),
        folder,
        folder_from_file,
        has_arrays: arguments.out.is_some(),
        taps: false,
    })
}

/// The way from one folder to another; the other itself where none is known.
pub fn way(start: &Path, to: &Path) -> PathBuf {
    let (Some(start), Some(whole)) = (real(start), real(to)) else { return to.to_path_buf() };
    let shared = start.components().zip(whole.components()).take_while(|(one, other)| one == other).count();
    let up = start.components().skip(shared).map(|_| Path::new(".."));
    up.chain(whole.components().skip(shared).map(|part| Path::new(part.as_os_str()))).collect()
}

/// The last bytes of golden numbers that were written beside a module.
const GOLDEN: &str = "golden numbers of graphrun export";

/// What is written: the module, and beside it texts and golden numbers.
struct Files<'a> {
    out: (&'a Path, &'a str),
    beside: Vec<(PathBuf, &'a str)>,
    golden: PathBuf,
}

impl<'a> Files<'a> {
    fn new(out: &'a Path, name: &str, module: &'a str, test: &'a str, main: Option<&'a str>) -> Self {
        let file = |end: &str| out.with_file_name(format!("{name}{end}"));
        let main = main.map(|main| (file("_main.py"), main));
        let beside = std::iter::once((file("_test.py"), test)).chain(main).collect();
        Self { out: (out, module), beside, golden: file(".npz") }
    }

    fn targets(&self) -> Vec<Target> {
        let first_line = |text: &str| text.lines().next().unwrap_or_default().as_bytes().to_vec();
        let out = Target { path: self.out.0.to_path_buf(), sign: None };
        let texts = self
            .beside
            .iter()
            .map(|(path, text)| Target { path: path.clone(), sign: Some(Sign::Begins(first_line(text))) });
        let golden = Target { path: self.golden.clone(), sign: Some(Sign::Ends(GOLDEN.into())) };
        std::iter::once(out).chain(texts).chain([golden]).collect()
    }

    fn write(&self, graph: &Graph, module: &Module) -> Result<()> {
        let failed = |path: &Path| format!("{}: cannot be written", path.display());
        let golden = golden(graph, &golden_values(module), Precision::F64);
        let golden = npz_with_comment(&golden, GOLDEN)
            .map_err(|fault| anyhow!("{}: {fault}", self.golden.display()))?;
        let (out, text) = self.out;
        write(out, text.as_bytes()).with_context(|| failed(out))?;
        for (path, text) in &self.beside {
            write_through_no_link(path, text.as_bytes()).with_context(|| failed(path))?;
        }
        write_through_no_link(&self.golden, &golden).with_context(|| failed(&self.golden))
    }
}
