//! What real layers need of the language: several outputs, choosing, places by numbers and by
//! tensors of ints, recurrence, layers that are used twice; in both spellings, and what is refused.

use crate::common::{close, read};
use graphrun::{
    Run, Spelling,
    compare::{Options, compare},
    flat::flatten,
    initializers::Files,
    load::{Input, load_with_document},
    resolve::Request,
    source::{SourceMap, Span},
    syntax::print,
};

/// The values of these names.
fn values(text: &str, names: &[&str]) -> Vec<Vec<f64>> {
    let graph = read(text);
    let run = Run::backward(&graph);
    names.iter().map(|name| run.value(name).unwrap().to_floats()).collect()
}

/// The verdict of the comparison.
fn verdict(text: &str) -> String {
    let graph = read(text);
    compare(&graph, &graph.wanted, &Options::default()).word().to_string()
}

/// All messages of a refusal, with their helps.
fn refused(text: &str) -> String {
    let refusal = graphrun::read(text, Spelling::Graph).err().unwrap_or_else(|| panic!("accepted:\n{text}"));
    let one =
        |fault: &graphrun::diagnostic::Diagnostic| format!("{}\n{}\n", fault.message, fault.help.join("\n"));
    refusal.0.iter().map(one).collect()
}

/// A text in the other spelling, and flattened, gives the same bits.
fn the_same_in_all_spellings(text: &str) {
    let request = Request { keep_expressions: true, files: Files::new(vec![]), ..Request::default() };
    let mut sources = SourceMap::default();
    let (graph, document) =
        load_with_document(&Input::Text(text), Some(Spelling::Graph), &request, &mut sources).unwrap();
    let run = Run::backward(&graph);
    let wanted: Vec<Vec<u64>> =
        graph.wanted.iter().map(|&id| bits(run.gradient_of(id).unwrap_or(&[]))).collect();
    let flat = flatten(&graph, &document, |_: Span| String::new());
    for (document, spelling) in
        [(&document, Spelling::Toml), (&flat, Spelling::Graph), (&flat, Spelling::Toml)]
    {
        let again = print(document, spelling);
        let other = graphrun::read(&again, spelling).unwrap_or_else(|refusal| panic!("{again}\n{refusal}"));
        let other_run = Run::backward(&other);
        let got: Vec<Vec<u64>> =
            other.wanted.iter().map(|&id| bits(other_run.gradient_of(id).unwrap_or(&[]))).collect();
        assert_eq!(got, wanted, "{again}");
    }
}

fn bits(floats: &[f64]) -> Vec<u64> {
    floats.iter().map(|x| x.to_bits()).collect()
}

const NORM: &str = "block norm(x: [n, d]; eps = 1e-5) {
    mean = mean(x, axis = -1, keepdims = true)
    xc = x - mean
    rstd = 1 / sqrt(mean(xc * xc, axis = -1, keepdims = true) + eps)
    y = xc * rstd
    output y, mean, rstd
    g = upstream.y
    m1 = mean(g, axis = -1, keepdims = true)
    m2 = mean(g * y, axis = -1, keepdims = true)
    backward x = rstd * (g - m1 - y * m2) + upstream.mean / d - upstream.rstd * y * rstd ** 2 / d
}
input x: [3, 4] = [[1, 2, 3.5, -1], [0.3, -2, 1, 1], [5, 1, 2, 2.5]]
const w: [3, 4] = [[1, 0.5, 2, 1], [0.25, -1, 1, 3], [1, 2, 3, 4]]
";

#[test]
fn a_block_gives_several_values() {
    let apart = format!("{NORM}y, mu, r = norm(x)\nloss = sum(y * w) + sum(mu) / 2 + sum(r * r)\n");
    let named = format!("{NORM}n = norm(x)\nloss = sum(n.y * w) + sum(n.mean) / 2 + sum(n.rstd * n.rstd)\n");
    assert_eq!(values(&apart, &["loss"]), values(&named, &["loss"]));
    assert_eq!(values(&named, &["n.mean"]), [[1.375, 0.07500000000000001, 2.625]]);
    for text in [&apart, &named] {
        assert_eq!(verdict(text), "ok");
        the_same_in_all_spellings(text);
    }
    // A gradient that comes back to one output alone leaves zeros for the others.
    assert_eq!(verdict(&format!("{NORM}y, mu, r = norm(x)\nloss = sum(r ** 3)\n")), "ok");
    assert_eq!(verdict(&apart.replace("upstream.mean / d", "upstream.mean")), "wrong");
    assert_eq!(verdict(&apart.replace(" - upstream.rstd *", " + upstream.rstd *")), "wrong");
}

#[test]
fn of_several_values_each_is_named() {
    let loss = |rest: &str| refused(&format!("{NORM}{rest}"));
    let said = loss("n = norm(x)\nloss = sum(n * w)\n");
    assert!(said.contains("`norm` gives 3 values: y, mean, rstd"), "{said}");
    let said = loss("loss = sum(norm(x) * w)\n");
    assert!(said.contains("take them apart on a line before: `y, mean, rstd = norm(…)`"), "{said}");
    let said = loss("a, b = norm(x)\nloss = sum(a)\n");
    assert!(said.contains("`norm` gives 3 values, and 2 names stand for it"), "{said}");
    let said = loss("a, b = relu(x)\nloss = sum(a)\n");
    assert!(said.contains("`relu` gives one value, and 2 names stand for it"), "{said}");
    let said = loss("n = norm(x)\nloss = sum(n.meen)\n");
    assert!(said.contains("`norm` gives no `meen`") && said.contains("did you mean `mean`?"), "{said}");
    let said =
        refused(&format!("{}n = norm(x)\nloss = sum(n.y)\n", NORM.replace("g = upstream.y", "g = upstream")));
    assert!(said.contains("write `upstream.y`"), "{said}");
    let said =
        refused(&format!("{}n = norm(x)\nloss = sum(n.y)\n", NORM.replace("upstream.mean", "upstream.mu")));
    assert!(said.contains("`mu` is no output of this block"), "{said}");
    let said = refused("block b(x) {\n y = x * 2\n output y, y\n}\ninput x = 1\nz = b(x)\n");
    assert!(said.contains("`y` is an output twice"), "{said}");
}

#[test]
fn comparisons_choose() {
    let text = "input x: [2, 3] = [[1, -2, 0.5], [3, 0.25, -1]]\nm = x > 0.3 and not x >= 3\n\
        y = where(m, x * x, -x)\nz = (x != 0.5) * x + (1 - m)\nloss = sum(y * y) + sum(z)\n";
    let [m, y, z] = &values(text, &["m", "y", "z"])[..] else { unreachable!() };
    assert_eq!(m, &[1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    assert_eq!(y, &[1.0, 2.0, 0.25, -3.0, -0.25, 1.0]);
    assert_eq!(z, &[1.0, -1.0, 0.0, 4.0, 1.25, 0.0]);
    the_same_in_all_spellings(text);
    assert_eq!(verdict("input x = [1, -2, 0.5]\ny = sum(where(x > 0, x * x, 3 * x))\n"), "ok");
    // Where the output does not jump the sides meet in a kink, and the ops' own backward takes one.
    assert_eq!(verdict("input x = [1, 0, 0.5]\ny = sum(where(x > 0, x, 0))\n"), "kink");
    assert_eq!(verdict("input x = [1, 0, 0.5]\ny = sum(where(x > 0, x + 1, 0))\n"), "undecided");
    let said = refused("input x = [1, 2]\ny = sum(where(x, 1, 2))\n");
    assert!(said.contains("takes true or false for `c`, got floats") && said.contains("`x != 0`"), "{said}");
    let said = refused("input x = 1\ny = where(0 < x < 2, x, 0)\n");
    assert!(said.contains("comparisons do not chain") && said.contains("`a < b and b < c`"), "{said}");
}

#[test]
fn bools_are_leaves_and_expectations() {
    let text = "input x = [1, 2, 3]\nconst m: bool[3] = [true, false, true]\ny = sum(where(m, x, 0)) + sum(m * x)\n\
        k = x > 1.5\noutput y\nexpect k = [false, true, true]\nexpect y = 8\n";
    assert_eq!(values(text, &["y", "k"]), [vec![8.0], vec![0.0, 1.0, 1.0]]);
    the_same_in_all_spellings(text);
    let said = refused("const m: bool[2] = [1, 2]\ninput x = [1, 2]\ny = sum(m * x)\n");
    assert!(said.contains("`m` is a bool, but its value has 2"), "{said}");
}

#[test]
fn places_are_computed() {
    let text = "input x: [4, m] = [[1, 2, 3, 4, 5, 6], [-1, 2, -3, 4, -5, 6], [0.5, 1, 1.5, 2, 2.5, 3], [9, 8, 7, 6, 5, 4]]\n\
        const h: int = 2\nlast = x[-1]\nhalf = x[:, m / 2:]\nfirst = x[..., 0]\nmiddle = x[:, h:2 * h]\n\
        wide = x[:, None, ::h]\nloss = sum(last) + sum(half) + sum(first) + sum(middle) + sum(wide)\n";
    let graph = read(text);
    let shape = |name: &str| graph.value(graph.find(name).unwrap()).ty.shape.to_string();
    assert_eq!(
        ["last", "half", "first", "middle", "wide"].map(shape),
        ["[6]", "[4, 3]", "[4]", "[4, 2]", "[4, 1, 3]"]
    );
    the_same_in_all_spellings(text);
    let said = refused("input x = [1, 2, 3]\ny = sum(x[0:1.5])\n");
    assert!(said.contains("the bounds of a range are whole numbers"), "{said}");
    let said = refused("input x = [1, 2, 3]\ny = sum(x[0:x[0]])\n");
    assert!(said.contains("the bounds of a range are whole numbers that are known before the run"), "{said}");
    let said = refused("input x = [1, 2, 3]\ny = sum(x[..., ...])\n");
    assert!(said.contains("an index has one `...` at most"), "{said}");
    let said = refused("input x = [1, 2, 3]\ny = sum(x[7])\n");
    assert!(said.contains("7 is outside of axis 0"), "{said}");
}

#[test]
fn tensors_of_ints_choose() {
    let text = "param E: [4, 3] = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]]\nconst i: int[2, 2] = [[0, 3], [3, -1]]\n\
        rows = E[i]\ncolumns = E[:, [2, 0]]\none = E[1:, i[0, 0]]\nloss = sum(rows * rows) + sum(columns * 2) + sum(one)\n";
    let [rows, columns, one] = &values(text, &["rows", "columns", "one"])[..] else { unreachable!() };
    assert_eq!(rows, &[1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 10.0, 11.0, 12.0, 10.0, 11.0, 12.0]);
    assert_eq!(columns, &[3.0, 1.0, 6.0, 4.0, 9.0, 7.0, 12.0, 10.0]);
    assert_eq!(one, &[4.0, 7.0, 10.0]);
    assert_eq!(verdict(text), "ok");
    the_same_in_all_spellings(text);
    let said = refused("input x = [1, 2, 3]\nconst i: int[2] = [0, 3]\ny = sum(x[i])\n");
    assert!(said.contains("3"), "{said}");
}

const CELL: &str = "block cell(h: [n, m], x: [n, d], W: [d, m], U: [m, m]; scale = 1) {
    z = tanh(scale * (x @ W) + h @ U)
    output z
    dz = upstream * (1 - z * z)
    backward h = dz @ transpose(U)
    backward x = scale * (dz @ transpose(W))
    backward W = scale * (transpose(x) @ dz)
    backward U = transpose(h) @ dz
}
input xs: [5, 2, 3] = randn()
input h0: [2, 4] = randn()
param W: [3, 4] = randn()
param U: [4, 4] = 0.5 * randn()
";

#[test]
fn a_scan_is_its_steps() {
    let text = format!(
        "{CELL}hs = scan(cell, h0, xs, W = W, U = U, scale = 0.5)\nloss = sum(hs * hs) + sum(hs[-1])\n"
    );
    let mut by_hand = CELL.to_string();
    let mut before = "h0".to_string();
    for step in 0..5 {
        by_hand += &format!("h_{step} = cell({before}, xs[{step}], W, U, scale = 0.5)\n");
        before = format!("h_{step}");
    }
    by_hand +=
        "loss = sum(h_0 ** 2) + sum(h_1 ** 2) + sum(h_2 ** 2) + sum(h_3 ** 2) + sum(h_4 ** 2) + sum(h_4)\n";
    let (a, b) = (read(&text), read(&by_hand));
    let (a, b) = (Run::backward(&a), Run::backward(&b));
    for name in ["xs", "h0", "W", "U"] {
        let (a, b) = (a.gradient(name).unwrap().to_floats(), b.gradient(name).unwrap().to_floats());
        assert!(close(&a, &b, 1e-13), "{name}: {a:?} {b:?}");
    }
    assert_eq!(verdict(&text), "ok");
    assert_eq!(verdict(&text.replace("(1 - z * z)", "(1 - z)")), "wrong");
    the_same_in_all_spellings(&text);
}

#[test]
fn a_scan_hands_on_several_states_and_shares_its_params() {
    let text = "block cell(h: [m], c: [m], x: [d]; units = 3) {\n param W: [d, units] = randn()\n\
        c2 = 0.5 * c + x @ W\n h2 = tanh(c2) + 0.1 * h\n output h2, c2\n}\n\
        input xs: [4, 2] = randn()\nh, c = scan(cell, zeros(shape = [3]), zeros(shape = [3]), xs)\n\
        loss = sum(h[-1] * c[-1]) + sum(c)\n";
    let graph = read(text);
    let shape = |name: &str| graph.value(graph.find(name).unwrap()).ty.shape.to_string();
    assert_eq!(["h", "c"].map(shape), ["[4, 3]", "[4, 3]"]);
    let params: Vec<&str> = graph.wanted.iter().map(|&id| &*graph.value(id).name).collect();
    assert_eq!(params, ["xs", "h.cell.W"]);
    assert_eq!(verdict(text), "ok");
    the_same_in_all_spellings(text);
}

#[test]
fn what_scan_refuses() {
    let of = |rest: &str| refused(&format!("{CELL}{rest}\nloss = sum(hs)\n"));
    let said = of("hs = scan(cel, h0, xs, W = W, U = U)");
    assert!(
        said.contains("`scan` runs a block, and `cel` is none") && said.contains("did you mean `cell`?"),
        "{said}"
    );
    let said = of("hs = scan(cell, h0, xs)");
    assert!(said.contains("takes its first 1 input as the state"), "{said}");
    let said = of("hs = scan(cell, h0, xs, W = W, U = U, V = U)");
    assert!(said.contains("`cell` has no input `V`"), "{said}");
    let said = of("hs = scan(cell, h0, 3, W = W, U = U)");
    assert!(said.contains("a sequence has an axis to go along"), "{said}");
    let said = of("hs = scan(relu(h0), xs)");
    assert!(said.contains("`scan` runs a block: its name comes first"), "{said}");
    let said = refused("block scan(x) {\n y = x\n output y\n}\ninput x = 1\ny = scan(x)\n");
    assert!(said.contains("a block cannot be called `scan`"), "{said}");
}

#[test]
fn a_layer_is_used_twice_and_repeated() {
    let dense = "block dense(x: [n, in]; units) {\n param W: [in, units] = randn()\n y = tanh(x @ W)\n output y\n}\n\
        input a: [2, 3] = randn()\ninput b: [4, 3] = randn()\n";
    let text = format!("{dense}enc = dense(units = 2)\nloss = sum(enc(a)) * sum(enc(b))\n");
    let graph = read(&text);
    let params: Vec<&str> = graph.wanted.iter().map(|&id| &*graph.value(id).name).collect();
    assert_eq!(params, ["a", "b", "enc.W"]);
    assert_eq!(verdict(&text), "ok");
    the_same_in_all_spellings(&text);
    let text = format!("{dense}y = a -> repeat(dense, times = 3, units = 3)\nloss = sum(y) + sum(b)\n");
    assert_eq!(read(&text).wanted.len(), 5);
    assert_eq!(verdict(&text), "ok");
    the_same_in_all_spellings(&text);
    let text = text.replace("times = 3", "times = 3, shared = true");
    assert_eq!(read(&text).wanted.len(), 3);
    assert_eq!(verdict(&text), "ok");
    the_same_in_all_spellings(&text);
    let said = refused(&format!("{dense}enc = dense(units = 2)\nloss = sum(a)\n"));
    assert!(said.contains("nothing calls `enc`"), "{said}");
    let said = refused(&format!("{dense}enc = dense(units = 2)\nloss = sum(enc) + sum(enc(a))\n"));
    assert!(said.contains("`enc` is a layer, and no value"), "{said}");
    let said = refused(&format!("{dense}enc = dense(units = 2)\nloss = sum(enc(a, units = 3))\n"));
    assert!(said.contains("the attributes of `enc` are given where it is named"), "{said}");
    let said = refused(&format!(
        "{dense}enc = dense(units = 2)\nloss = sum(enc(a)) + sum(enc(transpose(b)[:, 0:2]))\n"
    ));
    assert!(said.contains("`in` is"), "{said}");
    let said = refused(&format!("{dense}y = a -> repeat(dense, units = 3)\nloss = sum(y)\n"));
    assert!(said.contains("`repeat` needs `times`"), "{said}");
}

#[test]
fn layers_with_a_backward_by_hand_share_params_too() {
    let text = "block dense(x: [n, in]; units) {\n param W: [in, units] = randn()\n y = x @ W\n output y\n\
        backward x = upstream @ transpose(W)\n backward W = transpose(x) @ upstream\n}\n\
        input a: [2, 3] = randn()\ninput b: [4, 3] = randn()\nenc = dense(units = 2)\nloss = sum(enc(a) ** 2) * sum(enc(b))\n";
    assert_eq!(read(text).wanted.len(), 3);
    assert_eq!(verdict(text), "ok");
    the_same_in_all_spellings(text);
}

#[test]
fn a_file_says_the_upstream_gradient() {
    let text = "input x = [1, 2, 3]\ny = x * x\noutput y\nupstream y = [1, 0, -2]\n";
    let graph = read(text);
    assert_eq!(Run::backward(&graph).gradient("x").unwrap().to_floats(), [2.0, 0.0, -12.0]);
    the_same_in_all_spellings(text);
    let toml =
        "output = \"y\"\n[inputs]\nx = [1.0, 2.0, 3.0]\n[nodes]\ny = \"x * x\"\n[upstream]\ny = [1, 0, -2]\n";
    let graph = graphrun::read(toml, Spelling::Toml).unwrap();
    assert_eq!(Run::backward(&graph).gradient("x").unwrap().to_floats(), [2.0, 0.0, -12.0]);
    let said = refused("input x = [1, 2]\ny = x * x\nz = sum(y)\noutput z\nupstream y = [1, 2]\n");
    assert!(said.contains("backward does not start at `y`"), "{said}");
    let said = refused("input x = [1, 2]\ny = x * x\noutput y\nupstream y = [1, 2, 3]\n");
    assert!(said.contains("the upstream gradient has shape [3]"), "{said}");
}

#[test]
fn a_tensor_is_split() {
    let text = "input x: [2, 6] = randn()\nq, k, v = split(x, axis = -1)\na, b = split(x, axis = 1, sizes = [1, 5])\n\
        top, bottom = split(x)\nloss = sum(q * k * v) + sum(a) * sum(b ** 2) + sum(top * bottom)\n";
    let graph = read(text);
    let shape = |name: &str| graph.value(graph.find(name).unwrap()).ty.shape.to_string();
    assert_eq!(["q", "v", "b", "top"].map(shape), ["[2, 2]", "[2, 2]", "[2, 5]", "[1, 6]"]);
    assert_eq!(verdict(text), "ok");
    the_same_in_all_spellings(text);
    let of = |call: &str| refused(&format!("input x: [2, 6] = randn()\n{call}\nloss = sum(a)\n"));
    assert!(of("a, b, c, d = split(x, axis = 1)").contains("has no 4 equal parts"));
    assert!(of("a = split(x, axis = 1)").contains("as many parts as names"));
    assert!(of("a, b = split(x, axis = 2)").contains("this is no axis of shape [2, 6]"));
    assert!(of("a, b = split(x, axis = 1, sizes = [1, 2])").contains("6 in all"));
    assert!(of("a, b = split(x, dim = 1)").contains("unknown attribute `dim` of `split`"));
}

#[test]
fn a_number_that_is_handed_in_is_another_than_the_same_number_within() {
    let text = "block f(a, b) {\n y = a * b + 1 / (1 + b * b)\n output y\n backward a = upstream * b\n\
        backward b = upstream * (a - 2 * b / (1 + b * b) ** 2)\n}\ninput b = 0.5\ny = f(1, b)\noutput y\n";
    assert_eq!(verdict(text), "ok");
}

#[test]
fn the_steps_of_a_scan_are_counted_before_they_are_made() {
    let text = "block cell(h, x) {\n y = tanh(h + x)\n output y\n}\nblock rows(h, x) {\n hs = scan(cell, h, x)\n y = hs[-1]\n output y\n}\n\
        input xs: [3000, 3000] = zeros()\nhs = scan(rows, 0, xs)\nloss = sum(hs)\n";
    let limits = graphrun::limits::Limits { nodes: 100_000, ..Default::default() };
    let request = Request { limits, ..Request::default() };
    let refusal =
        graphrun::load(&Input::Text(text), Some(Spelling::Graph), &request, &mut SourceMap::default());
    let said = refusal.unwrap_err().to_string();
    assert!(said.contains("too many nodes"), "{said}");
}
