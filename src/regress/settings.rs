//! `graphrun.toml`: how the graph files of a folder, and of those within it, are tested.
//!
//! The nearest one counts, from the folder of a file up to the folder that one is in, or that is
//! tested. It may come from a stranger with the files beside it, so it opens no folder outside of its
//! own, nor outside of what is tested: other folders are the user's to name.

use super::{select::fits, tags::Tags};
use crate::{
    diagnostic::Diagnostic,
    inside::{self, Fault, folder_of},
    limits::{self, Limits},
    source::{Source, SourceMap, Span, Spelling},
    syntax::hidden,
};
use std::{
    collections::HashMap,
    io::Read,
    path::{Component, Path, PathBuf},
    sync::Arc,
};
use toml::de::{DeTable, DeValue};

/// The name of the file.
pub const SETTINGS: &str = "graphrun.toml";

const KEYS: [&str; 5] = ["data", "exclude", "within", "timeout", "tags"];

/// Bytes of a file that is taken for settings.
const LONGEST: u64 = 1 << 20;

/// What one such file says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// Where it stands, without links.
    folder: PathBuf,
    /// Folders for data files.
    pub data: Vec<PathBuf>,
    /// Parts of names, or globs, of files that are left out; names begin at its folder.
    exclude: Vec<String>,
    /// The tolerance of expectations, where their file gives none.
    pub within: Option<f64>,
    /// Seconds that one file may take.
    pub timeout: Option<f64>,
    pub tags: Tags,
}

impl Settings {
    pub fn excludes(&self, path: &Path) -> bool {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let below = real.strip_prefix(&self.folder).unwrap_or(path);
        let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let name = parts.join("/");
        self.exclude.iter().any(|filter| fits(filter, &name))
    }
}

/// The settings of folders, each read once.
pub struct Folders {
    here: PathBuf,
    /// The folders that are tested, without links.
    tested: Vec<PathBuf>,
    known: HashMap<(PathBuf, PathBuf), Option<Arc<Settings>>>,
    pub faults: Vec<Diagnostic>,
    pub sources: SourceMap,
}

impl Folders {
    /// For a test of these files and folders.
    pub fn of(paths: &[PathBuf]) -> Self {
        let real = |path: &PathBuf| path.canonicalize().ok().filter(|path| path.is_dir());
        Self {
            here: PathBuf::from(".").canonicalize().unwrap_or_default(),
            tested: paths.iter().filter_map(real).collect(),
            known: HashMap::new(),
            faults: Vec::new(),
            sources: SourceMap::default(),
        }
    }

    /// The nearest settings of a file that was found below `root`, or that the user names.
    pub fn nearest(&mut self, file: &Path, root: Option<&Path>) -> Option<Arc<Settings>> {
        let folder = folder_of(file);
        let key = (folder.to_path_buf(), root.unwrap_or(folder).to_path_buf());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let real = |path: &Path| path.canonicalize().ok();
        let found = real(&key.0).zip(real(&key.1)).and_then(|(folder, root)| {
            let top = if folder.starts_with(&self.here) { self.here.clone() } else { root };
            self.upwards(&folder, &top)
        });
        self.known.insert(key, found.clone());
        found
    }

    /// The settings of a folder, or of the nearest above it, up to the topmost; both without links.
    fn upwards(&mut self, folder: &Path, top: &Path) -> Option<Arc<Settings>> {
        let key = (folder.to_path_buf(), top.to_path_buf());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let found = match self.read(folder) {
            Some(settings) => Some(Arc::new(settings)),
            None if folder == top => None,
            None => folder.parent().and_then(|above| self.upwards(above, top)),
        };
        self.known.insert(key, found.clone());
        found
    }

    /// The settings that stand in a folder; what is wrong with them is kept.
    fn read(&mut self, folder: &Path) -> Option<Settings> {
        let path = self.shown(&folder.join(SETTINGS));
        let mut file = match inside::open(folder, Path::new(SETTINGS), &[]) {
            Ok(file) => file.take(LONGEST + 1),
            Err(Fault::Missing) => return None,
            Err(fault) => {
                let why = match fault {
                    Fault::LeadsOut => "it is a link that leads out of its folder".to_string(),
                    Fault::Other(fault) => fault.to_string(),
                    _ => "it is not a regular file".to_string(),
                };
                self.faults.push(unreadable(&path, &why));
                return None;
            }
        };
        let mut text = String::new();
        let why = match file.read_to_string(&mut text) {
            Ok(length) if length as u64 > LONGEST => format!("it is longer than {}", limits::bytes(LONGEST)),
            Ok(_) => String::new(),
            Err(fault) => fault.to_string(),
        };
        let source = if why.is_empty() { self.sources.add(&path.to_string_lossy(), text) } else { None };
        let Some(source) = source else {
            self.faults.push(unreadable(&path, &why));
            return None;
        };
        let most = usize::try_from(Limits::default().errors).unwrap_or(usize::MAX);
        self.faults.extend(hidden(&source, Spelling::Toml, most));
        let mut reader = Reader { source: &source, faults: Vec::new() };
        let settings = reader.settings(folder);
        let Reader { faults, .. } = reader;
        self.faults.extend(faults);
        Some(self.within_what_is_tested(settings))
    }

    /// Of the data folders those that lie in a folder that is tested, or all where files are named.
    fn within_what_is_tested(&mut self, (mut settings, named): (Settings, Vec<Named>)) -> Settings {
        for Named { path, words, span } in named {
            let holds = |tested: &PathBuf| path.starts_with(tested);
            if self.tested.is_empty() || self.tested.iter().any(holds) {
                settings.data.push(self.shown(&path));
                continue;
            }
            let tested: Vec<String> =
                self.tested.iter().map(|tested| self.shown(tested).display().to_string()).collect();
            self.faults.push(
                Diagnostic::warning(format!("the data folder {words:?} is not opened"))
                    .at(span, format!("outside of {}, which is tested", tested.join(" and ")))
                    .help(format!(
                        "say `--data {}`, or test the folder that holds both",
                        self.shown(&path).display()
                    )),
            );
        }
        settings
    }

    /// A path without links as one would type it from here.
    fn shown(&self, real: &Path) -> PathBuf {
        match real.strip_prefix(&self.here) {
            Ok(below) if below.as_os_str().is_empty() => PathBuf::from("."),
            Ok(below) => below.to_path_buf(),
            Err(_) => real.to_path_buf(),
        }
    }
}

fn unreadable(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::error(format!("cannot read {}: {why}", path.display()))
        .help("it says how the files of its folder are tested: mend it, or take it away")
}

/// A data folder as it is named.
struct Named {
    /// Without links, where it is there.
    path: PathBuf,
    words: String,
    span: Span,
}

/// Reads one text, and collects what is wrong with it.
struct Reader<'a> {
    source: &'a Source,
    faults: Vec<Diagnostic>,
}

type Value<'i> = toml::Spanned<DeValue<'i>>;

impl Reader<'_> {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.source.base + range.start as u32, self.source.base + range.end as u32)
    }

    fn settings(&mut self, folder: &Path) -> (Settings, Vec<Named>) {
        let mut settings = Settings { folder: folder.to_path_buf(), ..Settings::default() };
        let mut named = Vec::new();
        let text = self.source.text.clone();
        let (table, faults) = DeTable::parse_recoverable(&text);
        for fault in &faults {
            let span = self.span(fault.span().unwrap_or(0..0));
            self.faults.push(Diagnostic::error(fault.message()).at(span, "TOML cannot go on here"));
        }
        if !faults.is_empty() {
            return (settings, named);
        }
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "data" => {
                    for (words, span) in self.strings("data", value) {
                        named.extend(self.data_folder(folder, words, span));
                    }
                }
                "exclude" => {
                    settings.exclude =
                        self.strings("exclude", value).into_iter().map(|(text, _)| text).collect();
                }
                "tags" => {
                    let tags = self.strings("tags", value);
                    settings.tags = Tags::of(tags.iter().map(|(tag, _)| tag.as_str()));
                }
                "within" => {
                    let is_good = |within: f64| within >= 0.0;
                    settings.within = self.number("within", "a tolerance of 0 or more", is_good, value);
                }
                "timeout" => {
                    let is_good = |seconds: f64| seconds > 0.0 && seconds < 1e9;
                    settings.timeout = self.number("timeout", "a number of seconds", is_good, value);
                }
                name => {
                    let span = self.span(key.span());
                    let fault = Diagnostic::error(format!("unknown key `{name}`"))
                        .at(span, format!("known: {}", KEYS.join(", ")))
                        .did_you_mean(name, KEYS);
                    self.faults.push(fault);
                }
            }
        }
        (settings, named)
    }

    /// A folder below its own.
    fn data_folder(&mut self, folder: &Path, words: String, span: Span) -> Option<Named> {
        let below = Path::new(&words);
        let stays = below.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        // What is not there yet holds nothing.
        let path = folder.join(below);
        let path = path.canonicalize().unwrap_or(path);
        if stays && path.starts_with(folder) {
            return Some(Named { path, words, span });
        }
        self.faults.push(
            Diagnostic::error(format!("the data folder {words:?} leads out of the folder of this file"))
                .at(span, "not opened")
                .help("a folder elsewhere is named on the command line, by `--data DIR`"),
        );
        None
    }

    fn strings(&mut self, key: &str, value: &Value) -> Vec<(String, Span)> {
        let lone = std::slice::from_ref(value);
        let all = match value.get_ref() {
            DeValue::Array(all) => all.iter().as_slice(),
            _ => lone,
        };
        let mut strings = Vec::new();
        for value in all {
            let span = self.span(value.span());
            match value.get_ref() {
                DeValue::String(text) => strings.push((text.to_string(), span)),
                _ => {
                    let fault = Diagnostic::error(format!("`{key}` must be a string or an array of strings"));
                    self.faults.push(fault.at(span, "expected a string"));
                }
            }
        }
        strings
    }

    fn number(&mut self, key: &str, what: &str, is_good: fn(f64) -> bool, value: &Value) -> Option<f64> {
        let text = match value.get_ref() {
            DeValue::Integer(int) => int.as_str(),
            DeValue::Float(float) => float.as_str(),
            _ => "",
        };
        let number = text.parse().ok().filter(|&number: &f64| number.is_finite() && is_good(number));
        if number.is_none() {
            let span = self.span(value.span());
            self.faults.push(
                Diagnostic::error(format!("`{key}` must be {what}")).at(span, format!("expected {what}")),
            );
        }
        number
    }
}
