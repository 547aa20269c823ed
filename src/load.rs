//! From a path to a checked graph: the file is read, parsed and checked.

use crate::{
    diagnostic::{Diagnostic, Refusal},
    graph::Graph,
    initializers::Files,
    ops,
    resolve::{Request, resolve},
    source::{Source, SourceMap, Spanned, Spelling},
    syntax::{self, Document, Expected, Expression, ParseOptions, Parsed},
};
use std::{
    collections::HashSet,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Where the text of a graph comes from.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// A file; its ending tells the spelling unless one is given.
    File(&'a Path),
    /// Standard input, which has no ending.
    Stdin,
    /// Text at hand.
    Text(&'a str),
}

/// Reads a graph, collecting the texts it comes from in `sources`.
///
/// # Errors
/// All that is wrong with the file, its data files or the request.
pub fn load(
    input: &Input,
    spelling: Option<Spelling>,
    request: &Request,
    sources: &mut SourceMap,
) -> Result<Graph, Refusal> {
    load_expecting(input, spelling, request, sources).graph
}

/// A file that was loaded, with what it says of that itself.
pub struct Loaded {
    pub graph: Result<Graph, Refusal>,
    /// Messages that it expects to be refused with.
    pub expected: Vec<Spanned<String>>,
    /// Its own text, where it could be read.
    pub source: Option<Source>,
}

/// As [`load`], with the messages that the file expects to be refused with.
pub fn load_expecting(
    input: &Input,
    spelling: Option<Spelling>,
    request: &Request,
    sources: &mut SourceMap,
) -> Loaded {
    let (source, spelling) = match open(input, spelling, request.limits.file, sources) {
        Ok(opened) => opened,
        Err(refusal) => return Loaded { graph: Err(refusal), expected: Vec::new(), source: None },
    };
    let mut parsed = parse(&source, spelling, request.limits.depth);
    let expected = parsed.document.expectations.iter().filter_map(|expectation| match &expectation.of {
        Expected::Error(message) => Some(message.clone()),
        _ => None,
    });
    let expected = expected.collect();
    take_in_used(&mut parsed, request, sources);
    Loaded { graph: resolve(&parsed.document, request, parsed.errors), expected, source: Some(source) }
}

/// As [`load`], with the document that the graph is made of.
///
/// # Errors
/// As [`load`].
pub fn load_with_document(
    input: &Input,
    spelling: Option<Spelling>,
    request: &Request,
    sources: &mut SourceMap,
) -> Result<(Graph, Document), Refusal> {
    let (source, spelling) = open(input, spelling, request.limits.file, sources)?;
    let mut parsed = parse(&source, spelling, request.limits.depth);
    take_in_used(&mut parsed, request, sources);
    Ok((resolve(&parsed.document, request, parsed.errors)?, parsed.document))
}

/// Adds the blocks of the files that a document uses, and of those that they use.
fn take_in_used(parsed: &mut Parsed, request: &Request, sources: &mut SourceMap) {
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let mut open: Vec<Spanned<String>> = parsed.document.uses.clone();
    while let Some(used) = open.pop() {
        match read_used(&used, request, sources, &mut seen) {
            Ok(None) => {}
            Ok(Some(other)) => {
                parsed.errors.extend(other.errors);
                parsed.document.blocks.extend(other.document.blocks);
                open.extend(other.document.uses);
            }
            Err(fault) => parsed.errors.push(fault),
        }
    }
}

/// Reads one used file; `None` where it has been read already.
fn read_used(
    used: &Spanned<String>,
    request: &Request,
    sources: &mut SourceMap,
    seen: &mut HashSet<PathBuf>,
) -> Result<Option<Parsed>, Diagnostic> {
    let Some(spelling) = Spelling::of(&used.value) else {
        return Err(Diagnostic::error("cannot tell the spelling of this file")
            .at(used.span, "ends in neither `.graph` nor `.toml`"));
    };
    let (path, reader) = request.files.open(&used.value).map_err(|fault| {
        let diagnostic = Diagnostic::error(fault.message).at(used.span, "used here");
        fault.help.into_iter().fold(diagnostic, Diagnostic::help)
    })?;
    if seen.contains(&path) {
        return Ok(None);
    }
    let at_fault = |Refusal(mut faults): Refusal| faults.swap_remove(0).at(used.span, "used here");
    let bytes = read_all(reader, 0, &used.value, request.limits.file).map_err(at_fault)?;
    seen.insert(path);
    let source = source_of(bytes, &used.value, sources).map_err(at_fault)?;
    Ok(Some(parse(&source, spelling, request.limits.depth)))
}

/// Reads the document of a file that must be free of syntax errors.
///
/// # Errors
/// The file cannot be read, or its syntax errors.
pub fn document(
    input: &Input,
    spelling: Option<Spelling>,
    request: &Request,
    sources: &mut SourceMap,
) -> Result<(Document, Source, Spelling), Refusal> {
    let (source, spelling) = open(input, spelling, request.limits.file, sources)?;
    let parsed = parse(&source, spelling, request.limits.depth);
    let errors: Vec<Diagnostic> = parsed.errors.into_iter().filter(|found| !found.warning).collect();
    match errors.is_empty() {
        true => Ok((parsed.document, source, spelling)),
        false => Err(Refusal(errors)),
    }
}

/// Reads an expression that was given apart from any file.
///
/// # Errors
/// Its syntax errors.
pub fn expression(source: &Source, depth: usize) -> Result<Expression, Refusal> {
    let hidden = syntax::hidden(source, Spelling::Graph).into_iter().filter(|found| !found.warning);
    let hidden: Vec<Diagnostic> = hidden.collect();
    if !hidden.is_empty() {
        return Err(Refusal(hidden));
    }
    syntax::parse_expression(source, &ParseOptions { is_op: &is_op, max_depth: depth }).map_err(Refusal)
}

fn parse(source: &Source, spelling: Spelling, depth: usize) -> Parsed {
    let mut parsed = syntax::parse(source, spelling, &ParseOptions { is_op: &is_op, max_depth: depth });
    parsed.document.file = (*source.name).into();
    parsed.errors.extend(syntax::hidden(source, spelling));
    parsed
}

fn is_op(name: &str) -> bool {
    ops::find(name).is_some()
}

/// Opens a text and tells its spelling.
fn open(
    input: &Input,
    spelling: Option<Spelling>,
    limit: usize,
    sources: &mut SourceMap,
) -> Result<(Source, Spelling), Refusal> {
    let name = match input {
        Input::File(path) => path.display().to_string(),
        Input::Stdin => "standard input".to_string(),
        Input::Text(_) => "graph".to_string(),
    };
    let bytes = match input {
        Input::File(path) => read_file(path, &name, limit)?,
        Input::Stdin => read_all(io::stdin().lock(), 0, &name, limit)?,
        Input::Text(text) => text.as_bytes().to_vec(),
    };
    let Some(spelling) = spelling.or_else(|| Spelling::of(&name)) else {
        return Err(Diagnostic::error(format!("cannot tell the spelling of {name}"))
            .help("a graph file ends in `.graph` or `.toml`; otherwise say `--spelling graph` or `--spelling toml`")
            .into());
    };
    Ok((source_of(bytes, &name, sources)?, spelling))
}

/// Takes in a text, if it is one.
fn source_of(bytes: Vec<u8>, name: &str, sources: &mut SourceMap) -> Result<Source, Refusal> {
    let text = String::from_utf8(bytes).map_err(|fault| {
        let at = fault.utf8_error().valid_up_to();
        Diagnostic::error(format!("{name} is not text: byte {at} is not UTF-8")).help(
            "a graph file is text in UTF-8; data files are read by `npy(\"…\")`, `idx(\"…\")` and the like",
        )
    })?;
    if let Some(at) = text.find('\0') {
        return Err(Diagnostic::error(format!("{name} is not text: byte {at} is a NUL"))
            .help("a graph file is text in UTF-8; data files are read by `npy(\"…\")`, `idx(\"…\")` and the like")
            .into());
    }
    let too_long = || Diagnostic::error(format!("{name} is too long: all texts of a run may have 4 GiB"));
    Ok(sources.add(name, text).ok_or_else(too_long)?)
}

fn read_file(path: &Path, name: &str, limit: usize) -> Result<Vec<u8>, Refusal> {
    let cannot = |fault: io::Error| {
        let help = match fault.kind() {
            io::ErrorKind::NotFound => "is the path right? it is taken from the folder you are in",
            io::ErrorKind::PermissionDenied => "you may not read it: look at its permissions",
            _ => "look at the path and the disk",
        };
        Refusal::from(Diagnostic::error(format!("cannot read {name}: {}", plain(&fault))).help(help))
    };
    // Looked at before it is opened: opening a pipe would wait for its other end.
    let metadata = std::fs::metadata(path).map_err(cannot)?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "a folder" } else { "not a regular file" };
        return Err(Diagnostic::error(format!("cannot read {name}: it is {what}"))
            .help("name a graph file, or `-` for standard input")
            .into());
    }
    // One byte more shows that a file has not grown meanwhile.
    let room = metadata.len().min(limit as u64) as usize + 1;
    read_all(File::open(path).map_err(cannot)?, room, name, limit)
}

/// Reads to the end; `room` is how many bytes there may be.
fn read_all(from: impl Read, room: usize, name: &str, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::with_capacity(room);
    from.take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|fault| Diagnostic::error(format!("cannot read {name}: {}", plain(&fault))))?;
    if bytes.len() > limit {
        return Err(Diagnostic::error(format!("{name} is longer than {limit} bytes"))
            .help("if it is meant, raise the limit: `--limit file=N`")
            .into());
    }
    Ok(bytes)
}

/// The system's words without its error number.
fn plain(fault: &io::Error) -> String {
    let text = fault.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// Makes a graph of a text at hand; its data files are looked up in the folder
/// that the process is in.
///
/// # Errors
/// All that is wrong with the text.
pub fn read(text: &str, spelling: Spelling) -> Result<Graph, Refusal> {
    let request = Request { files: Files::new(vec![PathBuf::from(".")]), ..Request::default() };
    load(&Input::Text(text), Some(spelling), &request, &mut SourceMap::default())
}
