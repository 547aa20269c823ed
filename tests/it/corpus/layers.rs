//! Blocks with a backward by hand that is right, to be used on random numbers and to be broken.

use super::draw::{Draw, Style, literal, shown};
use std::fmt::Write;

/// What an argument is filled with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fill {
    Any,
    Positive,
    /// Rows of shares that sum to one as far as f64 goes.
    Shares,
    /// Rows of zeros with a one.
    OneHot,
    /// Zeros and ones.
    Mask,
}

pub struct Layer {
    pub definition: &'static str,
    pub name: &'static str,
    /// Shape and filling of each argument; those that are data are consts.
    pub arguments: &'static [(&'static [usize], Fill)],
    pub output: &'static [usize],
}

use Fill::{Any, Mask, OneHot, Positive, Shares};

pub const LAYERS: &[Layer] = &[
    Layer {
        definition: "block affine_layer(x: [batch, in], W: [in, out], b: [out]) {
    y = x @ W + b
    output y
    backward x = upstream @ transpose(W)
    backward W = transpose(x) @ upstream
    backward b = sum(upstream, axis = 0)
}",
        name: "affine_layer",
        arguments: &[(&[3, 3], Any), (&[3, 2], Any), (&[2], Any)],
        output: &[3, 2],
    },
    Layer {
        definition: "block mul_layer(x, y) {
    z = x * y
    output z
    backward x = upstream * y
    backward y = upstream * x
}",
        name: "mul_layer",
        arguments: &[(&[3, 3], Any), (&[3, 3], Any)],
        output: &[3, 3],
    },
    Layer {
        definition: "block batch_norm_layer(x: [batch, features], gamma: [features], beta: [features]; eps = 1e-7) {
    centred = x - mean(x, axis = 0)
    spread = sqrt(mean(square(centred), axis = 0) + eps)
    normal = centred / spread
    y = gamma * normal + beta
    output y
    into = gamma * upstream
    backward x = (into - mean(into, axis = 0) - normal * mean(into * normal, axis = 0)) / spread
    backward gamma = sum(upstream * normal, axis = 0)
    backward beta = sum(upstream, axis = 0)
}",
        name: "batch_norm_layer",
        arguments: &[(&[5, 3], Any), (&[3], Any), (&[3], Any)],
        output: &[5, 3],
    },
    Layer {
        definition: "block layer_norm(x: [batch, features], gamma: [features]) {
    centred = x - mean(x, axis = 1, keepdims = true)
    spread = sqrt(mean(square(centred), axis = 1, keepdims = true) + 1e-5)
    normal = centred / spread
    y = normal * gamma
    output y
    into = upstream * gamma
    backward x = (into - mean(into, axis = 1, keepdims = true) - normal * mean(into * normal, axis = 1, keepdims = true)) / spread
    backward gamma = sum(upstream * normal, axis = 0)
}",
        name: "layer_norm",
        arguments: &[(&[3, 4], Any), (&[4], Any)],
        output: &[3, 4],
    },
    Layer {
        definition: "block relu_layer(x) {
    mask = greater(x, 0)
    y = x * mask
    output y
    backward x = upstream * mask
}",
        name: "relu_layer",
        arguments: &[(&[3, 3], Any)],
        output: &[3, 3],
    },
    Layer {
        definition: "block sigmoid_layer(x) {
    y = 1 / (1 + exp(-x))
    output y
    backward x = upstream * y * (1 - y)
}",
        name: "sigmoid_layer",
        arguments: &[(&[3, 3], Any)],
        output: &[3, 3],
    },
    Layer {
        definition: "block tanh_layer(x) {
    y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))
    output y
    backward x = upstream * (1 - y * y)
}",
        name: "tanh_layer",
        arguments: &[(&[3, 3], Any)],
        output: &[3, 3],
    },
    Layer {
        definition: "block softmax_layer(x: [batch, classes]) {
    e = exp(x - max(x, axis = 1, keepdims = true))
    y = e / sum(e, axis = 1, keepdims = true)
    output y
    backward x = y * (upstream - sum(upstream * y, axis = 1, keepdims = true))
}",
        name: "softmax_layer",
        arguments: &[(&[3, 3], Any)],
        output: &[3, 3],
    },
    Layer {
        definition: "block log_sum_exp(x: [batch, classes]) {
    m = max(x, axis = 1, keepdims = true)
    y = m + log(sum(exp(x - m), axis = 1, keepdims = true))
    output y
    backward x = upstream * exp(x - y)
}",
        name: "log_sum_exp",
        arguments: &[(&[3, 3], Any)],
        output: &[3, 1],
    },
    Layer {
        definition: "block softmax_loss_layer(x: [batch, classes], t: [batch, classes]) {
    e = exp(x - max(x, axis = 1, keepdims = true))
    y = e / sum(e, axis = 1, keepdims = true)
    loss = -sum(t * log(y)) / batch
    output loss
    backward x = upstream * (y - t) / batch
}",
        name: "softmax_loss_layer",
        arguments: &[(&[3, 3], Any), (&[3, 3], Shares)],
        output: &[],
    },
    Layer {
        definition: "block one_hot_loss(x: [batch, classes], t: [batch, classes]) {
    y = log_softmax(x, axis = 1)
    loss = -sum(t * y)
    output loss
    backward x = upstream * (exp(y) - t)
}",
        name: "one_hot_loss",
        arguments: &[(&[3, 3], Any), (&[3, 3], OneHot)],
        output: &[],
    },
    Layer {
        definition: "block masked(x: [n, m], keep: [n, m]) {
    y = keep * x + (1 - keep) * 0.5
    output y
    backward x = upstream * keep
}",
        name: "masked",
        arguments: &[(&[3, 3], Any), (&[3, 3], Mask)],
        output: &[3, 3],
    },
    Layer {
        definition: "block third(x) {
    y = x * (1 / 3) + x / 3
    output y
    backward x = upstream * (2 / 3)
}",
        name: "third",
        arguments: &[(&[3, 3], Any)],
        output: &[3, 3],
    },
    Layer {
        definition: "block logarithm(x) {
    y = log(x) / log(10)
    output y
    backward x = upstream / (x * log(10))
}",
        name: "logarithm",
        arguments: &[(&[3, 3], Positive)],
        output: &[3, 3],
    },
    Layer {
        definition: "block cube(x) {
    y = x ** 3
    output y
    backward x = 3 * upstream * x * x
}",
        name: "cube",
        arguments: &[(&[3, 3], Any)],
        output: &[3, 3],
    },
    Layer {
        definition: "block norm(x: [batch, n]) {
    y = sqrt(sum(x * x, axis = 1, keepdims = true))
    output y
    backward x = upstream * x / y
}",
        name: "norm",
        arguments: &[(&[3, 4], Any)],
        output: &[3, 1],
    },
    Layer {
        definition: "block attention(q: [n, d], k: [n, d], v: [n, d]) {
    s = q @ transpose(k) / sqrt(d)
    p = softmax(s, axis = 1)
    y = p @ v
    output y
    dp = upstream @ transpose(v)
    ds = p * (dp - sum(dp * p, axis = 1, keepdims = true)) / sqrt(d)
    backward q = ds @ k
    backward k = transpose(ds) @ q
    backward v = transpose(p) @ upstream
}",
        name: "attention",
        arguments: &[(&[3, 4], Any), (&[3, 4], Any), (&[3, 4], Any)],
        output: &[3, 4],
    },
    Layer {
        definition: "block elu(x) {
    up = greater(x, 0)
    y = up * x + (1 - up) * (exp(x * (1 - up)) - 1)
    output y
    backward x = upstream * (up + (1 - up) * (y + 1))
}",
        name: "elu",
        arguments: &[(&[3, 3], Any)],
        output: &[3, 3],
    },
    Layer {
        definition: "block gate(a, b) {
    s = sigmoid(b)
    y = a * s
    output y
    backward a = upstream * s
    backward b = upstream * a * s * (1 - s)
}",
        name: "gate",
        arguments: &[(&[3, 3], Any), (&[3, 3], Any)],
        output: &[3, 3],
    },
    Layer {
        definition: "block smooth_l1(x, t; beta = 0.5) {
    d = x - t
    near = greater(beta, abs(d))
    y = near * d * d / (2 * beta) + (1 - near) * (abs(d) - beta / 2)
    output y
    backward x = upstream * (near * d / beta + (1 - near) * (greater(d, 0) - greater(0, d)))
}",
        name: "smooth_l1",
        arguments: &[(&[3, 3], Any), (&[3, 3], Mask)],
        output: &[3, 3],
    },
    Layer {
        definition: "block divergence(mu, logvar) {
    y = 0.5 * (exp(logvar) + mu * mu - 1 - logvar)
    output y
    backward mu = upstream * mu
    backward logvar = upstream * 0.5 * (exp(logvar) - 1)
}",
        name: "divergence",
        arguments: &[(&[3, 3], Any), (&[3, 3], Any)],
        output: &[3, 3],
    },
    Layer {
        definition: "block distillation(x: [batch, classes], t: [batch, classes]; T = 4) {
    loss = -T * T * sum(t * log_softmax(x / T, axis = 1)) / batch
    output loss
    backward x = upstream * T * (softmax(x / T, axis = 1) - t) / batch
}",
        name: "distillation",
        arguments: &[(&[3, 3], Any), (&[3, 3], Shares)],
        output: &[],
    },
    Layer {
        definition: "block two_steps(a, b, w, u) {
    h1 = tanh(a * w)
    h2 = tanh(b * w + h1 * u)
    output h2
    d2 = upstream * (1 - h2 * h2)
    d1 = d2 * u * (1 - h1 * h1)
    backward a = d1 * w
    backward b = d2 * w
    backward w = d1 * a + d2 * b
    backward u = d2 * h1
}",
        name: "two_steps",
        arguments: &[(&[3, 3], Any), (&[3, 3], Any), (&[3, 3], Any), (&[3, 3], Any)],
        output: &[3, 3],
    },
];

impl Layer {
    /// A graph with one use of the block, by what comes after it, all data drawn.
    pub fn graph(&self, draw: &mut Draw, style: Style, after: After) -> String {
        let mut text = format!("{}\n", self.definition);
        for (at, (shape, fill)) in self.arguments.iter().enumerate() {
            let (role, numbers) = match fill {
                Any => ("input", literal(shape, &mut || style.number(draw))),
                Positive => ("input", literal(shape, &mut || style.number(draw).abs() + 1e-3)),
                Mask => ("const", literal(shape, &mut || draw.below(2) as f64)),
                Shares | OneHot => ("const", rows(draw, shape, *fill)),
            };
            let _ = writeln!(text, "{role} a{at}: {} = {numbers}", shown(shape));
        }
        let names: Vec<String> = (0..self.arguments.len()).map(|at| format!("a{at}")).collect();
        let call = format!("{}({})", self.name, names.join(", "));
        match after {
            After::Output => {
                let _ = writeln!(text, "y = {call}");
            }
            After::Sum => {
                let _ = writeln!(text, "y = sum({call})");
            }
            After::Weights => {
                let weights = literal(self.output, &mut || draw.within(-2.0, 2.0));
                let _ = writeln!(text, "const w: {} = {weights}\ny = sum(w * {call})", shown(self.output));
            }
            After::Net => {
                let _ = writeln!(
                    text,
                    "param scale = 1.3\nz = {call}\nh = sin(scale * z) + 2.1 * z\ny = sum(square(h)) * 0.1"
                );
            }
        }
        text + "output y\n"
    }

    pub fn is_smooth(&self) -> bool {
        !matches!(self.name, "relu_layer" | "elu")
    }
}

/// What comes after a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum After {
    Output,
    Sum,
    Weights,
    Net,
}

pub const AFTER: [After; 4] = [After::Output, After::Sum, After::Weights, After::Net];

fn rows(draw: &mut Draw, shape: &[usize], fill: Fill) -> String {
    let mut row = || {
        let parts: Vec<f64> = match fill {
            Fill::OneHot => {
                let hit = draw.below(shape[1]);
                (0..shape[1]).map(|at| if at == hit { 1.0 } else { 0.0 }).collect()
            }
            _ => (0..shape[1]).map(|_| draw.within(0.1, 1.0)).collect(),
        };
        let sum: f64 = parts.iter().sum();
        let shares: Vec<String> = parts.iter().map(|part| format!("{:e}", part / sum)).collect();
        format!("[{}]", shares.join(", "))
    };
    let rows: Vec<String> = (0..shape[0]).map(|_| row()).collect();
    format!("[{}]", rows.join(", "))
}
