//! One fault of a file is one error: every graph of this project with one fault of each kind.

use graphrun::{
    Refusal, Spelling,
    initializers::Files,
    load::{self, Input},
    resolve::Request,
    source::SourceMap,
    syntax,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

struct File {
    name: String,
    folder: PathBuf,
    text: String,
    spelling: Spelling,
}

/// All graphs without a fault of their own, each in both spellings.
fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["graphs", "graphs/layers", "graphs/wrong"] {
        let folder = root.join(folder);
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap().to_str().unwrap().to_string();
            let Some(spelling) =
                Spelling::of(&name).filter(|_| !name.contains("mnist") && name != "bias_not_summed.graph")
            else {
                continue;
            };
            let text = std::fs::read_to_string(&path).unwrap();
            let (document, ..) = load::document(
                &Input::Text(&text),
                Some(spelling),
                &Request::default(),
                &mut SourceMap::default(),
            )
            .unwrap();
            let (other, ending) = match spelling {
                Spelling::Graph => (Spelling::Toml, "toml"),
                Spelling::Toml => (Spelling::Graph, "graph"),
            };
            let converted = syntax::print(&document, other);
            files.push(File {
                name: format!("{name}.{ending}"),
                folder: folder.clone(),
                text: converted,
                spelling: other,
            });
            files.push(File { name, folder: folder.clone(), text, spelling });
        }
    }
    assert!(files.len() > 50, "{}", files.len());
    files
}

fn errors(file: &File, text: &str) -> Vec<String> {
    let request = Request { files: Files::new(vec![file.folder.clone()]), ..Request::default() };
    match load::load(&Input::Text(text), Some(file.spelling), &request, &mut SourceMap::default()) {
        Ok(_) => Vec::new(),
        Err(Refusal(errors)) => errors.into_iter().map(|error| error.message).collect(),
    }
}

/// The words of a text with their places, without those in comments and titles.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or("");
        if !code.trim_start().starts_with("title") {
            let mut from = 0;
            for word in code.split(|c: char| !(c == '_' || c.is_alphanumeric())) {
                if !word.is_empty() {
                    words.push((at + from, word));
                }
                from += word.len() + 1;
            }
        }
        at += line.len();
    }
    words
}

fn replaced(text: &str, at: usize, length: usize, with: &str) -> String {
    format!("{}{with}{}", &text[..at], &text[at + length..])
}

/// The text with each place in turn that one kind of fault can befall.
fn faults(file: &File) -> Vec<(&'static str, String)> {
    let text = &*file.text;
    let mut all: Vec<(&'static str, String)> = Vec::new();
    let is_graph = file.spelling == Spelling::Graph;
    let calls = |word: &str| graphrun::ops::find(word).is_some();
    for (at, word) in words(text) {
        let behind = &text[at + word.len()..];
        let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = &text[line_start..at];
        let is_defined = behind.trim_start().starts_with('=') && !behind.trim_start().starts_with("==");
        let is_name = word.starts_with(|c: char| c == '_' || c.is_alphabetic());
        let role = matches!(before.trim(), "" | "input" | "param" | "const");
        let leaf = matches!(before.trim(), "input" | "param" | "const");
        if is_graph && is_name && (role && is_defined || leaf) && !text[..at].ends_with('.') {
            all.push(("a definition renamed", replaced(text, at, word.len(), &format!("{word}_qq"))));
        }
        if calls(word) && behind.starts_with('(') {
            all.push(("an op misspelt", replaced(text, at, word.len(), &format!("{word}qx"))));
            all.push(("an op with its module", replaced(text, at, word.len(), &format!("np.{word}"))));
            all.push(("an op that does not exist", replaced(text, at, word.len(), "hypot")));
            all.push((
                "an attribute that does not exist",
                replaced(text, at + word.len() + 1, 0, "zzz = 3, ").replace("zzz = 3, )", "zzz = 3)"),
            ));
        }
        if matches!(word, "axis" | "classes" | "shape")
            && behind.trim_start().starts_with('=')
            && text[..at].trim_end().ends_with([',', '('])
        {
            all.push(("an attribute misspelt", replaced(text, at, word.len(), &format!("{word}q"))));
            let (name, value) = behind.split_once('=').unwrap();
            let blanks = value.len() - value.trim_start().len();
            all.push((
                "an attribute by position",
                replaced(text, at, word.len() + name.len() + 1 + blanks, ""),
            ));
        }
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or("").trim_end();
        let is_code = !code.trim().is_empty() && !code.trim_start().starts_with("title");
        // A line that opens or closes more than itself is more than one fault.
        let count = |signs: [char; 3]| code.matches(signs).count();
        let is_whole = count(['(', '[', '{']) == count([')', ']', '}']) && !code.starts_with("use");
        if is_code && is_whole && code.contains('=') && !code.trim_start().starts_with('[') {
            all.push(("a line twice", replaced(text, at, 0, &line.replace(['\n'], "\n"))));
            all.push(("a line left out", replaced(text, at, line.len(), "")));
            all.push(("a semicolon", replaced(text, at + code.len(), 0, ";")));
        }
        if is_code && is_graph {
            for (from, to) in [
                (" * ", " ≤ "),
                (" * ", " ^ "),
                (" + ", " && "),
                (" = ", " := "),
                ("input ", "let "),
                (" = ", " "),
            ] {
                if let Some(found) = code.find(from) {
                    all.push(("a sign of another language", replaced(text, at + found, from.len(), to)));
                }
            }
        }
        for (found, sign) in code.char_indices().filter(|_| is_code) {
            let kind = match sign {
                '(' | '[' | '{' => "an opening bracket left out",
                ')' | ']' | '}' => "a closing bracket left out",
                '"' | '\'' => "a quote left out",
                ',' => "a comma left out",
                '=' => "an equals sign left out",
                _ => continue,
            };
            all.push((kind, replaced(text, at + found, sign.len_utf8(), "")));
        }
        at += line.len();
    }
    all
}

#[test]
fn one_fault_is_one_error() {
    let (mut tried, mut refused): (BTreeMap<&str, usize>, usize) = (BTreeMap::new(), 0);
    let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in files() {
        assert_eq!(errors(&file, &file.text), Vec::<String>::new(), "{}", file.name);
        for (kind, text) in faults(&file) {
            *tried.entry(kind).or_default() += 1;
            let errors = errors(&file, &text);
            refused += usize::from(!errors.is_empty());
            if errors.len() > 1 {
                let changed = text.lines().zip(file.text.lines()).find(|(now, before)| now != before);
                let (now, _) = changed.unwrap_or_default();
                wrong.entry(kind).or_default().push(format!(
                    "  {}: {now}\n      {}",
                    file.name,
                    errors.join("\n      ")
                ));
            }
        }
    }
    let total: usize = tried.values().sum();
    assert!(total > 3000 && refused > total / 2, "{tried:?} {refused}");
    let words: Vec<String> = wrong
        .iter()
        .map(|(kind, cases)| format!("{kind}: {} of {}\n{}", cases.len(), tried[kind], cases.join("\n")))
        .collect();
    assert!(wrong.is_empty(), "{}", words.join("\n"));
}
