//! Words of a file, its name, or the command line reach a terminal, a log, a page and a
//! picture as words: nothing in them is hidden, or taken for a command.

use crate::common::folder::folder;
use resvg::usvg::roxmltree::Document;
use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output},
};
use tempfile::TempDir;

/// What strangers may write where a word is wanted.
const WORDS: &[&str] = &[
    "::stop-commands::t",
    "\u{1b}]0;owned\u{7}\u{1b}[31m\u{9b}2J\u{8}\u{7f}\u{85}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\r::error::over the line before",
    "q\n::stop-commands::t",
    "  ::add-mask::x",
    "\u{3000}::error::x",
    "##[group]x ##vso[task.setvariable variable=x]y",
    "%0A::error::x",
    "\u{202e}turned\u{2066}\u{200f}\u{61c}",
    "a\u{200b}\u{feff}\u{ad}\u{2060}\u{200d}\u{3164}b",
    "a\u{2028}::error::b\u{2029}",
    "\u{e0041}\u{e007f}\u{fffe}\u{ffff}\u{10ffff}",
    "</title></svg></pre><b>",
    "]]>--><!--<![CDATA[",
    "\" onload=\"x' y='",
    "[a](javascript:b)![c](http://d.example) | `e` | @who a@b.example\\| https://f.example",
    "\\N\\G\\\"];x[",
    "&#8238;&lt;&amp;",
    "%%{init: {\"theme\": \"x\"}}%%\nclick n0 href \"https://x.example\"\n---\n",
    "#quot;]\n  n0 --> n1",
    "{{data}}",
    "りんごの値段 é 🍎",
];

/// All words behind each other, another one first each time.
fn all_from(first: usize) -> String {
    let words: Vec<&str> = WORDS.iter().cycle().skip(first).take(WORDS.len()).copied().collect();
    words.join(" ")
}

/// Every character as an escape of a `.graph` file, or of TOML.
fn in_graph(word: &str) -> String {
    word.chars().map(|c| format!("\\u{{{:x}}}", u32::from(c))).collect()
}

fn in_toml(word: &str) -> String {
    word.chars().map(|c| format!("\\U{:08X}", u32::from(c))).collect()
}

/// Files that say a word wherever a file can say one; the first of them run.
const RUN: [&str; 2] = ["title.graph", "title.toml"];

fn files(word: &str) -> Vec<(&'static str, String)> {
    let (graph, toml) = (in_graph(word), in_toml(word));
    vec![
        (
            "title.graph",
            format!("title \"{graph}\"\ninput x = 2\ny = x * x # {}\n", word.replace(is_refused, "")),
        ),
        ("title.toml", format!("title = \"{toml}\"\n[inputs]\nx = 2\n[nodes]\ny = \"x * x\"\n")),
        ("expects.graph", format!("input x = 2\ny = x * x\nexpect y = 5\nexpect error \"{graph}\"\n")),
        ("comment.graph", format!("input x = 2\ny = x * nope # {word}\n")),
        ("text.graph", format!("title \"{word}\"\ninput x = 2\ny = = x # {word}\n")),
        ("data.graph", format!("const x = npy(\"{graph}.npy\")\ninput z = 1\ny = x * z\n")),
        ("use.graph", format!("use \"{graph}.graph\"\nuse \"{graph}\"\ninput z = 1\ny = z * z\n")),
        (
            "attribute.graph",
            format!("input x = [1, 2]\ny = sum(x, axis = \"{graph}\")\nz = x[\"{graph}\"]\n"),
        ),
        ("bare.toml", format!("[inputs]\nx = 2\n[nodes]\ny = x{word} * 3\n")),
        (
            "keys.toml",
            format!(
                "\"{toml}\" = 1\n[inputs]\n\"{toml}\" = 2\n[nodes]\n\"a{toml}\" = \"{toml}\"\n[\"{toml}\"]\n"
            ),
        ),
    ]
}

/// What a file may not hold at all, be it in a comment.
fn is_refused(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn folder_of(word: &str) -> TempDir {
    let files = files(word);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
    folder(&files)
}

/// What a call said on both streams.
struct Said {
    out: String,
    err: String,
}

fn call(folder: &Path, arguments: &[&str]) -> Said {
    let Output { stdout, stderr, .. } = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("CI")
        .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
        .env("XDG_CACHE_HOME", folder.join(".cache"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let said = Said { out: text(stdout), err: text(stderr) };
    assert!(!said.err.contains("panicked"), "{arguments:?}: {}", said.err);
    said
}

fn is_hidden(c: char) -> bool {
    c != '\n' && c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Without the colours that were asked for.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or("").to_string();
    parts.fold(first, |out, part| {
        let (codes, rest) = part.split_once('m').unwrap_or(("?", part));
        assert!(codes.chars().all(|c| c.is_ascii_digit() || c == ';'), "{codes:?}");
        out + rest
    })
}

/// The law of every text: nothing hidden, and no command of a CI server but ours.
fn shows_all(text: &str, of: &str) {
    if let Some(line) = text.lines().find(|line| line.chars().any(is_hidden)) {
        panic!("{of} hides something: {line:?}");
    }
    for line in text.lines() {
        let is_ours = ["::error file=", "::warning file=", "::error title=graphrun::"]
            .iter()
            .any(|ours| line.starts_with(ours) && of.contains("github"));
        assert!(is_ours || !line.trim_start().starts_with("::"), "{of}: {line}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{of}: {line}");
    }
}

fn both_show_all(said: &Said, of: &str) {
    shows_all(&said.out, of);
    shows_all(&said.err, of);
}

#[test]
fn every_command_shows_what_a_file_says() {
    for first in [0, 1, 2] {
        let folder = folder_of(&all_from(first));
        for (name, _) in files("") {
            for arguments in [&[][..], &["--check"], &["--format", "json"], &["--profile"]] {
                let said = call(folder.path(), &[&[name], arguments].concat());
                both_show_all(&said, &format!("{name} {arguments:?}"));
            }
            for command in ["explain", "digits", "expand", "convert"] {
                both_show_all(&call(folder.path(), &[command, name]), &format!("{command} {name}"));
            }
            let coloured = call(folder.path(), &[name, "--check", "--color", "always"]);
            shows_all(&without_colours(&coloured.out), name);
            shows_all(&without_colours(&coloured.err), name);
        }
        for name in RUN {
            let run = call(folder.path(), &[name]);
            assert!(run.out.contains("りんごの値段 é 🍎"), "{}", run.out);
        }
    }
}

#[test]
fn every_format_of_a_test_run_shows_what_files_say() {
    let mut rows = BTreeMap::new();
    for first in [None, Some(0), Some(1), Some(2)] {
        let folder = folder_of(&first.map_or("plain".to_string(), all_from));
        for format in ["human", "json", "junit", "github"] {
            let said = call(folder.path(), &["test", ".", "--format", format]);
            both_show_all(&said, &format!("test --format {format}"));
            match format {
                "json" => said.out.lines().for_each(|line| {
                    serde_json::from_str::<serde_json::Value>(line).unwrap();
                }),
                "junit" => {
                    let xml = Document::parse(&said.out).unwrap();
                    let count = xml.descendants().filter(|node| node.is_element()).count();
                    assert_eq!(*rows.entry("elements").or_insert(count), count, "{}", said.out);
                }
                _ => {}
            }
        }
        let summary = std::fs::read_to_string(folder.path().join("summary.md")).unwrap();
        shows_all(&summary, "the summary");
        let lines = summary.lines().count();
        assert_eq!(*rows.entry("lines").or_insert(lines), lines, "{summary}");
        for row in summary.lines().filter(|line| line.starts_with('|')) {
            assert_eq!(row.matches('|').count(), 5, "{row}");
            let words = row.replace("<wbr>", "").replace("<br>", "");
            assert!(!words.contains(['<', '>', '`', '[', '!', '(', '*', '_', '\\']), "{row}");
            assert!(!words.contains("://") && !words.contains("www."), "{row}");
        }
    }
}

#[test]
fn json_and_toml_say_the_words_themselves() {
    let word = all_from(0);
    let folder = folder_of(&word);
    for name in RUN {
        for arguments in [&[name, "--format", "json"][..], &["explain", name, "--format", "json"]] {
            let said = call(folder.path(), arguments);
            both_show_all(&said, "json");
            let object: serde_json::Value = serde_json::from_str(&said.out).unwrap();
            assert_eq!(object["title"], *word);
        }
        for to in ["graph", "toml"] {
            let written = call(folder.path(), &["convert", name, "--to", to]).out;
            let again = folder.path().join(format!("again.{to}"));
            std::fs::write(&again, &written).unwrap();
            let said = call(folder.path(), &[&*again.to_string_lossy(), "--format", "json"]);
            let object: serde_json::Value =
                serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}", said.err));
            assert_eq!(object["title"], *word, "{written}");
        }
    }
    let refused = call(folder.path(), &["comment.graph", "--format", "json"]);
    let object: serde_json::Value = serde_json::from_str(&refused.out).unwrap();
    assert!(object["errors"].as_array().unwrap().len() > 1 && object["more_errors"] == 0);
}

#[test]
fn pictures_hold_no_more_parts_than_without_the_words() {
    let mut parts: BTreeMap<String, usize> = BTreeMap::new();
    for first in [None, Some(0), Some(1), Some(2)] {
        let folder = folder_of(&first.map_or("plain".to_string(), all_from));
        for name in RUN {
            for format in ["svg", "html", "dot", "mermaid", "tikz", "text"] {
                let said = call(folder.path(), &["show", name, "--to", format, "--check"]);
                assert!(said.out.chars().all(|c| !is_hidden(c)), "{format} {name}");
                shows_all(&said.err, format);
                let count = match format {
                    "svg" => Document::parse(&said.out).unwrap().descendants().count(),
                    "html" => said.out.matches('<').count(),
                    _ => {
                        shows_all(&said.out, format);
                        said.out.lines().count()
                    }
                };
                assert_eq!(*parts.entry(format!("{name} {format}")).or_insert(count), count, "{}", said.out);
                match format {
                    "mermaid" => {
                        assert!(!said.out.contains("%%{") && !said.out.contains("#8238"), "{}", said.out)
                    }
                    "dot" => assert!(!said.out.contains("&#") && !said.out.contains(" \\N"), "{}", said.out),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn the_command_line_is_shown_too() {
    let folder = folder_of("plain");
    for word in WORDS {
        for arguments in [
            &["title.graph", "--set", word][..],
            &["title.graph", "--set", &format!("x={word}")],
            &["title.graph", "--output", word],
            &["title.graph", "--wrt", word],
            &["title.graph", "--limit", &format!("{word}=1")],
            &["title.graph", "--format", word],
            &["show", "title.graph", "--near", word],
            &["show", "title.graph", "-o", &format!("out.{}", word.replace('/', ""))],
            &["ops", word],
            &["man", word],
            &["test", word],
            &["test", ".", "--filter", word],
            &[word],
            &["tset", word],
            &[&format!("{word}.graph")],
        ] {
            both_show_all(&call(folder.path(), arguments), &format!("{arguments:?}"));
        }
    }
}

#[cfg(unix)]
#[test]
fn names_of_files_are_shown_too() {
    let folder = tempfile::tempdir().unwrap();
    for word in WORDS {
        let name: String = word.chars().filter(|&c| c != '/').take(60).collect();
        std::fs::write(folder.path().join(format!("{name}.graph")), "input x = 1\ny = x * nope\n").unwrap();
        let runs = format!("{name}2.graph");
        std::fs::write(folder.path().join(&runs), "input x = 1\ny = x * x\n").unwrap();
        let path = format!("./{runs}");
        both_show_all(&call(folder.path(), &[&path, "--check"]), word);
        both_show_all(&call(folder.path(), &["explain", &path]), word);
        let page = call(folder.path(), &["show", &path, "--to", "html"]).out;
        assert!(page.chars().all(|c| !is_hidden(c)), "{word:?}");
    }
    both_show_all(&call(folder.path(), &["test", ".", "--list"]), "list");
    for format in ["human", "json", "junit", "github"] {
        both_show_all(&call(folder.path(), &["test", "--format", format]), &format!("{format} of names"));
    }
    both_show_all(&call(folder.path(), &["test", "--bless"]), "bless");
}

#[test]
fn carets_and_columns_stay_right_behind_what_is_hidden() {
    let folder =
        folder(&[("a.graph", "title \"\u{200b}り\" # \u{200b}\ninput x = 1\ny = \u{2060} nope * x\n")]);
    let said = call(folder.path(), &["a.graph"]).err;
    let lines: Vec<&str> = said.lines().collect();
    let shown = lines.iter().position(|line| line.starts_with("3 | ")).unwrap();
    let column = |line: &str, sign: &str| line.find(sign).map(|at| line[..at].chars().count());
    assert_eq!(column(lines[shown], "\\u{2060}"), column(lines[shown + 1], "^"), "{said}");
    assert!(lines.iter().any(|line| line.ends_with("a.graph:3:5")), "{said}");
}
