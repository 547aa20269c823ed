//! Every format of `graphrun test` says what the human report says, on the line that is to blame.

use crate::common::folder::{command, folder};
use resvg::usvg::roxmltree::{Document, Node};
use serde_json::Value;
use std::collections::HashSet;
use tempfile::TempDir;

/// A file that is bad, the outcome, the guilty place, and what is known of it.
type Bad = (&'static str, &'static str, &'static str, &'static [&'static str]);

const SLIP: &str = "block layer(x, W) {\n    y = x @ W\n    output y\n    backward x = 2 * upstream @ transpose(W)\n    \
    backward W = -transpose(x) @ upstream\n}\n";

const BAD: &[Bad] = &[
    (
        "array.graph",
        "failed",
        "array.graph:3",
        &[
            "y[1, 0]",
            "wanted      7",
            "got         6",
            "tolerance   0.001; it would pass `within 0.15`",
            "2 of 4 entries are outside of it, the first at [0, 1]: wanted 4.5, got 4",
        ],
    ),
    (
        "expected.graph",
        "failed",
        "expected.graph:3",
        &["expected to be refused with \"unknown op\", and was not"],
    ),
    (
        "formula.graph",
        "failed",
        "formula.graph:5",
        &["grad(x)[1]", "wanted      5 by `dx`", "got         4", "difference  1.0"],
    ),
    (
        "refused.graph",
        "refused",
        "refused.graph:2",
        &[
            "unknown name `appel`",
            "nothing in this file has this name",
            "did you mean `apple`?",
            "refused.graph:3:13",
            "unknown name `nope`",
        ],
    ),
    ("refused.toml", "refused", "refused.toml:4", &["unknown op `rellu`", "did you mean `relu`?"]),
    ("shape.graph", "failed", "shape.graph:3", &["shape(y): wanted [3], got []"]),
    (
        "slip.graph",
        "failed",
        "slip.graph:4",
        &[
            "the comparison is wrong",
            "x[0, 0]  backward 22  truth 11",
            "block `layer` (slip.graph:4)",
            "its gradient for x: every entry is 2 times the true one",
            "its gradient for W: every entry is −1 times the true one: the sign?",
            "wrong: 6 of 6 entries",
        ],
    ),
    (
        "sub/user.graph",
        "failed",
        "sub/lib.graph:4",
        &["block `layer` (sub/lib.graph:4)", "its gradient for x: every entry is 2 times the true one"],
    ),
    (
        "undecided.graph",
        "undecided",
        "undecided.graph:2",
        &[
            "the comparison is undecided",
            "x[0] = -1: the logarithm of a negative number",
            "undecided: 2 of 2 entries",
        ],
    ),
    (
        "verdict.graph",
        "failed",
        "verdict.graph:10",
        &[
            "the comparison was expected to be ok, and is wrong",
            "block `layer` (verdict.graph:4)",
            "its gradient for x: every entry is 2 times the true one",
        ],
    ),
    ("xpass.graph", "failed", "xpass.graph:1", &["expected to fail (it was wrong once), and passes"]),
];

fn failures() -> TempDir {
    let call = "param x = [[1, 2]]\nparam W = [[3, 4], [5, 6]]\nloss = sum(layer(x, W) * [[1, 2]])\n";
    folder(&[
        ("array.graph", "input x = [[1, 2], [3, 4]]\ny = x * 2\nexpect y = [[2, 4.5], [7, 8]] within 1e-3\n"),
        ("expected.graph", "input x = 1\ny = x * 2\nexpect error \"unknown op\"\n"),
        (
            "formula.graph",
            "input x = [1, 2]\ny = sum(x * x)\ndx = 2 * x + [0, 1]\n# the last\nexpect grad(x) = dx\n",
        ),
        ("refused.graph", "input apple = 3\nprice = appel * 2\nz = price * nope\n"),
        ("refused.toml", "[inputs]\nx = 1\n[nodes]\ny = \"rellu(x)\"\n"),
        ("shape.graph", "input x = [1, 2]\ny = sum(x)\nexpect shape(y) = [3]\n"),
        ("slip.graph", &format!("{SLIP}{call}")),
        ("sub/lib.graph", &SLIP.replace("backward W = -", "backward W = ")),
        ("sub/user.graph", &format!("use \"lib.graph\"\n{call}")),
        ("undecided.graph", "input x = [-1, 2]\ny = sum(log(x))\n"),
        ("verdict.graph", &format!("{SLIP}{call}expect check = ok\n")),
        ("xpass.graph", "xfail \"it was wrong once\"\ninput x = 3\ny = x * x\nexpect y = 9\n"),
        // What is not bad.
        ("good.graph", "input x = 3\ny = x * x\nexpect y = 9\n"),
        ("xfail.graph", "xfail \"known <&> open\"\ninput x = 3\ny = x * x\nexpect y = 10\n"),
        ("skipped.graph", "skip \"not yet\"\ninput x = 3\ny = nope\n"),
        ("data.graph", "const x = npy(\"gone.npy\")\ninput z = 1\ny = x * z\n"),
    ])
}

fn printed(folder: &TempDir, arguments: &[&str]) -> String {
    let output = command(folder.path(), arguments).output().unwrap();
    assert!(matches!(output.status.code(), Some(1 | 3)), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What the human report says below the name of a file.
fn section<'a>(human: &'a str, name: &str, outcome: &str) -> &'a str {
    let label = match outcome {
        _ if name == "xpass.graph" => "XPASS",
        "failed" => "FAIL",
        "refused" => "REFUSED",
        _ => "??",
    };
    let head = format!("\n\n{label}  {name}\n");
    let (_, rest) = human.split_once(&head).unwrap_or_else(|| panic!("{name} has no section: {human}"));
    let ends = ["FAIL", "REFUSED", "??", "XPASS"].map(|label| rest.find(&format!("\n\n{label}")));
    &rest[..ends.into_iter().flatten().min().unwrap_or(rest.len())]
}

/// One GitHub annotation: its place, its title and its text.
fn annotations(out: &str) -> Vec<(String, String, String)> {
    let plain =
        |text: &str| text.replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
    let errors = out.lines().filter_map(|line| line.strip_prefix("::error "));
    let read = errors.map(|line| {
        let (properties, text) = line.split_once("::").unwrap();
        let property = |name: &str| {
            let found = properties.split(',').find_map(|one| one.strip_prefix(&format!("{name}=")));
            plain(found.unwrap_or_default())
        };
        (format!("{}:{}", property("file"), property("line")), property("title"), plain(text))
    });
    read.collect()
}

/// The one test case of a name.
fn case<'a>(document: &'a Document, name: &str) -> Node<'a, 'a> {
    let is_it = |node: &Node| node.has_tag_name("testcase") && node.attribute("name") == Some(name);
    let found: Vec<Node> = document.descendants().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{name}");
    found[0]
}

#[test]
fn every_fact_is_in_every_format() {
    let folder = failures();
    let human = printed(&folder, &[]);
    let json: Vec<Value> = printed(&folder, &["--format", "json"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let junit = printed(&folder, &["--format", "junit"]);
    let junit = Document::parse(&junit).unwrap();
    let mut github = Vec::new();
    // GitHub shows ten annotations of a step: each file in a step of its own.
    for (name, ..) in BAD {
        github.push(annotations(&printed(&folder, &["--format", "github", "--filter", name])));
    }
    for ((name, outcome, place, facts), annotations) in BAD.iter().zip(&github) {
        let human = section(&human, name, outcome);
        let object = json.iter().find(|object| object["name"] == *name).unwrap();
        let failure = &object["failures"][0];
        let case = case(&junit, name);
        let element = case.first_element_child().unwrap();
        let (_, title, annotation) = &annotations[0];

        assert_eq!(object["version"], 2);
        assert_eq!(object["outcome"], *outcome);
        assert!(human.contains(place), "{name}: {human}");
        assert_eq!(format!("{}:{}", failure["file"].as_str().unwrap(), failure["line"]), *place);
        assert_eq!(annotations[0].0, *place);
        assert!(element.attribute("message").unwrap().starts_with(&format!("{place}: ")));
        let tag = if *outcome == "refused" { "error" } else { "failure" };
        assert_eq!((element.tag_name().name(), element.attribute("type")), (tag, Some(*outcome)));
        assert_eq!(title == "graphrun REFUSED", *outcome == "refused");

        let strings =
            |value: &Value| value.as_array().unwrap().iter().map(text).collect::<Vec<_>>().join("\n");
        let in_json = format!("{}\n{}", text(&failure["message"]), strings(&failure["facts"]));
        let in_junit = element.text().unwrap();
        for fact in *facts {
            let formats = [("human", human), ("json", &in_json), ("junit", in_junit), ("github", annotation)];
            for (format, said) in formats {
                assert!(said.contains(fact), "{name}: {format} does not say {fact:?}:\n{said}");
            }
        }
        // And the other way round: what stands in the human report is a fact in all others.
        for line in human.lines().map(str::trim).filter(|line| is_a_fact(line)) {
            for (format, said) in [("json", &*in_json), ("junit", in_junit), ("github", annotation)] {
                assert!(said.contains(line), "{name}: {format} does not say {line:?}:\n{said}");
            }
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_string()
}

/// Lines that say something beyond the tables, the excerpts of a file and the title.
fn is_a_fact(line: &str) -> bool {
    [
        "wanted ",
        "got ",
        "difference ",
        "tolerance ",
        "wrong ",
        "wrong:",
        "where ",
        "its gradient",
        "undecided ",
        "undecided:",
        "not finite ",
        "zero ",
        "blunt ",
        "the other",
        "shape(",
    ]
    .iter()
    .any(|word| line.starts_with(word))
}

#[test]
fn every_guilty_line_is_marked() {
    let folder = failures();
    let marked = |name: &str| {
        let found = annotations(&printed(&folder, &["--format", "github", "--filter", name]));
        found.into_iter().map(|(place, ..)| place).collect::<Vec<_>>()
    };
    assert_eq!(marked("slip.graph"), ["slip.graph:4", "slip.graph:5"]);
    assert_eq!(marked("verdict.graph"), ["verdict.graph:10", "verdict.graph:4", "verdict.graph:5"]);
    assert_eq!(marked("refused.graph"), ["refused.graph:2", "refused.graph:3"]);
    let all = annotations(&printed(&folder, &["--format", "github"]));
    assert_eq!(all.len(), 10, "GitHub shows ten");
    assert!(all.iter().all(|(place, ..)| !place.starts_with("xfail.graph")), "{all:?}");
}

#[test]
fn programs_get_numbers_and_the_comparison() {
    let folder = failures();
    let lines = printed(&folder, &["--format", "json"]);
    let of = |name: &str| {
        let objects = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        objects.into_iter().find(|object| object["name"] == name).unwrap()
    };
    let array = &of("array.graph")["failures"][0];
    assert_eq!(
        (&array["index"], &array["wanted"], &array["got"]),
        (&serde_json::json!([1, 0]), &7.into(), &6.into())
    );
    assert_eq!((&array["first"]["index"], &array["outside"]), (&serde_json::json!([0, 1]), &2.into()));
    assert_eq!(of("formula.graph")["failures"][0]["formula"], "dx");
    let slip = &of("slip.graph")["failures"][0];
    let guilty = &slip["compare"]["location"]["guilty"][0];
    assert_eq!((&guilty["of"], &guilty["line"]), (&"layer".into(), &4.into()));
    assert_eq!((&guilty["inputs"][1]["name"], &guilty["inputs"][1]["line"]), (&"W".into(), &5.into()));
    assert_eq!(slip["compare"]["tensors"][0]["wrong"], 2);
    assert_eq!(of("refused.graph")["failures"][0]["errors"][1]["line"], 3);
    assert_eq!(
        (&of("xfail.graph")["outcome"], &of("xfail.graph")["reason"]),
        (&"xfailed".into(), &"known <&> open".into())
    );
    assert_eq!(
        (&of("skipped.graph")["outcome"], &of("skipped.graph")["reason"]),
        (&"skipped".into(), &"not yet".into())
    );
    let summary: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    let counts = ["passed", "libraries", "skipped", "xfailed", "undecided", "refused", "failed", "files"]
        .map(|word| summary[word].as_u64().unwrap());
    assert_eq!(counts, [2, 1, 2, 1, 1, 2, 8, 16]);
}

/// An element of a schema: its name, its attributes, those of them that must be there, its children.
type Element = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// What the schema of Jenkins' JUnit reports lets an element hold.
const SCHEMA: &[Element] = &[
    ("testsuites", &["name", "time", "tests", "failures", "disabled", "errors"], &[], &["testsuite"]),
    (
        "testsuite",
        &[
            "name",
            "tests",
            "failures",
            "errors",
            "time",
            "disabled",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
        ],
        &["name", "tests"],
        &["properties", "testcase", "system-out", "system-err"],
    ),
    (
        "testcase",
        &["name", "assertions", "time", "classname", "status"],
        &["name"],
        &["skipped", "error", "failure", "system-out", "system-err"],
    ),
    ("skipped", &["type", "message"], &[], &[]),
    ("error", &["type", "message"], &[], &[]),
    ("failure", &["type", "message"], &[], &[]),
];

#[test]
fn junit_keeps_to_its_schema() {
    let folder = failures();
    printed(&folder, &["--junit", "report.xml"]);
    let report = std::fs::read_to_string(folder.path().join("report.xml")).unwrap();
    let without_numbers = |text: &str| text.trim().replace(|c: char| c.is_ascii_digit() || c == '.', "");
    let again = printed(&folder, &["--format", "junit"]);
    assert_eq!(without_numbers(&report), without_numbers(&again));
    let document = Document::parse(&report).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "testsuites");
    for element in document.descendants().filter(Node::is_element) {
        let name = element.tag_name().name();
        let (_, attributes, needed, children) =
            SCHEMA.iter().find(|(own, ..)| *own == name).unwrap_or_else(|| panic!("{name} is no element"));
        for attribute in element.attributes() {
            // The count of skipped cases of all suites together is newer than the schema.
            let is_newer = name == "testsuites" && attribute.name() == "skipped";
            assert!(is_newer || attributes.contains(&attribute.name()), "{name} {}", attribute.name());
            if ["tests", "failures", "errors", "skipped"].contains(&attribute.name()) {
                attribute.value().parse::<u32>().unwrap();
            }
            if attribute.name() == "time" {
                attribute.value().parse::<f64>().unwrap();
            }
        }
        assert!(needed.iter().all(|needed| element.has_attribute(*needed)), "{name}");
        for child in element.children().filter(Node::is_element) {
            assert!(children.contains(&child.tag_name().name()), "{name}: {}", child.tag_name().name());
        }
        if name == "testcase" {
            assert!(element.children().filter(Node::is_element).count() <= 1, "one outcome a case");
        }
    }
    // The counts are those of the cases.
    for suite in document.descendants().filter(|node| node.has_tag_name("testsuite")) {
        let count = |tag: &str| suite.descendants().filter(|node| node.has_tag_name(tag)).count().to_string();
        for (attribute, tag) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            assert_eq!(suite.attribute(attribute), Some(&*count(tag)), "{attribute}");
        }
    }
    let names: HashSet<&str> =
        document.descendants().filter_map(|node| node.attribute("classname")).collect();
    assert_eq!(names, HashSet::from(["graphrun"]));
    let expected_to_fail = case(&document, "xfail.graph").first_element_child().unwrap();
    assert_eq!(expected_to_fail.tag_name().name(), "skipped");
    assert_eq!(expected_to_fail.attribute("type"), Some("xfailed"));
    assert_eq!(expected_to_fail.attribute("message"), Some("known <&> open"));
    assert!(expected_to_fail.text().unwrap().contains("wanted      10"));
}

#[test]
fn the_step_summary_says_it_too() {
    let folder = failures();
    let summary = folder.path().join("summary.md");
    command(folder.path(), &["--format", "github"]).env("GITHUB_STEP_SUMMARY", &summary).output().unwrap();
    let rows = std::fs::read_to_string(summary).unwrap();
    let row = |name: &str| rows.lines().find(|line| line.starts_with(&format!("| {name} |"))).unwrap();
    assert!(row("refused.graph").contains("| refused | 2 |") && row("refused.graph").contains("nope"));
    assert!(
        row("slip.graph").contains("| failed | 4 |") && row("slip.graph").contains("every entry is 2 times")
    );
    assert!(row("xfail.graph").contains("| xfailed |  | known"));
    assert!(row("skipped.graph").contains("| skipped |  | not yet |"));
    assert!(rows.contains("2 refused, 8 failed in "), "{rows}");
}
