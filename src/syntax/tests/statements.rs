//! Statements of a `.graph` file, and how independent of each other they are.

use super::*;

fn graph(text: &str) -> Document {
    good(text, Spelling::Graph)
}

fn names<'d>(names: impl IntoIterator<Item = &'d crate::source::Name>) -> Vec<&'d str> {
    names.into_iter().map(|name| &*name.value).collect()
}

#[test]
fn all_statements() {
    let text = r#"# a comment
        title "Two apples and the tax"  # another
        seed 1_0
        use "blocks.graph"
        input apple = 100
        input x: [batch, 784]
        const t: int[batch] = idx("labels.gz")[:3]
        const k: int = 3
        param W: float[] = 0.1 * randn()
        y = x
            -> affine(W, b)   # a comment in a chain

            # and a whole line of it
            -> relu
        output y, h.dense1.W
        output z
        expect y = 220 within 1e-6
        expect grad(h.dense1.W) = [1, 2]
        expect shape(y) = [3, n]
        expect check = ok
        expect error "no such op"
        check { step = 1e-5, skip = [a, b] }
        check {
            wrt = W
            # nothing
            sample = -3
        }
"#;
    let document = graph(text);
    assert_eq!(document.title.unwrap().value, "Two apples and the tax");
    assert_eq!(document.seed.unwrap().value, 10);
    assert_eq!(document.uses[0].value, "blocks.graph");
    let leaves: Vec<_> = document.leaves.iter().map(|leaf| (leaf.role.word(), &*leaf.name.value)).collect();
    assert_eq!(leaves, [("input", "apple"), ("input", "x"), ("const", "t"), ("const", "k"), ("param", "W")]);
    let t = document.leaves[2].ty.as_ref().unwrap();
    assert_eq!(t.kind, crate::tensor::Kind::Int);
    assert_eq!(t.dims.as_ref().unwrap()[0].value, Dim::Name("batch".into()));
    assert_eq!(document.leaves[3].ty.as_ref().unwrap().dims, None);
    assert_eq!(document.leaves[4].ty.as_ref().unwrap().dims, Some(vec![]));
    assert!(document.leaves[1].value.is_none());
    assert_eq!(rpn(&document.nodes[0].value), "x W b |affine/3 |relu/1");
    assert_eq!(names(&document.outputs), ["y", "h.dense1.W", "z"]);
    assert_eq!(document.expectations.len(), 5);
    assert_eq!(document.expectations[0].within.as_ref().unwrap().value, Tolerance::Part(1e-6));
    let Expected::Gradient { name, value } = &document.expectations[1].of else { panic!() };
    assert_eq!((&*name.value, rpn(value).as_str()), ("h.dense1.W", "1 2 array/2"));
    assert_eq!(names(document.settings.iter().map(|s| &s.name)), ["step", "skip", "wrt", "sample"]);
    let SettingValue::Number(sample) = &document.settings[3].value else { panic!() };
    assert_eq!(sample.value, -3.0);
}

#[test]
fn blocks() {
    let document = graph(
        "block sigmoid(x) {\n  y = 1 / (1 + exp(-x))\n  output y\n  backward x = upstream * y * (1 - y)\n}\n\
         block dense(x: [n, in]; units, std = 0.01 * 2,) {\n  param W: [in, units] = std * randn()\n\
         const c = 1\n y = affine(x, W)\n output y }\n\
         block none() { output q }\n block one(; k) { output q\n }\n\
         h = x -> dense(units = 50) -> sigmoid\n",
    );
    let [sigmoid, dense, none, one] = &document.blocks[..] else { panic!() };
    assert_eq!(rpn(&sigmoid.backward[0].value), "upstream y * 1 y - *");
    assert_eq!(names(&sigmoid.outputs), ["y"]);
    assert_eq!(names(dense.inputs.iter().map(|input| &input.name)), ["x"]);
    assert!(dense.attributes[0].default.is_none());
    assert_eq!(rpn(dense.attributes[1].default.as_ref().unwrap()), "0.01 2 *");
    assert_eq!(dense.leaves.len(), 2);
    assert!(none.inputs.is_empty() && none.attributes.is_empty());
    assert_eq!(names(one.attributes.iter().map(|attribute| &attribute.name)), ["k"]);
    assert_eq!(document.nodes.len(), 1);
}

#[test]
fn line_ends_marks_and_tabs_make_no_difference() {
    let plain = "input x = 1\ny = mul(x,\n 2)\n  -> relu\n# end";
    let expected = bare(&graph(plain));
    for text in [
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{plain}"),
        plain.replace(' ', "\t"),
        format!("\n\n{plain}\n\n"),
        plain.replace(" = ", "="),
    ] {
        assert_eq!(bare(&graph(&text)), expected, "{text:?}");
    }
    assert_eq!(bare(&graph("")), bare(&graph(" \n# nothing\n\n")));
}

#[test]
fn errors_do_not_hide_each_other() {
    let text = "c = )\na = (1\nb = 2\nd = mul(a b)\ninput e: [3\nf = \"x\ng = relu(b\n\nblock h(x {\n y = +\n output y\n}\nok = b\n";
    let parsed = read(text, Spelling::Graph);
    let found: Vec<_> = parsed.errors.iter().map(|error| culprit(text, error)).collect();
    assert_eq!(found, [")", "(", "b", "[", "\"x", "(", "("]);
    let names: Vec<_> = parsed.document.nodes.iter().map(|node| &*node.name.value).collect();
    assert_eq!(names, ["b", "ok"]);
    let broken: Vec<_> = parsed.document.broken.iter().map(|name| &**name).collect();
    assert_eq!(broken, ["c", "a", "d", "e", "f", "g", "h"]);
}

#[test]
fn a_block_without_its_end_takes_no_statements_of_the_file_along() {
    let text = "block f(x) {\n y = relu(x)\n output y\ninput z = 1\ntitle \"t\"\n";
    let parsed = read(text, Spelling::Graph);
    assert_eq!(parsed.errors.len(), 1, "{:?}", parsed.errors);
    assert_eq!(culprit(text, &parsed.errors[0]), "{");
    assert_eq!(parsed.document.blocks.len(), 1);
    assert_eq!(parsed.document.leaves.len(), 1);
    assert_eq!(&*parsed.document.broken[0], "f");
}

#[test]
fn bad_lines_by_the_hundred_thousand() {
    for line in ["(\n", ")\n", "a = [\n", "{\n", "}\n", "a = (]\n", "\"\n", "block b() {\n", "[x]\n"] {
        let n = 20_000;
        let text = line.repeat(n);
        let parsed = read(&text, Spelling::Graph);
        assert!(!parsed.errors.is_empty() && parsed.errors.len() <= n + 1, "{line:?}");
    }
    let parsed = read(&("a = ".to_string() + &"(".repeat(100_000)), Spelling::Graph);
    assert_eq!(parsed.errors.len(), 1);
    let nested = "a = ".to_string() + &"(".repeat(100_000) + "1" + &")".repeat(100_000) + "\nb = 2";
    let parsed = read(&nested, Spelling::Graph);
    assert_eq!(parsed.errors.len(), 1);
    assert_eq!(parsed.document.nodes.len(), 1);
}

#[test]
fn nodes_among_others_say_what_each_says_alone() {
    let statements = [
        "a = 1",
        "h=b",
        "c = (a\n  + b) @ c  # why",
        "d = x  # in between\n  -> relu  # at the end",
        "e = -a ** -2 * b.c",
        "f = softmax_loss(a,\n  # two lines\n  b)[0, 1:]",
        "g = leaky-relu([1, -2], slope = 0.1)",
        "りんご = (((((((((a)))))))))",
    ];
    let many: Vec<&str> = statements.iter().cycle().take(150).copied().collect();
    for (between, bad) in [("\n", ""), ("\r\n\n \t# a comment\n", ""), ("\n", "bad = = 3\n"), ("\n", "}\n")] {
        let mut text = many[..90].join(between) + "\n";
        text = format!("{text}{bad}{}\n", many[90..].join(between));
        let parsed = read(&text, Spelling::Graph);
        assert_eq!(parsed.errors.len(), usize::from(!bad.is_empty()), "{:#?}", parsed.errors);
        assert_eq!(parsed.document.nodes.len(), many.len());
        for (node, statement) in parsed.document.nodes.iter().zip(&many) {
            let alone = &graph(statement).nodes[0];
            let words = |node: &Node, text: &str| -> Vec<String> {
                let spans = node.value.items.iter().map(|item| item.span);
                let spans = spans.chain([node.name.span, node.value.span, node.span]);
                spans.map(|span| text[span.start as usize..span.end as usize].to_string()).collect()
            };
            assert_eq!(words(node, &text), words(alone, statement));
            assert_eq!(rpn(&node.value), rpn(&alone.value));
        }
    }
}
