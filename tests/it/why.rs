//! What is said of a slip: small blocks, each with one slip of a kind, and the words that tell it.

use graphrun::{
    Graph, Spelling,
    compare::{Comparison, Options, compare},
    read,
    report::{loss, origin, words},
    source::SourceMap,
};

fn compared(text: &str) -> (Graph, Comparison) {
    let graph = read(text, Spelling::Graph).unwrap_or_else(|refusal| panic!("{refusal:?}\n{text}"));
    let comparison = compare(&graph, &graph.wanted.clone(), &Options::default());
    (graph, comparison)
}

/// What is said of every wrong line, by the line's name.
fn said(text: &str) -> Vec<(String, String)> {
    let (graph, comparison) = compared(text);
    assert_eq!(comparison.word(), "wrong", "{text}");
    let mut said = Vec::new();
    for guilty in &comparison.location.guilty {
        let block = guilty.unit.block.map(|id| &graph.blocks[id.index()]).expect("the slip is in a block");
        let lines = &block.backward.as_ref().expect("the block goes back by hand").lines;
        for (input, pattern) in &guilty.inputs {
            let line = lines.iter().find(|line| line.to == *input).expect("a wrong line");
            said.push((line.name.to_string(), pattern.as_ref().map_or("no pattern".to_string(), words)));
        }
    }
    said
}

/// One line alone is wrong, and what is said of it has all of these parts.
#[track_caller]
fn tells(line: &str, parts: &[&str], text: &str) {
    let said = said(text);
    let [(name, words)] = &said[..] else { panic!("one line is wrong: {said:#?}") };
    assert_eq!(name, line, "{words}");
    for part in parts {
        assert!(words.contains(part), "`{part}` is not in: {words}");
    }
}

const PLANE: &str = "input x: [3, 4] = [[0.3, -1.2, 2.1, 0.7], [1.4, 0.2, -0.6, 1.9], [-0.8, 1.1, 0.5, -2.2]]\n\
                     const w: [3, 4] = [[1, 2, -1, 0.5], [0.3, -2, 1.5, 1], [2, 1, -0.7, 3]]\n";

fn plane(block: &str, call: &str) -> String {
    format!("{block}\n{PLANE}loss = sum(w * {call})\n")
}

#[test]
fn factors_of_all_entries() {
    tells(
        "x",
        &["every entry is 3 times", "the attribute k"],
        &plane(
            "block f(x: [b, n]; k = 3) {\n y = sin(x)\n output y\n backward x = k * upstream * cos(x)\n}",
            "f(x)",
        ),
    );
    tells(
        "x",
        &["every entry is 1/4 times", "1/n with n = 4"],
        &plane(
            "block f(x: [b, n]) {\n y = sin(x)\n output y\n backward x = upstream * cos(x) / n\n}",
            "f(x)",
        ),
    );
    tells(
        "x",
        &["1/√b with b = 3"],
        &plane(
            "block f(x: [b, n]) {\n y = sin(x)\n output y\n backward x = upstream * cos(x) / sqrt(b)\n}",
            "f(x)",
        ),
    );
    tells(
        "x",
        &["3/2", "b/(b − 1) with b = 3"],
        &plane(
            "block f(x: [b, n]) {\n y = sin(x) / b\n output y\n backward x = upstream * cos(x) / (b - 1)\n}",
            "f(x)",
        ),
    );
    tells(
        "x",
        &["1 − rate with the attribute rate = 0.3"],
        &plane(
            "block f(x; rate = 0.3) {\n y = sin(x)\n output y\n backward x = upstream * cos(x) * (1 - rate)\n}",
            "f(x)",
        ),
    );
    tells(
        "x",
        &["every entry is −1 times", "the sign"],
        &plane("block f(x) {\n y = exp(-x)\n output y\n backward x = upstream * y\n}", "f(x)"),
    );
}

#[test]
fn factors_of_some_entries() {
    tells(
        "x",
        &["only entries with index 1 on axis 0", "5 times"],
        &plane(
            "block f(x) {\n y = sin(x)\n output y\n backward x = upstream * cos(x) * [[1], [5], [1]]\n}",
            "f(x)",
        ),
    );
    tells(
        "x",
        &["only entry [2, 1]", "−1 times"],
        &plane(
            "block f(x) {\n y = sin(x)\n output y\n \
         backward x = upstream * cos(x) * [[1, 1, 1, 1], [1, 1, 1, 1], [1, -1, 1, 1]]\n}",
            "f(x)",
        ),
    );
    tells(
        "x",
        &["indices 2 to 3 on axis 1", "each is 0"],
        &plane(
            "block f(x) {\n y = sin(x)\n output y\n backward x = upstream * cos(x) * [1, 1, 0, 0]\n}",
            "f(x)",
        ),
    );
    // Leaky relu with its slope forgotten on one side.
    tells(
        "x",
        &["4 of 12 entries", "every wrong entry is 4 times", "1/slope with the attribute slope = 0.25"],
        &plane(
            "block leaky(x; slope = 0.25) {\n up = greater(x, 0)\n y = up * x + (1 - up) * slope * x\n output y\n \
         backward x = upstream\n}",
            "leaky(x)",
        ),
    );
}

#[test]
fn values_as_factors() {
    tells(
        "a",
        &["it lacks the factor `b`"],
        &plane(
            "block f(a, b) {\n y = a * b\n output y\n backward a = upstream\n backward b = upstream * a\n}",
            "f(x, w)",
        ),
    );
    tells(
        "x",
        &["it has the factor `s` once too often"],
        &plane(
            "block f(x) {\n s = tanh(x)\n y = s * 3\n output y\n backward x = 3 * upstream * s * (1 - s * s)\n}",
            "f(x)",
        ),
    );
}

#[test]
fn numbers_in_other_places() {
    let square = |line: &str| {
        format!(
            "block f(x: [2, 3], m: [3, 3]) {{\n y = x @ m\n output y\n backward x = upstream @ transpose(m)\n \
             backward m = {line}\n}}\ninput x: [2, 3] = [[1, 2, 3], [-1, 0.5, 2]]\n\
             param m: [3, 3] = [[1, -2, 0.3], [0.7, 1.1, 2], [0.2, 0.4, -1]]\n\
             const w: [2, 3] = [[1, -1, 2], [0.5, 3, 1.5]]\nloss = sum(w * f(x, m))\n"
        )
    };
    tells("m", &["in other places", "transposed"], &square("transpose(upstream) @ x"));
    tells("m", &["in reverse order along axis 0"], &square("(transpose(x) @ upstream)[::-1]"));
    tells("m", &["in reverse order along axis 1"], &square("(transpose(x) @ upstream)[:, ::-1]"));
    tells(
        "m",
        &["rolled by 1 along axis 0"],
        &square("concat((transpose(x) @ upstream)[2:3], (transpose(x) @ upstream)[0:2])"),
    );
    // Not square: transposed and laid out again.
    tells(
        "x",
        &["in other places", "transposed"],
        &plane(
            "block f(x: [3, 4]) {\n y = sin(x)\n output y\n \
         backward x = reshape(transpose(upstream * cos(x)), shape = [3, 4])\n}",
            "f(x)",
        ),
    );
    tells(
        "x",
        &["as if reshaped to [3, 2, 2]", "[0, 2, 1]"],
        &plane(
            "block f(x: [3, 4]) {\n y = exp(0.1 * x)\n output y\n \
         backward x = reshape(transpose(reshape(0.1 * upstream * y, shape = [3, 2, 2]), axes = [0, 2, 1]), shape = [3, 4])\n}",
            "f(x)",
        ),
    );
    tells(
        "x",
        &["in other places"],
        &plane(
            "block f(x: [3, 4]) {\n y = sin(x)\n output y\n g = upstream * cos(x)\n \
         backward x = concat(g[1:2], concat(g[0:1, 2:4], g[0:1, 0:2], axis = 1), g[2:3, ::-1])\n}",
            "f(x)",
        ),
    );
}

#[test]
fn gradients_of_other_arguments() {
    let text = plane(
        "block f(a, b) {\n y = a * exp(b)\n output y\n backward a = upstream * y\n backward b = upstream * exp(b)\n}",
        "f(x, w)",
    );
    let text = text.replace("const w", "input w");
    let said = said(&text);
    for (line, other) in [("a", "b"), ("b", "a")] {
        let of = said.iter().find(|(name, _)| name == line).map(|(_, words)| &words[..]);
        assert_eq!(of, Some(&*format!("it is the true gradient for `{other}`: are the two swapped?")));
    }
    tells(
        "b",
        &["−1 times the true gradient for `a`"],
        &plane(
            "block f(a, b) {\n y = sin(a) * b\n output y\n backward a = upstream * cos(a) * b\n \
         backward b = -upstream * cos(a) * b\n}",
            "f(x, w)",
        ),
    );
}

#[test]
fn missing_paths() {
    tells(
        "x",
        &["lacks what comes back to `e` through `s`"],
        &plane(
            "block soft(x: [b, n]) {\n e = exp(x)\n s = sum(e, axis = 1, keepdims = true)\n y = e / s\n output y\n \
         backward x = upstream * y\n}",
            "soft(x)",
        ),
    );
    let steps = "block f(h: [1, 2], m: [2, 2]) {\n a = sin(h @ m)\n b = sin(a @ m)\n c = sin(b @ m)\n output c\n \
         dc = upstream * cos(b @ m)\n db = (dc @ transpose(m)) * cos(a @ m)\n da = (db @ transpose(m)) * cos(h @ m)\n \
         backward h = da @ transpose(m)\n backward m = LINE\n}\n\
         input h: [1, 2] = [[0.4, -0.9]]\nparam m: [2, 2] = [[0.3, 1.2], [-0.7, 0.5]]\n\
         loss = sum([[1, 2]] * f(h, m))\n";
    tells(
        "m",
        &["lacks what comes back to `m` through `b.matmul1`"],
        &steps.replace("LINE", "transpose(b) @ dc + transpose(h) @ da"),
    );
    tells(
        "m",
        &["2 paths are missing", "`b.matmul1`", "`a.matmul1`"],
        &steps.replace("LINE", "transpose(b) @ dc"),
    );
}

#[test]
fn terms_with_wrong_coefficients() {
    tells(
        "x",
        &["the second term, `sin(x) * x`, has the wrong sign"],
        &plane(
            "block f(x) {\n y = cos(x) * x\n output y\n backward x = upstream * (cos(x) + sin(x) * x)\n}",
            "f(x)",
        ),
    );
    tells(
        "x",
        &["the first term, `3 * x * x`, needs × 1/3"],
        &plane(
            "block f(x) {\n y = x * x * x / 3 + sin(x)\n output y\n backward x = upstream * (3 * x * x + cos(x))\n}",
            "f(x)",
        ),
    );
    // A sum within a product of sums, with a power's exponent forgotten.
    tells(
        "x",
        &["term, `0.2 * x * x`, needs × 3"],
        &plane(
            "block f(x) {\n t = tanh(x + 0.2 * x * x * x)\n y = x * t\n output y\n \
             backward x = upstream * (t + x * (1 - t * t) * (1 + 0.2 * x * x))\n}",
            "f(x)",
        ),
    );
    // The variance is over n, and the line takes n - 1.
    tells(
        "x",
        &["the fourth term", "(b − 1)/b with b = 3", "divided by 2 where 3 is right"],
        &plane(
            "block f(x: [b, n]) {\n c = x - mean(x, axis = 0)\n v = mean(c * c, axis = 0, keepdims = true)\n \
         y = x + c * v\n output y\n \
         t = upstream * v\n u = sum(upstream * c, axis = 0, keepdims = true)\n \
         backward x = upstream + (t - mean(t, axis = 0, keepdims = true)) + 2 * c * u / (b - 1)\n}",
            "f(x)",
        ),
    );
}

#[test]
fn values_in_place_of_others() {
    // The hidden state of the wrong step.
    tells(
        "m",
        &["right with `a` for `b` in `transpose(b)`"],
        "block f(h: [1, 2], m: [2, 2]) {\n a = sin(h @ m)\n b = sin(a @ m)\n output b\n \
         db = upstream * cos(a @ m)\n da = (db @ transpose(m)) * cos(h @ m)\n \
         backward h = da @ transpose(m)\n backward m = transpose(b) @ db + transpose(h) @ da\n}\n\
         input h: [1, 2] = [[0.4, -0.9]]\nparam m: [2, 2] = [[0.3, 1.2], [-0.7, 0.5]]\n\
         loss = sum([[1, 2]] * f(h, m))\n",
    );
    tells(
        "x",
        &["right with `y` for `x` in `x * y`"],
        &plane("block f(x) {\n y = tanh(x)\n output y\n backward x = upstream * (1 - x * y)\n}", "f(x)"),
    );
}

#[test]
fn products_within_a_sum() {
    // Of a norm, the mean that the chain rule has is of the product.
    tells(
        "x",
        &["right with `g * y` for `g` in `mean(g, axis = 1)`"],
        "block norm(x: [n, d]) {\n c = x - mean(x, axis = 1, keepdims = true)\n \
         r = 1 / sqrt(mean(c * c, axis = 1, keepdims = true) + 0.1)\n y = c * r\n output y\n g = upstream\n \
         backward x = r * (g - mean(g, axis = 1, keepdims = true) - y * mean(g, axis = 1, keepdims = true))\n}\n\
         input x: [2, 3] = [[0.4, -0.9, 1.3], [2, 0.3, -0.2]]\n\
         loss = sum([[1, 2, -1], [0.5, 3, 1]] * norm(x))\n",
    );
}

#[test]
fn upstream() {
    tells(
        "x",
        &["does not change with the upstream"],
        &plane("block f(x) {\n y = sin(x)\n output y\n backward x = cos(x)\n}", "f(x)"),
    );
    tells(
        "x",
        &["square of the upstream"],
        &plane("block f(x) {\n y = sin(x)\n output y\n backward x = upstream * cos(x) * upstream\n}", "f(x)"),
    );
    tells(
        "x",
        &["not linear in the upstream"],
        &plane("block f(x) {\n y = sigmoid(x)\n output y\n backward x = upstream * y - y * y\n}", "f(x)"),
    );
    tells(
        "x",
        &["not linear in the upstream"],
        &plane("block f(x) {\n y = sin(x)\n output y\n backward x = tanh(upstream) * cos(x)\n}", "f(x)"),
    );
}

#[test]
fn sums() {
    tells(
        "c",
        &["index 0 of axis 0 of the output", "sum over that axis"],
        &plane(
            "block f(x: [b, n], c: [n]) {\n y = x + c\n output y\n backward x = upstream\n backward c = upstream[0]\n}\n\
         param c: [4] = [1, 2, 3, 4]",
            "f(x, c)",
        ),
    );
    tells(
        "x",
        &["sum of the true ones along axis 1"],
        &plane(
            "block f(x: [b, n]) {\n y = sin(x)\n output y\n g = upstream * cos(x)\n \
         backward x = sum(g, axis = 1, keepdims = true) + 0 * x\n}",
            "f(x)",
        ),
    );
    tells(
        "x",
        &["every entry is 0"],
        &plane("block f(x) {\n y = sin(x)\n output y\n backward x = 0 * upstream\n}", "f(x)"),
    );
}

/// The value that is handed in twice has a line for each argument.
#[test]
fn one_value_for_two_arguments() {
    let text = "block mix(p, q) {\n y = p * p + q\n output y\n backward p = LINE1\n backward q = LINE2\n}\n\
                input v = [0.3, -2, 1.1]\nloss = sum([1, 2, 3] * mix(v, v))\n";
    let with = |p: &str, q: &str| text.replace("LINE1", p).replace("LINE2", q);
    tells("q", &["every entry is 0"], &with("2 * upstream * p", "0 * upstream"));
    tells("p", &["1/2 times"], &with("upstream * p", "upstream"));
    let (_, right) = compared(&with("2 * upstream * p", "upstream"));
    assert_eq!(right.word(), "ok");
}

/// A gradient that has nothing to do with the right one gets no explanation.
#[test]
fn no_guesses() {
    for line in ["upstream * exp(sin(3 * x) + 0.3 * w)", "upstream * sqrt(2 + x * w) / (1 + x * x)"] {
        let said = said(&plane(
            &format!(
                "block f(x, w) {{\n y = sin(x) + cos(w * x)\n output y\n backward x = {line}\n backward w = -upstream * x * sin(w * x)\n}}"
            ),
            "f(x, w)",
        ));
        assert_eq!(said, [("x".to_string(), "no pattern".to_string())], "{line}");
    }
}

/// Nothing is said of blocks that are right.
#[test]
fn right_blocks() {
    for block in [
        "block f(x: [b, n]) {\n e = exp(x)\n y = e / sum(e, axis = 1, keepdims = true)\n output y\n \
         backward x = y * (upstream - sum(upstream * y, axis = 1, keepdims = true))\n}",
        "block f(x) {\n y = sigmoid(x)\n output y\n backward x = upstream * y * (1 - y)\n}",
        "block f(x) {\n y = abs(x)\n output y\n backward x = upstream * (2 * greater(x, 0) - 1)\n}",
    ] {
        let (_, comparison) = compared(&plane(block, "f(x)"));
        assert_eq!(comparison.word(), "ok", "{block}");
        assert!(comparison.location.guilty.is_empty(), "{block}");
    }
}

/// A NaN or an infinity is traced to the node that made it, never to a number that is finite.
#[test]
fn not_finite() {
    let cases = [
        ("y = log(x + m)\nloss = sum(y)", "y[1] = nan", "y.add1[1] = -1", "logarithm of a negative number"),
        ("y = x / (x + m)\nloss = sum(exp(y))", "y[2] = inf", "y.add1[2] = 0", "division by zero"),
        ("y = log(square(x + m))\nloss = sum(y)", "y[2] = -inf", "y.square1[2] = 0", "logarithm of 0"),
        ("y = x / (x * m - m * x)\nloss = sum(y)", "y[0] = inf", "y.sub1[0] = 0", "division by zero"),
        ("y = (x + m) / (x - x)\nloss = sum(y[2:3])", "y[2] = nan", "y.sub1[2] = 0", "0/0"),
        ("z = exp(900 * x)\ny = z - z\nloss = sum(y)", "z[0] = inf", "z.mul1[0] = 900", "overflow"),
        ("y = sqrt(m)\nloss = sum(x * y)", "y[1] = nan", "m[1] = -3", "square root of a negative number"),
        ("y = (x + m) ** 0.5\nloss = sum(y)", "y[1] = nan", "y.add1[1] = -1", "negative base"),
        // Ops whose output has fewer elements: the fault stands in another entry.
        (
            "y = log(x + m)\nloss = squared_error(y, m)",
            "y[1] = nan",
            "y.add1[1] = -1",
            "logarithm of a negative",
        ),
        ("y = log(x + m)\nloss = max(y)", "y[1] = nan", "y.add1[1] = -1", "logarithm of a negative"),
        ("y = log(x + m)\nloss = min(y)", "y[1] = nan", "y.add1[1] = -1", "logarithm of a negative"),
    ];
    for (nodes, number, given, cause) in cases {
        let text = format!("input x = [1, 2, 3]\nconst m = [0, -3, -3]\n{nodes}\n");
        let (graph, comparison) = compared(&text);
        let found = comparison.not_finite.as_ref().expect("a number that is not finite");
        let words = origin(found, &graph, &SourceMap::default());
        for part in [number, given, cause] {
            assert!(words.contains(part), "`{part}` is not in: {words}\n{nodes}");
        }
        assert!(!found.number.is_finite());
    }
    // The slope alone is not finite.
    let (graph, comparison) = compared("input x = [4, 0]\ny = sqrt(x)\nloss = sum(y * y)\n");
    let words = origin(comparison.not_finite.as_ref().unwrap(), &graph, &SourceMap::default());
    assert!(words.contains("the gradient of x[1]") && words.contains("infinitely steep at 0"), "{words}");
    // A mask of infinities does no harm.
    let (_, masked) = compared(
        "input x: [2, 2] = [[1, 2], [3, 4]]\nconst m: [2, 2] = [[0, -inf], [0, 0]]\n\
         loss = sum(square(softmax(x + m)))\n",
    );
    assert_eq!(masked.not_finite, None);
}

/// Where f64 keeps hardly a digit, the node that loses them is named.
#[test]
fn lost_digits() {
    let cases = [
        (
            "block f(x) {\n s = sigmoid(x)\n output s\n backward x = upstream * s * (1 - s)\n}\n\
             input x = [35.5, 1]\nloss = sum(f(x))",
            &["`1 - s` cancels", "sigmoid(-x)"][..],
        ),
        (
            "block f(x) {\n e = exp(x)\n y = e - 1 - x\n output y\n backward x = upstream * (e - 1)\n}\n\
             input x = [3.3e-16, 1]\nloss = sum(f(x))",
            &["`e - 1` cancels", "expm1(x)"],
        ),
        ("input x = [0.7]\nloss = sum(log(exp(x)) - x)", &["come back to `x` from its uses cancel"]),
    ];
    for (text, parts) in cases {
        let (graph, comparison) = compared(text);
        assert_eq!(comparison.word(), "ok", "{text}");
        let found = comparison.tensors[0].loss.as_ref().expect("digits are lost");
        let words = loss(found, &graph, &SourceMap::default());
        for part in parts {
            assert!(words.contains(part), "`{part}` is not in: {words}");
        }
    }
    let (_, sharp) = compared("input x = [0.3, 0.7]\nloss = sum(sin(x))");
    assert_eq!(sharp.tensors[0].loss, None);
}
