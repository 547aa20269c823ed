//! From a path to a checked graph: the file is read, parsed and checked.

use crate::{
    diagnostic::{Cause, Diagnostic, Refusal},
    gallery,
    graph::Graph,
    initializers::Files,
    inside::{self, Fault},
    limits::{Limits, bytes},
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
    /// A file that the user names; its ending tells the spelling unless one is given.
    File(&'a Path),
    /// A file that was found below a folder, and that no link leads out of it.
    Found { root: &'a Path, below: &'a Path },
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
    open(input, spelling, &request.limits, sources)?.graph(request, sources).0
}

/// A file that was read, and of which no graph is made yet; its faults are kept until then.
pub struct Opened {
    parsed: Parsed,
    pub source: Source,
}

/// Reads a file.
///
/// # Errors
/// It cannot be opened, or is no text.
pub fn open(
    input: &Input,
    spelling: Option<Spelling>,
    limits: &Limits,
    sources: &mut SourceMap,
) -> Result<Opened, Refusal> {
    let (source, spelling) = text_of(input, spelling, limits, sources)?;
    Ok(Opened { parsed: parse(&source, spelling, limits), source })
}

impl Opened {
    pub fn document(&self) -> &Document {
        &self.parsed.document
    }

    /// Messages that the file expects to be refused with.
    pub fn expected_messages(&self) -> Vec<Spanned<String>> {
        let messages = self.document().expectations.iter().filter_map(|expectation| match &expectation.of {
            Expected::Error(message) => Some(message.clone()),
            _ => None,
        });
        messages.collect()
    }

    /// The graph, or all that is wrong with the file; and the document, with the blocks of the
    /// files that it uses.
    pub fn graph(mut self, request: &Request, sources: &mut SourceMap) -> (Result<Graph, Refusal>, Document) {
        take_in_used(&mut self.parsed, request, sources);
        let Parsed { document, errors } = self.parsed;
        (resolve(&document, request, errors), document)
    }
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
    let (graph, document) = open(input, spelling, &request.limits, sources)?.graph(request, sources);
    Ok((graph?, document))
}

/// Adds the blocks of the files that a document uses, and of those that they use.
fn take_in_used(parsed: &mut Parsed, request: &Request, sources: &mut SourceMap) {
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let mut open: Vec<Spanned<String>> = parsed.document.uses.clone();
    while let Some(used) = open.pop() {
        match read_used(&used, request, sources, &mut seen) {
            Ok(None) => {}
            Ok(Some((other, source))) => {
                if other.errors.iter().any(|fault| !fault.warning) {
                    parsed.document.lost.add(&source.text);
                }
                parsed.errors.append(other.errors);
                parsed.document.blocks.extend(other.document.blocks);
                open.extend(other.document.uses);
            }
            Err(fault) => {
                parsed.document.lost.add_file();
                parsed.errors.push(fault);
            }
        }
    }
}

/// Reads one used file; `None` where it has been read already.
fn read_used(
    used: &Spanned<String>,
    request: &Request,
    sources: &mut SourceMap,
    seen: &mut HashSet<PathBuf>,
) -> Result<Option<(Parsed, Source)>, Diagnostic> {
    if gallery::is_meant(&used.value) {
        return read_volume(used, request, sources, seen);
    }
    let Some(spelling) = Spelling::of(&used.value) else {
        return Err(Diagnostic::error("cannot tell the spelling of this file")
            .at(used.span, "ends in neither `.graph` nor `.toml`"));
    };
    let file = request.files.open(&used.value).map_err(|fault| {
        let diagnostic = Diagnostic::error(fault.message).at(used.span, "used here");
        fault.help.into_iter().fold(diagnostic, Diagnostic::help)
    })?;
    if !seen.insert(file.real) {
        return Ok(None);
    }
    let at_fault = |Refusal(mut faults): Refusal| faults.swap_remove(0).at(used.span, "used here");
    let bytes = read_all(file.reader, 0, &used.value, &request.limits).map_err(at_fault)?;
    // A place in it is found from where one is, as by a CI server that marks the line.
    let source = source_of(bytes, &file.path.display().to_string(), sources).map_err(at_fault)?;
    Ok(Some((parse(&source, spelling, &request.limits), source)))
}

/// Reads one volume of the library that comes with the program.
fn read_volume(
    used: &Spanned<String>,
    request: &Request,
    sources: &mut SourceMap,
    seen: &mut HashSet<PathBuf>,
) -> Result<Option<(Parsed, Source)>, Diagnostic> {
    let Some(volume) = gallery::find(&used.value) else {
        let names: Vec<String> =
            gallery::ALL.iter().map(|volume| format!("{}{}", gallery::PREFIX, volume.name)).collect();
        return Err(Diagnostic::error(format!("the library has no `{}`", used.value))
            .at(used.span, "used here")
            .did_you_mean(&used.value, names.iter().map(String::as_str))
            .help(format!("it has `{}`", names.join("`, `"))));
    };
    if !seen.insert(PathBuf::from(&used.value)) {
        return Ok(None);
    }
    let at_fault = |Refusal(mut faults): Refusal| faults.swap_remove(0).at(used.span, "used here");
    let source = source_of(volume.text.as_bytes().to_vec(), &used.value, sources).map_err(at_fault)?;
    Ok(Some((parse(&source, gallery::SPELLING, &request.limits), source)))
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
    let (source, spelling) = text_of(input, spelling, &request.limits, sources)?;
    let parsed = parse(&source, spelling, &request.limits);
    match parsed.errors.parts().1 {
        None => Ok((parsed.document, source, spelling)),
        Some(refusal) => Err(refusal),
    }
}

/// Reads an expression that was given apart from any file.
///
/// # Errors
/// Its syntax errors.
pub fn expression(source: &Source, limits: &Limits) -> Result<Expression, Refusal> {
    let options = options(limits);
    if let (_, Some(refusal)) = syntax::hidden(source, Spelling::Graph, options.max_errors).parts() {
        return Err(refusal);
    }
    syntax::parse_expression(source, &options).map_err(Refusal)
}

fn options(limits: &Limits) -> ParseOptions<'static> {
    // No text has more levels or errors than a `usize` counts.
    let [max_depth, max_errors] = [limits.depth, limits.errors].map(|limit| limit as usize);
    ParseOptions { is_op: &is_op, max_depth, max_errors, max_memory: limits.bytes }
}

fn parse(source: &Source, spelling: Spelling, limits: &Limits) -> Parsed {
    let options = options(limits);
    let mut parsed = syntax::parse(source, spelling, &options);
    parsed.document.file = (*source.name).into();
    parsed.errors.append(syntax::hidden(source, spelling, options.max_errors));
    parsed
}

fn is_op(name: &str) -> bool {
    ops::find(name).is_some()
}

/// Reads a text and tells its spelling.
fn text_of(
    input: &Input,
    spelling: Option<Spelling>,
    limits: &Limits,
    sources: &mut SourceMap,
) -> Result<(Source, Spelling), Refusal> {
    let name = match input {
        Input::File(path) => path.display().to_string(),
        Input::Found { root, below } => found(root, below).display().to_string(),
        Input::Stdin => "standard input".to_string(),
        Input::Text(_) => "graph".to_string(),
    };
    let bytes = match input {
        Input::File(path) => read_file(inside::open_named(path), &name, limits)?,
        Input::Found { root, below } => read_file(inside::open(root, below, &[]), &name, limits)?,
        Input::Stdin => read_all(io::stdin().lock(), 0, &name, limits)?,
        Input::Text(text) => text.as_bytes().to_vec(),
    };
    let Some(spelling) = spelling.or_else(|| Spelling::of(&name)) else {
        return Err(Diagnostic::error(format!("cannot tell the spelling of {name}"))
            .cause(Cause::Spelling)
            .help("a graph file ends in `.graph` or `.toml`")
            .help("of another one say `--spelling graph` or `--spelling toml`")
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

/// The path of a file that was found; `.` is left out.
pub fn found(root: &Path, below: &Path) -> PathBuf {
    if root == Path::new(".") { below.to_path_buf() } else { root.join(below) }
}

fn read_file(opened: Result<File, Fault>, name: &str, limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let refused = |why: &str, help: &str| {
        Refusal::from(Diagnostic::error(format!("cannot read {name}: {why}")).help(help))
    };
    const ANOTHER: &str = "name a graph file, or `-` for standard input";
    let file = opened.map_err(|fault| match fault {
        Fault::Missing => {
            refused("no such file or directory", "is the path right? it is taken from the folder you are in")
        }
        Fault::LeadsOut => refused(
            "it is a link that leads out of the folder that is tested",
            "name the file itself to test it, or copy it into the folder",
        ),
        Fault::Folder => refused("it is a folder", ANOTHER),
        Fault::NotRegular => refused("it is not a regular file", ANOTHER),
        Fault::Other(fault) => {
            let help = match fault.kind() {
                io::ErrorKind::PermissionDenied => "you may not read it: look at its permissions",
                _ => "look at the path and the disk",
            };
            refused(&plain(&fault), help)
        }
    })?;
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    limits.hold("file", length, || format!("{name} is too long, {}", bytes(length)))?;
    // One byte more shows that a file has not grown meanwhile.
    read_all(file, length as usize + 1, name, limits)
}

/// Reads to the end; `room` is how many bytes there may be.
fn read_all(from: impl Read, room: usize, name: &str, limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let mut read = Vec::with_capacity(room);
    from.take(limits.file.saturating_add(1))
        .read_to_end(&mut read)
        .map_err(|fault| Diagnostic::error(format!("cannot read {name}: {}", plain(&fault))))?;
    limits.hold("file", read.len() as u64, || format!("{name} is too long"))?;
    Ok(read)
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
