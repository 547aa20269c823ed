//! Files that only hold blocks: `graphrun test` checks them, `graphrun FILE` says what they are.

use crate::common::folder::{APPLE, folder, test};
use graphrun::Spelling;

const DENSE: &str = "block dense(x: [n, in]; units, std = 0.01) {\n    param W: [in, units] = std * randn()\n    \
    param b: [units] = zeros()\n    y = (x @ W + b) / n\n    output y\n}\n";

/// A block with a backward by hand, over several lines.
const CENTRE: &str = "block centre(x: [n, k]) {\n    y = x - mean(x, axis = 0)\n    output y\n    \
    back = upstream - mean(upstream, axis = 0)\n    backward x = back\n}\n";

#[test]
fn a_library_passes_as_one() {
    let folder = folder(&[
        ("apple.graph", APPLE),
        ("lib.graph", &format!("title \"Layers\"\n{DENSE}{CENTRE}")),
        (
            "one.toml",
            "[blocks.twice]\ninputs = [\"x\"]\noutput = \"y\"\n[blocks.twice.nodes]\ny = \"2 * x\"\n",
        ),
        ("umbrella.graph", "use \"lib.graph\"\n"),
        ("user.graph", "use \"umbrella.graph\"\ninput x = [[1, 2], [3, 5]]\ny = sum(square(centre(x)))\n"),
    ]);
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("lib.graph  library: 2 blocks\n"), "{out}");
    assert!(out.contains("one.toml  library: 1 block\n"), "{out}");
    assert!(out.contains("umbrella.graph  library: 2 blocks\n"), "{out}");
    assert!(out.contains("5 files: 2 passed, 3 libraries  "), "{out}");

    let (_, out, _) = test(&folder, &["--format", "json", "--filter", "apple", "--filter", "lib"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines[0].get("library"), &lines[1]["library"]), (None, &true.into()), "{out}");
    assert_eq!((&lines[1]["outcome"], &lines[1]["blocks"]), (&"passed".into(), &2.into()));
    assert_eq!((&lines[2]["passed"], &lines[2]["libraries"]), (&2.into(), &1.into()));
    let (_, out, _) = test(&folder, &["--format", "junit"]);
    assert!(out.contains("tests=\"5\" skipped=\"0\" failures=\"0\""), "{out}");
}

/// What is said of a library, all in one.
fn said(text: &str) -> String {
    let folder = folder(&[("lib.graph", text)]);
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 1, "{text}{out}");
    out
}

#[test]
fn whatever_is_wrong_with_every_call_fails_a_library() {
    let faults = [
        ("y = x @ W + b", "y = x @ V + b", "unknown name `V`"),
        ("y = x @ W + b", "y = affin(x, W, b)", "unknown op `affin`"),
        ("y = x @ W + b", "y = affine(x, W)", "`affine` takes 3 inputs, got 2"),
        ("y = x @ W + b", "y = sum(x, axi = 0)", "unknown attribute `axi`"),
        ("y = x @ W + b", "y = sum(x, axis = true)", "`axis` must be"),
        ("y = x @ W + b", "y = randn()", "`randn` is a source"),
        ("y = x @ W + b", "y = n * 2", "`y` is a constant, and a block gives what it computes"),
        ("y = x @ W + b", "y = x * upstream", "unknown name `upstream`"),
        ("y = x @ W + b", "y = x * x.relu1", "unknown name `x.relu1`"),
        ("y = x @ W + b", "y = z + x\n z = y + x", "in a cycle"),
        ("y = x @ W + b", "y = dense(x, units = 3)", "the block `dense` calls itself"),
        ("output y", "output z", "unknown name `z`"),
        ("output y\n", "", "the block `dense` has no output"),
        ("std * randn()", "std * randm()", "unknown op `randm`"),
        ("std * randn()", "sdt * randn()", "`sdt` cannot be used in a constant"),
        ("zeros()", "[1, 2, [3]]", "this array is ragged"),
        ("[units] = zeros()", "[m] = zeros()", "nothing fixes the dimension `m`"),
        ("std = 0.01", "std = rand()", "unknown op `rand`"),
        ("param b", "param W", "`W` is defined twice"),
        ("output y", "output y\n backward x = x\n backward y = x", "`y` is computed within the block"),
        ("output y", "output y\n backward x = x\n backward x = x", "stated twice"),
        ("output y", "output y\n backward x = upstream\n backward W = 0", "says nothing of `b`"),
        ("output y", "output y = y", "error"),
    ];
    let good = DENSE.replace("(x @ W + b) / n", "x @ W + b");
    for (from, to, words) in faults {
        assert!(good.contains(from));
        let out = said(&good.replace(from, to));
        assert!(out.contains(words), "{to}: {out}");
        assert!(!out.contains("only holds blocks"), "{out}");
    }
    let twice = said(&format!("{DENSE}{DENSE}"));
    assert!(twice.contains("the block `dense` is defined twice"), "{twice}");
    let calls = "block f(x) {\n y = dense(x, x, unit = 3)\n output y\n}\n";
    let calls = said(&format!("{DENSE}{calls}"));
    for words in ["`dense` takes 1 input, got 2", "unknown attribute `unit`"] {
        assert!(calls.contains(words), "{calls}");
    }
}

#[test]
fn a_library_can_expect_an_error_and_miss_data() {
    let folder = folder(&[
        ("right.graph", "block f(x) {\n y = z\n output y\n}\nexpect error \"unknown name `z`\"\n"),
        ("sound.graph", &format!("{CENTRE}expect error \"unknown name\"\n")),
        ("data.graph", "block f(x) {\n param W = npy(\"W.npy\")\n y = x * W\n output y\n}\n"),
    ]);
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("3 files: 1 passed, 1 skipped, 1 failed"), "{out}");
    assert!(out.contains("expected to be refused with \"unknown name\", and was not"), "{out}");
}

/// What the check lets through, a call must not refuse for names alone, nor the other way round.
#[test]
fn blocks_of_the_examples_are_sound_libraries() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut looked_at = 0;
    for folder in ["graphs/layers", "graphs/wrong"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let blocks: String = text
                .split_inclusive('\n')
                .scan(false, |inside, line| {
                    *inside |= line.starts_with("block ");
                    let keep = *inside || line.starts_with("use ");
                    *inside &= !line.starts_with('}');
                    Some(if keep { line } else { "" })
                })
                .collect();
            if blocks.contains("block ") && !blocks.contains("use ") {
                looked_at += 1;
                let refusal = graphrun::read(&blocks, Spelling::Graph).unwrap_err();
                assert!(refusal.only_blocks().is_some(), "{refusal}\n{blocks}");
            }
        }
    }
    assert!(looked_at > 15, "{looked_at}");
}
