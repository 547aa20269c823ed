//! Random texts of graphs that are right: whatever the ops are, backward is theirs.

use std::fmt::Write;

/// SplitMix64: the same numbers on every run.
pub struct Draw(pub u64);

impl Draw {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}

/// What the numbers in a leaf are like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Style {
    Plain,
    Positive,
    /// All of one scale, 10 to the power of this.
    Scaled(i32),
    /// Each entry of a scale of its own.
    Wide,
    Saturated,
    /// Small whole numbers: zeros, ties, exact minima.
    Whole,
    AllEqual,
}

impl Style {
    fn any(draw: &mut Draw) -> Self {
        match draw.below(12) {
            0..=2 => Self::Plain,
            3..=4 => Self::Positive,
            5 => Self::Scaled(draw.below(301) as i32 - 150),
            6 => Self::Scaled(draw.below(17) as i32 - 8),
            7 => Self::Wide,
            8 => Self::Whole,
            9 => Self::AllEqual,
            _ => Self::Saturated,
        }
    }

    pub fn number(self, draw: &mut Draw) -> f64 {
        match self {
            Self::Plain => draw.within(-2.0, 2.0),
            Self::Positive => draw.within(0.1, 3.0),
            Self::Scaled(power) => draw.within(-2.0, 2.0) * 10f64.powi(power),
            Self::Wide => {
                let power = draw.below(21) as i32 - 10;
                draw.within(-2.0, 2.0) * 10f64.powi(power)
            }
            Self::Saturated => draw.within(-60.0, 60.0),
            Self::Whole => draw.below(5) as f64 - 2.0,
            Self::AllEqual => 0.7,
        }
    }
}

/// A literal of a shape.
pub fn literal(shape: &[usize], number: &mut dyn FnMut() -> f64) -> String {
    match shape {
        [] => format!("{:e}", number()),
        [first, rest @ ..] => {
            let parts: Vec<String> = (0..*first).map(|_| literal(rest, number)).collect();
            format!("[{}]", parts.join(", "))
        }
    }
}

pub fn shown(shape: &[usize]) -> String {
    let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("[{}]", lengths.join(", "))
}

/// Values so far, by name and shape.
struct Sheet {
    text: String,
    values: Vec<(String, Vec<usize>)>,
}

impl Sheet {
    fn node(&mut self, expression: &str, shape: Vec<usize>) {
        let name = format!("n{}", self.values.len());
        let _ = writeln!(self.text, "{name} = {expression}");
        self.values.push((name, shape));
    }

    /// One of the last few values, or of all.
    fn pick(&self, draw: &mut Draw) -> (String, Vec<usize>) {
        let count = self.values.len();
        let at = if draw.below(3) > 0 { count - 1 - draw.below(count.min(2)) } else { draw.below(count) };
        self.values[at].clone()
    }
}

const UNARY: [&str; 52] = [
    "erf(X)",
    "log1p(X)",
    "log1p(X * X)",
    "expm1(X)",
    "log2(X)",
    "tan(X)",
    "sinh(X)",
    "cosh(X)",
    "atan(X)",
    "asinh(X)",
    "asin(tanh(X))",
    "acos(0.5 * sin(X))",
    "acosh(2 + X * X)",
    "atanh(tanh(X))",
    "sign(X) * X",
    "X - floor(X)",
    "X * ceil(X)",
    "round(X) + X",
    "mod(X, 0.75)",
    "clip(X, min = -0.5, max = 1.25)",
    "maximum(X, 0.25)",
    "minimum(X, -X)",
    "where(X > 0.1, X * X, X)",
    "where(X >= 0 and X < 1, exp(X), 1 + X)",
    "where(not X < 0, X, 0.1 * X)",
    "X * (X != 0)",
    "X + (X <= 1) * X",
    "neg(X)",
    "abs(X)",
    "relu(X)",
    "leaky_relu(X, slope = 0.2)",
    "exp(X)",
    "log(X)",
    "sqrt(X)",
    "square(X)",
    "sin(X)",
    "cos(X)",
    "tanh(X)",
    "sigmoid(X)",
    "softplus(X)",
    "reciprocal(X)",
    "identity(X)",
    "X ** 3",
    "X ** 2",
    "X ** -2",
    "X ** 0.5",
    "2 ** X",
    "X * 0.1 + 1 / 3",
    "X - X * (1 / 3)",
    "1 - X",
    "log(1 + exp(X))",
    "X * greater(X, 0.3)",
];

const OF_ROWS: [&str; 19] = [
    "X - logsumexp(X, axis = -1, keepdims = true)",
    "X / sqrt(var(X, axis = -1, keepdims = true) + 1e-5)",
    "X / (std(X, axis = -1, keepdims = true) + 0.1)",
    "X / norm(X, axis = -1, keepdims = true)",
    "X * norm(X, axis = 0, keepdims = true, ord = 1)",
    "X + prod(X, axis = -1, keepdims = true)",
    "cumsum(X, axis = -1)",
    "cumprod(X, axis = 0)",
    "sort(X, axis = -1)",
    "roll(X, shift = 1, axis = 0)",
    "take(X, [-1], axis = 0) * X",
    "X - where(X == max(X, axis = -1, keepdims = true), 0, X * 0.5)",
    "softmax(X, axis = -1)",
    "log_softmax(X, axis = -1)",
    "X - mean(X, axis = -1, keepdims = true)",
    "X / sum(X, axis = -1, keepdims = true)",
    "exp(X - max(X, axis = -1, keepdims = true))",
    "(X - mean(X, axis = -1, keepdims = true)) / sqrt(mean(square(X - mean(X, axis = -1, keepdims = true)), axis = -1, keepdims = true) + 1e-5)",
    "X[::-1]",
];

/// A random graph of the ops alone.
pub fn graph(draw: &mut Draw) -> String {
    let mut sheet = Sheet { text: String::new(), values: Vec::new() };
    for leaf in 0..1 + draw.below(3) {
        let shape = draw.of::<[usize]>(&[&[], &[3], &[2, 3], &[4], &[3, 3], &[1, 3], &[2, 1, 3]]).to_vec();
        let style = Style::any(draw);
        let role = if leaf > 0 && draw.below(4) == 0 { "const" } else { "input" };
        let numbers = literal(&shape, &mut || style.number(draw));
        let name = format!("n{}", sheet.values.len());
        let _ = writeln!(sheet.text, "{role} {name}: {} = {numbers}", shown(&shape));
        sheet.values.push((name, shape));
    }
    for _ in 0..1 + draw.below(9) {
        step(&mut sheet, draw);
    }
    let (x, shape) = sheet.pick(draw);
    sheet.node(&format!("identity({x})"), shape);
    let last = sheet.values.len() - 1;
    let mut outputs = vec![format!("n{last}")];
    if draw.below(3) == 0 {
        let weights = literal(&sheet.values[last].1, &mut || draw.within(-2.0, 2.0));
        let _ = writeln!(sheet.text, "w = n{last} * {weights}");
        outputs = vec!["w".into()];
    }
    if draw.below(5) == 0 {
        outputs.push(format!("n{}", last / 2));
    }
    let is_leaf = |name: &String| sheet.text.contains(&format!(" {name}:"));
    let outputs: Vec<String> = outputs.iter().filter(|name| !is_leaf(name)).cloned().collect();
    for output in outputs {
        let _ = writeln!(sheet.text, "output {output}");
    }
    sheet.text
}

fn step(sheet: &mut Sheet, draw: &mut Draw) {
    let (x, shape) = sheet.pick(draw);
    match draw.below(12) {
        0..=3 => {
            let call = draw.of::<str>(&UNARY).replace('X', &x);
            sheet.node(&call, shape);
        }
        4..=5 => {
            let (other, of) = sheet.pick(draw);
            let operator = draw.of::<str>(&["+", "-", "*", "*", "/", "-", "**"]);
            if let Some(both) = broadcast(&shape, &of) {
                sheet.node(&format!("{x} {operator} {other}"), both);
            }
        }
        6..=7 if !shape.is_empty() => {
            let call = draw.of::<str>(&OF_ROWS).replace('X', &x);
            sheet.node(&call, shape);
        }
        8 if !shape.is_empty() => {
            let op = draw.of::<str>(&["sum", "mean", "max", "min"]);
            let axis = draw.below(shape.len());
            let mut less = shape.clone();
            if draw.below(2) == 0 {
                less.remove(axis);
                sheet.node(&format!("{op}({x}, axis = {axis})"), less);
            } else {
                less[axis] = 1;
                sheet.node(&format!("{op}({x}, axis = {axis}, keepdims = true)"), less);
            }
        }
        9 if !shape.is_empty() => {
            let (rows, inner) = (&shape[..shape.len() - 1], shape[shape.len() - 1]);
            let weights = literal(&[inner, 3], &mut || draw.within(-1.0, 1.0));
            let bias = literal(&[3], &mut || draw.within(-1.0, 1.0));
            let of = [rows, &[3]].concat();
            match draw.below(2) {
                0 => sheet.node(&format!("{x} @ {weights} + {bias}"), of),
                _ if shape.len() == 2 => sheet.node(&format!("affine({x}, {weights}, {bias})"), of),
                _ => {}
            }
        }
        10 if !shape.is_empty() => match draw.below(4) {
            0 => sheet.node(&format!("transpose({x})"), shape.iter().rev().copied().collect()),
            1 => sheet.node(&format!("flatten({x})"), flattened(&shape)),
            2 => sheet.node(&format!("{x}[0]"), shape[1..].to_vec()),
            _ => {
                let mut twice = shape.clone();
                twice[0] *= 2;
                sheet.node(&format!("concat({x}, {x} * 2)"), twice);
            }
        },
        11 if shape.len() == 2 => loss(sheet, draw, &x, &shape),
        _ => {}
    }
}

fn loss(sheet: &mut Sheet, draw: &mut Draw, x: &str, shape: &[usize]) {
    let labels = literal(&shape[..1], &mut || draw.below(shape[1]) as f64).replace("e0", "");
    // Shares that sum to one only as far as f64 goes.
    let mut row = || {
        let parts: Vec<f64> = (0..shape[1]).map(|_| draw.within(0.1, 1.0)).collect();
        let sum: f64 = parts.iter().sum();
        format!("[{}]", parts.iter().map(|part| format!("{:e}", part / sum)).collect::<Vec<_>>().join(", "))
    };
    let shares = format!("[{}]", (0..shape[0]).map(|_| row()).collect::<Vec<_>>().join(", "));
    let call = match draw.below(5) {
        0 => format!("softmax_loss({x}, {labels})"),
        1 => format!("softmax_loss({x}, {shares})"),
        2 => format!("cross_entropy(softmax({x}), {labels})"),
        3 => format!("sigmoid_loss({x}, {shares})"),
        _ => format!("squared_error({x}, {shares})"),
    };
    sheet.node(&call, Vec::new());
}

fn flattened(shape: &[usize]) -> Vec<usize> {
    match shape {
        [first, rest @ ..] if !rest.is_empty() => vec![*first, rest.iter().product()],
        short => short.to_vec(),
    }
}

fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let longest = a.len().max(b.len());
    let length =
        |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(longest).map_or(1, |at| shape[at]);
    (0..longest)
        .map(|axis| match (length(a, axis), length(b, axis)) {
            (one, other) if one == other || other == 1 => Some(one),
            (1, other) => Some(other),
            _ => None,
        })
        .collect()
}
