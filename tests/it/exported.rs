//! What Python itself makes of written modules, whatever the names and words of the graph are: the same program,
//! with the words in it as words. And what `graphrun export -o` writes over.

use crate::common::folder::folder;
use graphrun::{
    arrays::{Array, npz, safetensors},
    export::{Custom, Framework, Request, check, is_module, module},
    initializers::Files,
    load::{Input, load_with_document},
    source::{SourceMap, Spelling},
    tensor::Tensor,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All ways to write a backward by hand.
const WAYS: [(Framework, Custom); 3] = [
    (Framework::Torch, Custom::Recommended),
    (Framework::Torch, Custom::AutogradFunction),
    (Framework::Jax, Custom::Recommended),
];

/// What Python says of modules, by `tests/export/asked.py`.
fn asked(texts: &[String]) -> Value {
    let python = if cfg!(windows) { "python" } else { "python3" };
    let mut child = Command::new(python)
        .arg(Path::new(ROOT).join("tests/export/asked.py"))
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Python reads all before it writes.
    child.stdin.take().unwrap().write_all(json!(texts).to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn answers(texts: &[String]) -> Vec<Value> {
    asked(texts)["answers"].as_array().unwrap().clone()
}

/// What is written of a text, as the function of this name; `None` where the language has no such file.
fn written(text: &str, name: &str, way: (Framework, Custom), taps: bool) -> Option<String> {
    made(text, &Request { taps, ..request(way, name)? })
}

fn request((framework, custom): (Framework, Custom), name: &str) -> Option<Request> {
    is_module(name).then(|| Request {
        framework,
        custom,
        name: name.to_string(),
        file: "some.graph".into(),
        folder: PathBuf::from(ROOT),
        folder_from_file: PathBuf::new(),
        has_arrays: true,
        taps: false,
    })
}

fn made(text: &str, request: &Request) -> Option<String> {
    let reading = graphrun::resolve::Request {
        keep_expressions: true,
        files: Files::new(vec![request.folder.clone()]),
        ..graphrun::resolve::Request::default()
    };
    let spelling = Some(Spelling::Graph);
    let read = load_with_document(&Input::Text(text), spelling, &reading, &mut SourceMap::default());
    let (graph, document) = read.ok()?;
    Some(module(&graph, &document, request).unwrap().text)
}

/// `BLOCK` has a backward by hand, two outputs and two functions: its code holds a length.
const NAMED: &str = "block BLOCK(x: [n]) {\n  INNER = x * x\n  y = INNER / n + INNER\n  rest = INNER * 3\n  output y, rest\n  \
                     backward x = upstream.y * x * 2 * (1 + 1 / n)\n}\n\
                     param LEAF: [2] = [1, 2]\nparam second: [3] = [1, 2, 3]\nNODE, other = BLOCK(LEAF)\n\
                     more, most = BLOCK(second)\nloss = sum(NODE) + sum(more)\nsumma = LEAF + 3\noutput loss, summa\n";

fn named(block: &str, inner: &str, leaf: &str, node: &str) -> String {
    NAMED.replace("BLOCK", block).replace("INNER", inner).replace("LEAF", leaf).replace("NODE", node)
}

/// Every word of Python, every name that a written file has itself, and what means something to Python otherwise,
/// in every place of a graph that has a name: the program stays the same.
#[test]
fn a_name_is_a_name_whatever_python_means_by_it() {
    let usual = named("alpha", "beta", "gamma", "delta");
    let mut words: BTreeSet<String> =
        ["_", "__", "__x", "__debug__", "__all__", "_1", "x\u{3164}", "ｔorch", "𝐭𝐨𝐫𝐜𝐡", "ﬁ", "ℏ"]
            .map(String::from)
            .into();
    for end in ["_", "_2", "_forward", "_backward", "_setup", "_graph", "_forward_"] {
        words.insert(format!("alpha{end}"));
        words.insert(format!("epsilon{end}"));
    }
    words.extend(
        ["Alpha", "AlphaFunction", "Alpha_", "alpha", "epsilon", "grad_y", "_grad_y"].map(String::from),
    );
    let plain: Vec<String> = WAYS
        .iter()
        .flat_map(|&way| [false, true].map(|taps| written(&usual, "epsilon", way, taps).unwrap()))
        .collect();
    let told = asked(&plain);
    let strings = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_string()).collect()
    };
    words.extend(strings(&told["known"]));
    let forms: Vec<Value> = told["answers"].as_array().unwrap().clone();
    for form in &forms {
        words.extend(strings(&form["words"]));
        // Whoever imports a module with taps gives it one.
        assert!(form["free"] == json!([]) || form["free"] == json!(["tap"]), "{form}");
    }
    assert!(words.len() > 250, "{}", words.len());
    let mut cases = Vec::new();
    for word in &words {
        let graphs = [
            (named(word, "beta", "gamma", "delta"), "epsilon"),
            (named("alpha", word, word, "delta"), "epsilon"),
            (named("alpha", "beta", "gamma", word), word),
            (named("alpha", "beta", "gamma", word), "epsilon"),
        ];
        for (place, (text, name)) in graphs.into_iter().enumerate() {
            for (at, &way) in WAYS.iter().enumerate() {
                let taps = place == 3;
                if let Some(module) = written(&text, name, way, taps) {
                    cases.push((
                        format!("{word} in place {place} of {at}"),
                        2 * at + usize::from(taps),
                        module,
                    ));
                }
            }
        }
    }
    assert!(cases.len() > 2000, "{}", cases.len());
    let texts: Vec<String> = cases.iter().map(|(_, _, text)| text.clone()).collect();
    for ((case, of, text), answer) in cases.iter().zip(answers(&texts)) {
        assert_eq!(answer["form"], forms[*of]["form"], "{case}:\n{text}");
        let faults = [&answer["twice"], &answer["changed"]];
        assert!(faults.iter().all(|fault| **fault == json!([])), "{case}: {faults:?}\n{text}");
    }
}

/// Names that Python takes for one another, and what goes with a backward by hand beside blocks of those names.
#[test]
fn two_names_of_a_graph_are_two_names_in_python() {
    let pair = "param a: [2] = [1, 2]\nONE = a * 2\nOTHER = a * 3\nloss = sum(ONE * ONE * OTHER)\n";
    let blocks = "block f(x: [n]) {\n  y = x * x\n  output y\n  backward x = upstream * 2 * x\n}\n\
                  block ONE(x: [n]) {\n  y = x * 3\n  output y\n}\nblock OTHER(x: [n]) {\n  y = x * 5\n  output y\n}\n\
                  param x: [2] = [1, 2]\nloss = sum(f(x) * ONE(x) * OTHER(x))\n";
    let pairs = [
        ("ϕ", "φ"),
        ("ϵ", "ε"),
        ("µ", "μ"),
        ("ﬁ", "fi"),
        ("𝐱", "x"),
        ("a_1", "ａ_1"),
        ("f_forward", "f_backward"),
        ("f_setup", "F"),
        ("F", "FFunction"),
        ("f_", "f_2"),
    ];
    let mut cases = Vec::new();
    for (kind, text) in [pair, blocks].into_iter().enumerate() {
        let filled = |one: &str, other: &str| text.replace("ONE", one).replace("OTHER", other);
        for way in WAYS {
            let usual = written(&filled("beta", "gamma"), "epsilon", way, false).unwrap();
            for (one, other) in pairs {
                for (one, other) in [(one, other), (other, one)] {
                    // In the text itself there may be such a name.
                    let Some(text) = written(&filled(one, other), "epsilon", way, false) else { continue };
                    cases.push((kind, one, usual.clone(), text));
                }
            }
        }
    }
    for (kind, text) in [pair, blocks].iter().enumerate() {
        let all: BTreeSet<&str> = cases.iter().filter(|case| case.0 == kind).map(|case| case.1).collect();
        assert!(all.len() >= 18, "{text}{all:?}");
    }
    let texts: Vec<String> = cases.iter().flat_map(|case| [case.2.clone(), case.3.clone()]).collect();
    for (answers, (_, one, _, text)) in answers(&texts).chunks(2).zip(&cases) {
        assert_eq!(answers[1]["form"], answers[0]["form"], "{one}\n{text}");
        assert_eq!(answers[1]["twice"], json!([]), "{one}\n{text}");
    }
}

/// What strangers may write where a text is wanted.
const TEXTS: &[&str] = &[
    "x\"] + 0 * __import__(\"os\").system(\"touch PWNED\") + np.load(DATA / \"evil.npz\")[\"z",
    "\"\"\"\nimport os; os.system('x')\n\"\"\"",
    "ends in a quote\"",
    "ends in a backslash\\",
    "\\\" + x + \\\"",
    "\\N{BULLET}\\u0041\\x41\\101",
    "'''{x}%s",
    "a\nb\rc\td\u{b}\u{c}e",
    "\u{85}\u{2028}\u{2029}\u{1b}[31m\u{7f}",
    "\u{202e}turned\u{2066}\u{200b}\u{feff}\u{e0041}\u{10ffff}",
    "##[group]x ::error::y",
    "りんごの値段 é 🍎",
    " # coding: x",
];

/// The same text between quotes of a `.graph` file.
fn quoted(word: &str) -> String {
    let escaped: String = word.chars().map(|c| format!("\\u{{{:x}}}", u32::from(c))).collect();
    format!("\"{escaped}\"")
}

/// Keys, files, folders, titles and comments of strangers are texts in Python, the very same, and no code.
#[test]
fn texts_of_a_graph_are_texts_in_python() {
    let arrays = |key: &str| {
        vec![(key.to_string(), Array::from(Tensor::float(&vec![2].into(), vec![1.0, 2.0]).unwrap()))]
    };
    let mut cases: Vec<(String, Vec<String>)> = Vec::new();
    for word in ["plain"].iter().chain(TEXTS) {
        let folder = tempfile::tempdir().unwrap();
        // A file can be called so where names are bytes.
        let file = match cfg!(unix) && !word.contains('/') {
            true => *word,
            false => "plain",
        };
        let stored = npz(None, &arrays(word), zip::CompressionMethod::Stored).unwrap();
        fs::write(folder.path().join(format!("{file}.npz")), stored).unwrap();
        fs::write(folder.path().join(format!("{file}.safetensors")), safetensors(&arrays(word)).unwrap())
            .unwrap();
        let data = |kind: &str| format!("{kind}({}, {})", quoted(&format!("{file}.{kind}")), quoted(word));
        let shown: String = word.chars().filter(|c| !graphrun::escape::is_control(*c)).collect();
        let shown: String = shown.chars().filter(|c| !graphrun::escape::turns_direction(*c)).collect();
        let text = format!(
            "title {}\n# {shown}\nparam a: [2] = {} # {shown}\nparam b: [2] = {}\nloss = sum(a * b)\n",
            quoted(word),
            data("npz"),
            data("safetensors"),
        );
        for way in WAYS {
            let request = Request {
                file: format!("{word}.graph"),
                folder: folder.path().to_path_buf(),
                folder_from_file: PathBuf::from(word),
                ..request(way, "epsilon").unwrap()
            };
            let module = made(&text, &request).unwrap_or_else(|| panic!("{text}"));
            let hidden = |c: char| c != '\n' && graphrun::escape::is_hidden(c);
            assert!(!module.contains(hidden), "{module:?}");
            let texts = [format!("{file}.npz"), format!("{file}.safetensors"), word.to_string()];
            cases.push((module, texts.into()));
        }
    }
    let texts: Vec<String> = cases.iter().map(|(text, _)| text.clone()).collect();
    let answers = answers(&texts);
    for (at, (answer, (text, wanted))) in answers.iter().zip(&cases).enumerate() {
        assert_eq!(answer["form"], answers[at % WAYS.len()]["form"], "{text}");
        let texts: Vec<&str> = answer["texts"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for want in wanted {
            assert!(texts.contains(&&**want), "{want:?} in {texts:?}");
        }
        // The key twice, and the folder.
        let word = wanted.last().unwrap();
        assert_eq!(texts.iter().filter(|text| *text == word).count(), 3, "{word:?} in {texts:?}");
        let title = word.trim();
        assert!(texts.iter().any(|text| text.starts_with(title) && text.contains("Written by")), "{texts:?}");
    }
}

/// The test beside a module is Python too, and its names are those of the graph.
#[test]
fn tests_of_modules_are_python() {
    let text = named("alpha", "beta", "differences", "outputs");
    for way in WAYS {
        let request = request(way, "test_it").unwrap();
        let reading = graphrun::resolve::Request { keep_expressions: true, ..Default::default() };
        let spelling = Some(Spelling::Graph);
        let mut sources = SourceMap::default();
        let (graph, document) =
            load_with_document(&Input::Text(&text), spelling, &reading, &mut sources).unwrap();
        let module = module(&graph, &document, &request).unwrap();
        let answer = answers(&[check(&graph, &module, &request)]).remove(0);
        assert_eq!((&answer["twice"], &answer["free"]), (&json!([]), &json!([])), "{answer}");
    }
}

/// Runs `graphrun export` in a folder; the exit code and what it said.
fn export(folder: &Path, flags: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graphrun"));
    let output = command.arg("export").args(flags).current_dir(folder).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

const NET: &str = "input x: [batch, 2] = [[1, 2], [3, 4]]\nparam W: [2] = [1, 2]\nloss = mean(x @ W)\n";
const MAIN: [&str; 6] = ["net.graph", "--to", "torch", "-o", "net.py", "--main"];

#[test]
fn beside_the_module_only_what_export_wrote_is_written_over() {
    let folder = folder(&[("net.graph", NET)]);
    let path = |name: &str| folder.path().join(name);
    for _ in 0..2 {
        let (code, said) = export(folder.path(), &MAIN);
        assert_eq!(code, 0, "{said}");
    }
    for name in ["net_test.py", "net_main.py", "net.npz"] {
        let own = fs::read(path(name)).unwrap();
        fs::write(path(name), "precious").unwrap();
        fs::write(path("net.py"), "the user's own word").unwrap();
        let (code, said) = export(folder.path(), &MAIN);
        assert!(code != 0 && said.contains(name) && said.contains("was not written by"), "{said}");
        assert!(said.contains("-o OUT.py"), "{said}");
        assert_eq!(fs::read(path(name)).unwrap(), b"precious");
        assert_eq!(fs::read(path("net.py")).unwrap(), b"the user's own word");
        fs::write(path(name), own).unwrap();
        assert_eq!(export(folder.path(), &MAIN).0, 0, "{name}");
    }
}

#[test]
fn what_the_graph_reads_is_not_written_over() {
    let text = "param w: [2] = npz(\"net.npz\", \"loss\")\nloss = sum(w * 2)\n";
    let folder = folder(&[("net.graph", "param w: [2] = [1, 2]\nloss = w * 2\n"), ("reads.graph", text)]);
    // Written by export itself, and read since.
    assert_eq!(export(folder.path(), &["net.graph", "--to", "jax", "-o", "net.py"]).0, 0);
    let before = fs::read(folder.path().join("net.npz")).unwrap();
    for out in ["net.py", "./net.py"] {
        let (code, said) = export(folder.path(), &["reads.graph", "--to", "jax", "-o", out]);
        assert!(code != 0 && said.contains("net.npz` is read by the graph"), "{said}");
    }
    assert_eq!(fs::read(folder.path().join("net.npz")).unwrap(), before);
    let (code, said) = export(folder.path(), &["reads.graph", "--to", "jax", "-o", "new/other.py"]);
    assert_eq!(code, 0, "{said}");
    let module = fs::read_to_string(folder.path().join("new/other.py")).unwrap();
    assert!(module.contains("DATA = Path(__file__).parent / \"..\"\n"), "{module}");
}

#[cfg(unix)]
#[test]
fn beside_the_module_nothing_is_written_through_a_link() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[("in/net.graph", NET), ("out/bashrc", "precious"), ("out/own.py", "old")]);
    let inside = folder.path().join("in");
    for name in ["net_test.py", "net_main.py", "net.npz"] {
        for to in ["../out/bashrc", "../out/missing"] {
            symlink(to, inside.join(name)).unwrap();
            let (code, said) = export(&inside, &MAIN);
            assert!(code != 0 && said.contains(name) && said.contains("is a link"), "{said}");
            fs::remove_file(inside.join(name)).unwrap();
        }
    }
    assert_eq!(fs::read(folder.path().join("out/bashrc")).unwrap(), b"precious");
    assert!(!folder.path().join("out/missing").exists() && !inside.join("net.py").exists());
    // What the user names is the user's own word.
    symlink("../out/own.py", inside.join("net.py")).unwrap();
    assert_eq!(export(&inside, &MAIN).0, 0);
    assert!(fs::read_to_string(folder.path().join("out/own.py")).unwrap().contains("def net("));
    assert!(inside.join("net_test.py").is_file() && inside.join("net.npz").is_file());
}
