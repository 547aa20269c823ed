//! Figures of the engine, `NAME SECONDS` a line: the best of several runs.
//!
//! `cargo bench` prints them; `benches/peers.py` puts other programs' beside them.

use graphrun::{
    Graph, Spelling,
    compare::{Options, compare},
    engine::{Memory, Real, backward, forward},
    plan::Plan,
};
use std::{fmt::Write, hint::black_box, time::Instant};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The best of several runs, in seconds.
fn best(runs: usize, mut work: impl FnMut()) -> f64 {
    let once = |_| {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64()
    };
    (0..runs + 1).map(once).skip(1).fold(f64::INFINITY, f64::min)
}

fn report(name: &str, seconds: f64) {
    println!("{name} {seconds:.6e}");
}

/// Numbers without a pattern in 0..1, the same on every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() * end as f64) as usize
    }
}

fn read(text: &str) -> Graph {
    graphrun::read(text, Spelling::Graph).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// A random graph of single numbers: averages, products and sines of two of the
/// thousand values before.
pub fn scalars(nodes: usize) -> String {
    const LEAVES: usize = 100;
    let mut numbers = Numbers(1);
    let mut text = String::new();
    for leaf in 0..LEAVES {
        let _ = writeln!(text, "input n{leaf} = {}", numbers.next());
    }
    for node in LEAVES..LEAVES + nodes {
        let low = node.saturating_sub(1000);
        let (a, b) = (low + numbers.below(node - low), low + numbers.below(node - low));
        let _ = match node % 10 {
            1 | 3 | 5 | 7 | 9 => writeln!(text, "n{node} = 0.5 * (n{a} + n{b})"),
            0 => writeln!(text, "n{node} = sin(n{a}) * n{b}"),
            _ => writeln!(text, "n{node} = n{a} * n{b}"),
        };
    }
    let last: Vec<String> = (LEAVES + nodes - 10..LEAVES + nodes).map(|node| format!("n{node}")).collect();
    let _ = writeln!(text, "y = {}\noutput y", last.join(" + "));
    text
}

/// The best of several runs forward, and backward.
fn both_ways<F: Real>(graph: &Graph, runs: usize) -> [f64; 2] {
    let plan = Plan::new(graph, &graph.wanted);
    let mut memory = Memory::<F>::new(&plan);
    let of_forward = best(runs, || forward(&plan, black_box(&mut memory)));
    [of_forward, best(runs, || backward(&plan, black_box(&mut memory)))]
}

fn value_and_gradient(name: &str, graph: &Graph, runs: usize) {
    let [of_forward, of_backward] = both_ways::<f64>(graph, runs);
    report(&format!("{name}-forward"), of_forward);
    report(&format!("{name}-backward"), of_backward);
    report(name, of_forward + of_backward);
}

/// One epoch of stochastic gradient descent: 10 000 digits, 100 at a time.
fn epoch<F: Real>(name: &str) {
    const BATCH: usize = 100;
    const DIGITS: usize = 10_000;
    let graph = read(
        "seed 0\nconst x: [100, 784] = zeros()\nconst t: int[100] = zeros()\n\
         param W1: [784, 50] = 0.01 * randn()\nparam b1: [50] = zeros()\n\
         param W2: [50, 10] = 0.01 * randn()\nparam b2: [10] = zeros()\n\
         loss = x -> affine(W1, b1) -> relu -> affine(W2, b2) -> softmax_loss(t)\noutput loss\n",
    );
    let plan = Plan::new(&graph, &graph.wanted);
    let mut memory = Memory::<F>::new(&plan);
    let mut numbers = Numbers(2);
    // As sparse as digits are.
    let pixel = |numbers: &mut Numbers| F::from_f64((numbers.next() * 5.0 - 4.0).max(0.0));
    let images: Vec<F> = (0..DIGITS * 784).map(|_| pixel(&mut numbers)).collect();
    let labels: Vec<i64> = (0..DIGITS).map(|_| numbers.below(10) as i64).collect();
    let (x, t) = (graph.find("x").unwrap(), graph.find("t").unwrap());
    let rate = F::from_f64(0.1);
    // On a thread of the pool, which then hands work over without being woken for it.
    let mut epoch = || {
        for (images, labels) in images.chunks_exact(BATCH * 784).zip(labels.chunks_exact(BATCH)) {
            memory.set_floats(&plan, x, images);
            memory.set_ints(&plan, t, labels);
            forward(&plan, &mut memory);
            backward(&plan, &mut memory);
            for &param in &graph.wanted {
                memory.descend(&plan, param, rate);
            }
        }
    };
    report(name, best(5, || rayon::scope(|_| epoch())));
}

fn elementwise(name: &str, line: &str) {
    let graph =
        read(&format!("seed 0\ninput x: [10000000] = uniform()\ninput y: [10000000] = uniform()\n{line}\n"));
    let plan = Plan::new(&graph, &graph.wanted);
    let mut memory = Memory::<f64>::new(&plan);
    report(name, best(5, || forward(&plan, black_box(&mut memory))));
}

/// How a cost grows: a line for each size, and the exponent between the ends.
fn growth(name: &str, sizes: &[usize], mut seconds: impl FnMut(usize) -> f64) {
    let costs: Vec<(f64, f64)> = sizes
        .iter()
        .map(|&size| {
            let cost = seconds(size);
            report(&format!("growth-{name}-{size}"), cost);
            (size as f64, cost)
        })
        .collect();
    let (first, last) = (costs[0], costs[costs.len() - 1]);
    report(&format!("growth-{name}-exponent"), (last.1 / first.1).log(last.0 / first.0));
}

fn once(graph: &Graph) -> f64 {
    let plan = Plan::new(graph, &graph.wanted);
    let mut memory = Memory::<f64>::new(&plan);
    best(5, || {
        forward(&plan, black_box(&mut memory));
        backward(&plan, black_box(&mut memory));
    })
}

/// Layers of these widths with relu between, on inputs as sparse as digits.
fn layers(widths: &[usize], batch: usize) -> String {
    let last = widths[widths.len() - 1];
    let labels: Vec<usize> = (0..batch).map(|at| at % last).collect();
    let mut text = format!(
        "seed 0\nconst x: [{batch}, {}] = relu(uniform(low = -4, high = 1))\nconst t: int[{batch}] = {labels:?}\n",
        widths[0]
    );
    let mut chain = String::from("x");
    for (layer, pair) in widths.windows(2).enumerate() {
        let (rows, columns) = (pair[0], pair[1]);
        let size = (rows as f64).powf(-0.5);
        let _ = writeln!(
            text,
            "param W{layer}: [{rows}, {columns}] = {size} * randn()\nparam b{layer}: [{columns}] = 0.1 * randn()"
        );
        let relu = if layer + 2 < widths.len() { " -> relu" } else { "" };
        let _ = write!(chain, " -> affine(W{layer}, b{layer}){relu}");
    }
    text + &format!("loss = {chain} -> softmax_loss(t)\noutput loss\n")
}

/// The verdict on every entry, and one forward and backward run beside it.
fn judge(name: &str, widths: &[usize], batch: usize, runs: usize) {
    let graph = read(&layers(widths, batch));
    let options = Options { measured: false, ..Options::default() };
    report(
        &format!("judge-{name}"),
        best(runs, || drop(black_box(compare(&graph, &graph.wanted, &options)))),
    );
    report(&format!("judge-{name}-one-run"), once(&graph));
}

fn net(batch: usize, inner: usize) -> String {
    format!(
        "seed 0\nconst x: [{batch}, {inner}] = randn()\nconst t: int[{batch}] = zeros()\n\
         param W: [{inner}, 10] = 0.01 * randn()\nparam b: [10] = zeros()\n\
         loss = x -> affine(W, b) -> softmax_loss(t)\noutput loss\n"
    )
}

/// Up to ten million nodes with `huge`, which takes some 10 GB.
fn growths(huge: bool) {
    let mut nodes = vec![1_000, 10_000, 100_000, 1_000_000];
    nodes.extend(huge.then_some(10_000_000));
    growth("read-and-check-nodes", &nodes, |nodes| {
        let text = scalars(nodes);
        best(if nodes > 100_000 { 1 } else { 9 }, || drop(black_box(read(&text))))
    });
    growth("value-and-gradient-nodes", &nodes, |nodes| once(&read(&scalars(nodes))));
    growth("value-and-gradient-batch", &[1, 10, 100, 1000], |batch| once(&read(&net(batch, 784))));
    growth("compare-entries", &[100, 1_000, 10_000, 100_000], |inner| {
        let graph = read(&net(3, inner));
        best(1, || drop(black_box(compare(&graph, &graph.wanted, &Options::default()))))
    });
}

/// A block of the standard library, and an op of the same job if there is one.
struct Job {
    name: &'static str,
    file: &'static str,
    leaves: &'static str,
    block: &'static str,
    op: Option<&'static str>,
}

const IMAGES: &str = "input x: [8, 16, 32, 32] = randn()\n";

/// At sizes that people check.
const JOBS: [Job; 11] = [
    Job {
        name: "conv_2d",
        file: "convolution",
        leaves: "input x: [8, 16, 32, 32] = randn()\nparam W: [32, 16, 3, 3] = randn()\nparam bias: [32] = randn()\n",
        block: "conv_2d(x, W, bias, padding = 1)",
        op: Some("conv(x, W, padding = 1) + reshape(bias, shape = [-1, 1, 1])"),
    },
    Job {
        name: "depthwise_conv_2d",
        file: "convolution",
        leaves: "input x: [8, 16, 32, 32] = randn()\nparam W: [16, 3, 3] = randn()\nparam bias: [16] = randn()\n",
        block: "depthwise_conv_2d(x, W, bias, padding = 1)",
        op: Some(
            "conv(x, reshape(W, shape = [16, 1, 3, 3]), padding = 1, groups = 16) + reshape(bias, shape = [-1, 1, 1])",
        ),
    },
    Job {
        name: "avg_pool_2d",
        file: "pooling",
        leaves: IMAGES,
        block: "avg_pool_2d(x)",
        op: Some("avg_pool(x, kernel = 2)"),
    },
    Job {
        name: "max_pool_2d",
        file: "pooling",
        leaves: IMAGES,
        block: "max_pool_2d(x)",
        op: Some("max_pool(x, kernel = 2)"),
    },
    Job {
        name: "huber",
        file: "loss",
        leaves: "input p: [128, 1000] = 2 * randn()\ninput t: [128, 1000] = randn()\n",
        block: "huber(p, t)",
        op: Some("huber_loss(p, t)"),
    },
    Job {
        name: "label_smoothing",
        file: "loss",
        leaves: "input x: [128, 1000] = randn()\nconst t: int[128] = zeros()\n",
        block: "label_smoothing(x, t)",
        op: Some("softmax_loss(x, t, label_smoothing = 0.1)"),
    },
    Job {
        name: "embedding",
        file: "embedding",
        leaves: "param E: [1000, 64] = randn()\nconst i: int[8, 32] = reshape(arange(256), shape = [8, 32])\n",
        block: "embedding(E, i)",
        op: Some("take(E, i)"),
    },
    Job {
        name: "max_with_place",
        file: "order",
        leaves: "input x: [128, 1000] = randn()\n",
        block: "max_with_place(x)",
        op: Some("max(x, axis = 1)\nplace = argmax(x, axis = 1)"),
    },
    Job {
        name: "rnn",
        file: "recurrent",
        leaves: "input h0: [8, 32] = randn()\ninput xs: [100, 8, 16] = randn()\n\
                 param W: [16, 32] = 0.2 * randn()\nparam U: [32, 32] = 0.2 * randn()\nparam b: [32] = randn()\n",
        block: "rnn(h0, xs, W, U, b)",
        op: None,
    },
    Job {
        name: "gru",
        file: "recurrent",
        leaves: "input h0: [8, 32] = randn()\ninput xs: [100, 8, 16] = randn()\n\
                 param W: [16, 96] = 0.2 * randn()\nparam U: [32, 96] = 0.2 * randn()\n\
                 param b: [96] = randn()\nparam c: [96] = randn()\n",
        block: "gru(h0, xs, W, U, b, c)",
        op: None,
    },
    Job {
        name: "lstm",
        file: "recurrent",
        leaves: "input h0: [8, 32] = randn()\ninput c0: [8, 32] = randn()\ninput xs: [100, 8, 16] = randn()\n\
                 param W: [16, 128] = 0.2 * randn()\nparam U: [32, 128] = 0.2 * randn()\nparam b: [128] = randn()\n",
        block: "lstm(h0, c0, xs, W, U, b)",
        op: None,
    },
];

/// So many times a block and its op are timed in turn: what else the machine does slows both.
const ROUNDS: usize = 10;

/// A block and its op, forward and backward.
fn block<F: Real>(job: &Job, number: &str) {
    let Job { name, file, leaves, block, op } = job;
    let outputs = match *name {
        "max_with_place" => "y, place",
        "lstm" => "y, cs",
        _ => "y",
    };
    let text = |line: &str| format!("use \"std/{file}\"\nseed 0\n{leaves}{line}\noutput y\n");
    let mut rivals = vec![("block", read(&text(&format!("{outputs} = {block}"))), [f64::INFINITY; 2])];
    rivals.extend(op.map(|op| ("op", read(&text(&format!("y = {op}"))), [f64::INFINITY; 2])));
    for _ in 0..ROUNDS {
        for (_, graph, least) in &mut rivals {
            let now = both_ways::<F>(graph, 10);
            *least = std::array::from_fn(|way| least[way].min(now[way]));
        }
    }
    for (rival, _, [of_forward, of_backward]) in rivals {
        report(&format!("{rival}-{name}-{number}-forward"), of_forward);
        report(&format!("{rival}-{name}-{number}-backward"), of_backward);
    }
}

/// On one thread.
fn blocks(only: &[String]) {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    one.install(|| {
        for job in JOBS.iter().filter(|job| only.len() < 2 || only.iter().any(|part| part == job.name)) {
            block::<f64>(job, "f64");
            block::<f32>(job, "f32");
        }
    });
}

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let asked = |name: &str| only.is_empty() || only.iter().any(|part| name.contains(&**part));
    if asked("scalars") {
        for nodes in [1_000, 10_000, 100_000, 200_000, 1_000_000] {
            let name = format!("scalars-{nodes}");
            value_and_gradient(&name, &read(&scalars(nodes)), 10);
        }
    }
    if asked("epoch") {
        epoch::<f64>("epoch-f64");
        epoch::<f32>("epoch-f32");
    }
    if asked("elementwise") {
        for (name, line) in [
            ("add", "z = x + y"),
            ("mul", "z = x * y"),
            ("exp", "z = exp(x)"),
            ("log", "z = log(x)"),
            ("tanh", "z = tanh(x)"),
            ("sigmoid", "z = sigmoid(x)"),
            ("softplus", "z = softplus(x)"),
            ("sin", "z = sin(x)"),
            ("cos", "z = cos(x)"),
            ("sqrt", "z = sqrt(x)"),
            ("pow", "z = x ** y"),
            ("relu", "z = relu(x)"),
            ("chain", "z = relu(0.9 * x + y)"),
            ("sum", "z = sum(x)"),
            ("max", "z = max(x)"),
        ] {
            elementwise(&format!("elementwise-{name}"), line);
        }
    }
    if asked("judge-784-50-10-batch-3") {
        judge("784-50-10-batch-3", &[784, 50, 10], 3, 20);
    }
    if asked("judge-784-1000-1000-10-batch-128") {
        judge("784-1000-1000-10-batch-128", &[784, 1000, 1000, 10], 128, 2);
    }
    if asked("blocks") {
        blocks(&only);
    }
    if asked("growth") {
        growths(only.iter().any(|part| part == "huge"));
    }
}
