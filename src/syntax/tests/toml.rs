//! `.toml` files: the same tree as their twins.

use super::*;

fn same(toml: &str, graph: &str) {
    assert_eq!(bare(&good(toml, Spelling::Toml)), bare(&good(graph, Spelling::Graph)), "{toml}");
}

#[test]
fn every_section_has_its_statement() {
    same(
        "title = \"Two apples\"\nseed = 0x10\nuse = [\"a.graph\", \"b.toml\"]\noutput = \"price\"\n\
         [inputs]\napple = 100\n[consts]\ntax = 1.1\n[params]\nW = \"0.1 * randn()\"\n\
         b = { shape = [3, \"n\"], value = \"zeros()\", type = \"int\" }\nc = { type = \"float\" }\nd = {}\n\
         [nodes]\nprice = \"mul(apple, tax)\"\n\"りんご\" = \"price -> relu\"\n",
        "title \"Two apples\"\nseed 16\nuse \"a.graph\"\nuse \"b.toml\"\noutput price\n\
         input apple = 100\nconst tax = 1.1\nparam W = 0.1 * randn()\nparam b: int[3, n] = zeros()\n\
         param c: float\nparam d\nprice = mul(apple, tax)\nりんご = price -> relu\n",
    );
}

#[test]
fn a_node_table_is_a_call() {
    same(
        "[nodes.loss]\nop = \"softmax-loss\"\ninputs = [\"y + 1\", [1, -2], 3]\naxis = -1\nkeep = true\n\
         index = \"0:3\"\nper = [0, 1]\n[nodes.z]\nop = \"relu\"\ninputs = \"loss\"\n[nodes.w]\nop = \"f\"\n",
        "loss = softmax_loss(y + 1, [1, -2], 3, axis = -1, keep = true, index = \"0:3\", per = [0, 1])\n\
         z = relu(loss)\nw = f()\n",
    );
}

#[test]
fn literals_are_the_same_in_both_spellings() {
    same(
        "[consts]\na = -5\nb = -0.0\nc = inf\nd = -nan\ne = [[1, 2.5], [true, -inf]]\nf = 1_000\n\
         g = 9223372036854775808\nh = 1e5\ni = 0b11\nj = '\"text\"'\nk = []\nl = +1\n",
        "const a = -5\nconst b = -0.0\nconst c = inf\nconst d = -nan\nconst e = [[1, 2.5], [true, -inf]]\n\
         const f = 1_000\nconst g = 9223372036854775808\nconst h = 1e5\nconst i = 3\nconst j = \"text\"\n\
         const k = []\nconst l = 1\n",
    );
}

#[test]
fn expectations_and_settings() {
    same(
        "[expect]\nprice = 220\nb = { value = 'npy(\"f\")', within = 1e-6 }\ncheck = \"ok\"\n\
         error = [\"one\", \"two\"]\nscores.relu1 = 3\ngrad.apple = 2.2\ngrad.h.dense1.W = [1]\n\
         shape.x = [3, \"n\"]\n[check]\nstep = 1e-5\nskip = [\"a\", \"h.W\"]\nwrt = \"W1\"\n",
        "expect price = 220\nexpect b = npy(\"f\") within 1e-6\nexpect check = ok\nexpect error \"one\"\n\
         expect error \"two\"\nexpect scores.relu1 = 3\nexpect grad(apple) = 2.2\n\
         expect grad(h.dense1.W) = [1]\nexpect shape(x) = [3, n]\n\
         check { step = 1e-5, skip = [a, h.W], wrt = W1 }\n",
    );
}

#[test]
fn blocks() {
    let graph = "block dense(x: [n, in], y; units, std = 0.01) {\n param W: [in, units] = std * randn()\n\
                 const c = 1\n y = affine(x, W)\n output y\n backward x = upstream\n backward W = 0\n}\n";
    let rest = "output = \"y\"\nparams.W = { shape = [\"in\", \"units\"], value = \"std * randn()\" }\n\
                consts.c = 1\nnodes.y = \"affine(x, W)\"\nbackward = { x = \"upstream\", W = 0 }\n";
    for attributes in ["[\"units\", \"std = 0.01\"]", "{ units = {}, std = 0.01 }"] {
        let head = "[blocks.dense]\ninputs = [\"x: [n, in]\", \"y\"]\n";
        same(&format!("{head}attributes = {attributes}\n{rest}"), graph);
    }
}

#[test]
fn leaves_and_nodes_stand_in_the_order_of_the_text() {
    same(
        "inputs.a = 1\nconsts.b = 2\ninputs.c = 3\nnodes.z = 1\n[params]\nd = 4\n[nodes.y]\nop = \"relu\"\n\
         inputs = [\"a\"]\n",
        "input a = 1\nconst b = 2\ninput c = 3\nz = 1\nparam d = 4\ny = relu(a)\n",
    );
}

#[test]
fn a_slip_in_one_line_leaves_the_rest_readable() {
    let text = "[inputs]\nx = (1\ny = 2\n[nodes]\nz = mul(x, y)\nw = \"relu(y)\"\nv = 3 4\n[nodes]\nu = 1\n\
                [expect]\nw = [1,\n  2\nerror = \"no\"\n";
    let parsed = read(text, Spelling::Toml);
    let found: Vec<_> = parsed.errors.iter().map(|error| culprit(text, error)).collect();
    assert_eq!(found, ["(1", "mul(x, y)", "3 4", "nodes", "["]);
    let document = parsed.document;
    assert_eq!(document.leaves.len(), 1);
    assert_eq!(document.nodes.len(), 1);
    assert_eq!(document.expectations.len(), 1);
    let mut broken: Vec<_> = document.broken.iter().map(|name| &**name).collect();
    broken.sort_unstable();
    assert_eq!(broken, ["u", "v", "w", "x", "z"]);
}

#[test]
fn deep_and_long_texts_are_refused_quickly() {
    for text in [
        "x = ".to_string() + &"[".repeat(100_000),
        "x = ".to_string() + &"[".repeat(100_000) + &"]".repeat(100_000),
        "x".to_string() + &".x".repeat(100_000) + " = 1",
        "[".to_string() + &"x.".repeat(100_000) + "x]",
        "x = ".to_string() + &"{ x = ".repeat(100_000),
        "x = [\n".repeat(5_000),
        "x = (\n".repeat(5_000),
        "[nodes]\n".repeat(5_000),
        format!("nodes.y = '{}'", "(".repeat(100_000)),
    ] {
        assert!(!read(&text, Spelling::Toml).errors.is_empty());
    }
}

#[test]
fn plain_lines_read_ahead_say_the_same() {
    let mut text = String::from("title = \"abc\"\n[inputs]\nn0 = 1\n[nodes]\n");
    let lines = |text: &mut String, from: usize, to: usize| {
        for k in from..to {
            let line = match k % 1000 {
                7 => format!("n{k} = \"add(n{}, \"  # goes wrong\n", k - 1),
                8 => format!("input{k} = \"# [1, {k}]\" # a \"comment\"\n\n"),
                9 => "input = \"n0\"\n".into(),
                _ => format!("n{k} = \"mul(n{}, tanh(x = n0))\"\n", k - 1),
            };
            // A name must not come twice.
            let is_second = line.starts_with("input ") && text.contains("\ninput ");
            text.push_str(if is_second { "# again\n" } else { &line });
        }
    };
    lines(&mut text, 1, 12_000);
    text.push_str("a = { op = \"relu\", inputs = \"n1\" }\nb = \"\\u006e1\"\nlist = [\n  \"n1\",\n  2]\n");
    lines(&mut text, 12_000, 12_100);
    text.push_str("[nodes.c]\nop = \"relu\"\ninputs = \"n2\"\n[check]\nstep = 1e-3\n");
    // A string of several lines may begin where three quotes stand.
    let at_once = text.replacen("abc", "'''", 1);
    let (ahead, at_once) = (read(&text, Spelling::Toml), read(&at_once, Spelling::Toml));
    assert_eq!(ahead.errors.len(), 13 + 13 + 1, "{:#?}", ahead.errors);
    let told = |parsed: &Parsed| -> Vec<String> { parsed.errors.iter().map(|e| format!("{e:?}")).collect() };
    for (a, b) in told(&ahead).iter().zip(told(&at_once)) {
        assert_eq!(*a, b);
    }
    let but_title = |document: Document| format!("{:?}", Document { title: None, ..document });
    assert_eq!(but_title(ahead.document), but_title(at_once.document));

    // What is wrong as TOML is told as ever.
    let twice = format!("{text}step = 2\nn1 = \n");
    let found: Vec<String> = read(&twice, Spelling::Toml).errors.into_iter().map(|e| e.message).collect();
    assert!(found.contains(&"`step` is given twice".to_string()), "{found:#?}");
    assert_eq!(found.len(), 13 + 13 + 1 + 2, "{found:#?}");
}
