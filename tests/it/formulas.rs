//! Formulas that people write, each at many random values: right ones are never called wrong, and
//! wrong ones never pass.

use crate::corpus::draw::Draw;
use graphrun::compare::{Options, compare};

/// Values that each formula is tried at.
const VALUES: u64 = 200;

/// A block with a backward by hand.
struct Formula {
    /// Arguments, each with the shape and the size of the leaf given for it.
    leaves: &'static [(&'static str, &'static str, usize)],
    head: &'static str,
    body: &'static str,
    /// Backward lines, each right and with a slip.
    lines: &'static [(&'static str, &'static str)],
}

const FORMULAS: &[Formula] = &[
    Formula {
        leaves: &[("x", "[4]", 4)],
        head: "f(x)",
        body: "y = 1 / (1 + exp(-x))",
        lines: &[("x = upstream * y * (1 - y)", "x = y * (1 - y)")],
    },
    Formula {
        leaves: &[("x", "[4]", 4)],
        head: "f(x)",
        body: "y = tanh(x)",
        lines: &[("x = upstream * (1 - y * y)", "x = upstream * (1 - y * x)")],
    },
    Formula {
        leaves: &[("x", "[4]", 4)],
        head: "f(x)",
        body: "y = relu(x) + log(1 + exp(-abs(x)))",
        lines: &[("x = upstream * sigmoid(x)", "x = upstream * sigmoid(-x)")],
    },
    Formula {
        leaves: &[("x", "[5]", 5)],
        head: "f(x)",
        body: "pos = greater(x, 0)\n y = pos * x + (1 - pos) * (exp(-relu(-x)) - 1)",
        lines: &[(
            "x = upstream * (pos + (1 - pos) * (y + 1))",
            "x = upstream * (pos * x + (1 - pos) * (y - 1))",
        )],
    },
    Formula {
        leaves: &[("x", "[4]", 4)],
        head: "f(x: [n])",
        body: "m = max(x)\n y = m + log(sum(exp(x - m)))",
        lines: &[("x = upstream * exp(x - y)", "x = upstream * exp(x - m)")],
    },
    Formula {
        leaves: &[("x", "[3]", 3)],
        head: "f(x)",
        body: "y = sqrt(x * x)",
        lines: &[("x = upstream * (1 - 2 * greater(0, x))", "x = upstream * (1.5 - 2 * greater(0, x))")],
    },
    Formula {
        leaves: &[("x", "[2, 4]", 8)],
        head: "f(x: [n, d]; eps = 1e-5)",
        body: "c = x - mean(x, axis = 1, keepdims = true)\n \
               r = 1 / sqrt(mean(c * c, axis = 1, keepdims = true) + eps)\n y = c * r\n \
               g = upstream - mean(upstream, axis = 1, keepdims = true)",
        lines: &[(
            "x = r * (g - y * mean(upstream * y, axis = 1, keepdims = true))",
            "x = r * (g - y * mean(upstream, axis = 1, keepdims = true))",
        )],
    },
    Formula {
        leaves: &[("x", "[4, 2]", 8)],
        head: "f(x: [b, n]; eps = 1e-5)",
        body: "c = x - mean(x, axis = 0)\n r = 1 / sqrt(mean(c * c, axis = 0) + eps)\n y = c * r",
        lines: &[(
            "x = r * (upstream - mean(upstream, axis = 0) - y * sum(upstream * y, axis = 0) / b)",
            "x = r * (upstream - mean(upstream, axis = 0) - y * sum(upstream * y, axis = 0) / (b - 1))",
        )],
    },
    Formula {
        leaves: &[("x", "[3, 3]", 9)],
        head: "f(x: [b, c])",
        body: "y = -sum([[0, 1, 0], [1, 0, 0], [0, 0, 1]] * log_softmax(x)) / b",
        lines: &[(
            "x = upstream * (softmax(x) - [[0, 1, 0], [1, 0, 0], [0, 0, 1]]) / b",
            "x = upstream * (softmax(x) - [[0, 1, 0], [1, 0, 0], [0, 0, 1]])",
        )],
    },
    Formula {
        leaves: &[("x", "[6]", 6)],
        head: "f(x: [n]; beta = 0.5)",
        body: "a = abs(x)\n small = greater(beta, a)\n y = small * (0.5 * x * x / beta) + (1 - small) * (a - 0.5 * beta)",
        lines: &[(
            "x = upstream * (small * x / beta + (1 - small) * (2 * greater(x, 0) - 1))",
            "x = upstream * (small * x + (1 - small) * (3 * greater(x, 0) - 1.5))",
        )],
    },
    Formula {
        leaves: &[("mu", "[2, 2]", 4), ("s", "[2, 2]", 4)],
        head: "f(mu: [b, z], s: [b, z])",
        body: "y = sum([[0.3, -1.2], [2, 0.7]] * (mu + [[0.3, -1.2], [2, 0.7]] * exp(0.5 * s))) - 0.5 * sum(1 + s - mu * mu - exp(s))",
        lines: &[
            (
                "mu = upstream * ([[0.3, -1.2], [2, 0.7]] + mu)",
                "mu = upstream * ([[0.3, -1.2], [2, 0.7]] - mu)",
            ),
            (
                "s = upstream * (0.5 * [[0.3, -1.2], [2, 0.7]] * [[0.3, -1.2], [2, 0.7]] * exp(0.5 * s) + 0.5 * (exp(s) - 1))",
                "s = upstream * ([[0.3, -1.2], [2, 0.7]] * [[0.3, -1.2], [2, 0.7]] * exp(0.5 * s) + 0.5 * (exp(s) - 1))",
            ),
        ],
    },
    Formula {
        leaves: &[("q", "[2, 3]", 6), ("k", "[2, 3]", 6)],
        head: "f(q: [n, d], k: [n, d])",
        body: "p = softmax(q @ transpose(k) / sqrt(d))\n y = p\n \
               ds = p * (upstream - sum(upstream * p, axis = 1, keepdims = true)) / sqrt(d)",
        lines: &[("q = ds @ k", "q = ds @ q"), ("k = transpose(ds) @ q", "k = ds @ q")],
    },
    Formula {
        leaves: &[("x", "[2, 3]", 6), ("w", "[3, 2]", 6)],
        head: "f(x: [n, i], w: [i, o])",
        body: "y = tanh(x @ w)\n d = upstream * (1 - y * y)",
        lines: &[
            ("x = d @ transpose(w)", "x = upstream @ transpose(w)"),
            ("w = transpose(x) @ d", "w = -transpose(x) @ d"),
        ],
    },
];

impl Formula {
    /// The text with some line wrong, or none, and these numbers in its leaves.
    fn text(&self, wrong: Option<usize>, numbers: &mut dyn FnMut() -> f64) -> String {
        let line = |(at, line): (usize, &(&str, &str))| {
            format!(" backward {}\n", if wrong == Some(at) { line.1 } else { line.0 })
        };
        let lines: String = self.lines.iter().enumerate().map(line).collect();
        let leaves = self.leaves.iter().map(|(name, shape, size)| {
            let values: Vec<String> = (0..*size).map(|_| numbers().to_string()).collect();
            format!("input {name}: {shape} = reshape([{}], shape = {shape})\n", values.join(", "))
        });
        let leaves: String = leaves.collect();
        let arguments: Vec<&str> = self.leaves.iter().map(|(name, ..)| *name).collect();
        let call = arguments.join(", ");
        format!(
            "block {} {{\n {}\n output y\n{lines}}}\n{leaves}z = f({call})\noutput z\n",
            self.head, self.body
        )
    }
}

fn word(text: &str) -> &'static str {
    let graph = crate::common::read(text);
    compare(&graph, &graph.wanted, &Options { measured: false, ..Options::default() }).word()
}

/// Plain, saturated, tiny and huge numbers, each of a scale of its own, and whole ones with ties.
fn number(draw: &mut Draw, style: u64) -> f64 {
    let plain = draw.within(-3.0, 3.0);
    match style % 5 {
        0 => plain,
        1 => plain * 15.0,
        2 => plain * 10f64.powf(draw.within(-12.0, 3.0)),
        3 => plain * 1e-8,
        _ => plain.round(),
    }
}

#[test]
fn right_formulas_are_never_called_wrong() {
    for (at, formula) in FORMULAS.iter().enumerate() {
        for seed in 0..VALUES {
            let mut draw = Draw(1000 * at as u64 + seed);
            let text = formula.text(None, &mut || number(&mut draw, seed));
            assert_ne!(word(&text), "wrong", "{text}");
        }
    }
}

#[test]
fn wrong_formulas_never_pass() {
    for (at, formula) in FORMULAS.iter().enumerate() {
        for wrong in 0..formula.lines.len() {
            for seed in 0..VALUES / 4 {
                let mut draw = Draw(777_000 + 1000 * at as u64 + seed);
                let text = formula.text(Some(wrong), &mut || number(&mut draw, 0));
                assert_eq!(word(&text), "wrong", "{text}");
            }
        }
    }
}
