//! How many digits a run in a precision keeps, and where it loses them.

use crate::common::{pictures::svg, read, read_file};
use graphrun::{
    Graph, Run,
    cancel::{Ended, under},
    digits::{Cause, Digits, Options, digits},
    engine::Stored,
    precision::Precision,
    report::{Counted, Style, digits as words, digits_object},
    run::Direction,
    source::SourceMap,
    view::{self, Axis, Detail, Grade, Mark, Marks, Scene},
};
use std::sync::{Arc, atomic::AtomicBool};

fn options(precision: Precision) -> Options {
    Options { precision, accumulate_same: false, keep: 3.0 }
}

fn told(digits: &Digits, graph: &Graph) -> String {
    let counted = Counted { digits, graph, sources: &SourceMap::default(), file: "a.graph", all: true };
    words(counted, Style { color: false })
}

/// The word of a cause.
fn word(cause: &Cause) -> &'static str {
    match cause {
        Cause::Overflow { .. } => "overflow",
        Cause::Underflow { .. } => "underflow",
        Cause::NotFinite => "not finite",
        Cause::Inputs => "inputs",
        Cause::Cancellation { .. } => "cancellation",
        Cause::Accumulation { .. } => "accumulation",
        Cause::Decision => "decision",
        Cause::Steep { .. } => "steep",
    }
}

#[test]
fn what_is_lost_is_named_with_its_remedy() {
    use Precision::{Bf16, F16, F32, F64};
    let offset = "input x: [6] = [1000, 1001.25, 1002.5, 1003, 1004, 1005.5]";
    let cases = [
        ("input x = 1e-4\ns = 1 + x\ny = s - 1", F32, "y", "cancellation", "better x for (x + c) - c"),
        ("input x = 1e-9\ny = 1 - exp(x)", F64, "y", "cancellation", "better -expm1(x)"),
        ("input x = 1e-4\ns = 1 + x\ny = log(s)", F32, "y", "steep", "better log1p(x)"),
        ("input x = 100\ne = exp(x)\ny = log(1 + e)", F32, "e", "overflow", "better softplus(x)"),
        (
            "input x = [1, 20]\ne = exp(x)\np = e / sum(e)\ny = sum(p * [1, 2])",
            F16,
            "e",
            "overflow",
            "better softmax(x)",
        ),
        (
            &format!("{offset}\na = mean(x * x)\nb = mean(x) * mean(x)\nv = a - b"),
            F32,
            "v",
            "cancellation",
            "better mean(square(x - mean(x)))",
        ),
        (
            &format!("{offset}\nq = square(x)\ns = sum(q)\ny = sqrt(s)"),
            F16,
            "q",
            "overflow",
            "m * sqrt(sum(square(x / m)))",
        ),
        (
            "input a = [1.23456, 9.87]\ninput b = [1.23, 9.86]\ny = a - b",
            Bf16,
            "y",
            "inputs",
            "nothing helps but inputs in f32",
        ),
        ("seed 1\ninput x: [90000] = uniform()\ns = sum(x)", F32, "s", "accumulation", "add in pairs"),
        ("input x = [1e-5, 2e-5]\ny = x * x", F16, "y", "underflow", "multiply what goes in by 2^32"),
        ("input x = [1.1, 2.2]\ny = x * 3", F16, "", "", ""),
    ];
    for (text, precision, at, cause, remedy) in cases {
        let graph = read(text);
        let found = digits(&graph, options(precision));
        let Some(first) = found.lost.first() else {
            assert!(at.is_empty(), "{text}\n{}", told(&found, &graph));
            continue;
        };
        let (Stored::Value(id) | Stored::Gradient(id)) = first.at;
        assert_eq!((&*graph.value(id).name, word(&first.cause)), (at, cause), "{}", told(&found, &graph));
        assert!(told(&found, &graph).contains(remedy), "{}", told(&found, &graph));
    }
}

#[test]
fn the_least_precision_keeps_what_is_asked_for() {
    let least =
        |text: &str, keep: f64| digits(&read(text), Options { keep, ..options(Precision::F32) }).least();
    let product = "input a = 1.1\ninput b = 1.3\ny = a * b";
    assert_eq!(least(product, 2.0), Some(Precision::Bf16));
    assert_eq!(least(product, 3.0), Some(Precision::F16));
    // Without products of matrices tf32 is f32.
    assert_eq!(least(product, 5.0), Some(Precision::Tf32));
    assert_eq!(least(product, 12.0), Some(Precision::F64));
    // The digits are there, and the range is not.
    assert_eq!(least("input a = 1.1e5\ninput b = 1.3\ny = a * b", 2.0), Some(Precision::Bf16));
    assert_eq!(least("input a = 1.1e5\ninput b = 1.3\ny = a * b", 3.0), Some(Precision::Tf32));
    let lost = "input x = 1e-4\ns = 1 + x\ny = s - 1";
    assert_eq!((least(lost, 4.0), least(lost, 13.0)), (Some(Precision::F64), None));
    // In any format it is infinite.
    assert_eq!(least("input x = 1000\ny = exp(x)", 1.0), None);
}

#[test]
fn digits_are_those_that_runs_have() {
    let texts = [
        "seed 3\ninput x: [40] = randn()\ny = sum(tanh(x) * x)",
        "seed 3\ninput x: [30] = 50 + randn()\ny = mean(x * x) - mean(x) * mean(x)",
        "seed 3\nparam W: [12, 5] = randn()\ninput x: [7, 12] = randn()\ny = sum(sigmoid(x @ W) ** 3)",
        "seed 3\ninput x: [9, 4] = randn()\nc = x - mean(x, axis = 0)\ny = sum(square(c) / (0.1 + mean(square(c))))",
    ];
    for text in texts {
        let graph = read(text);
        let exact = Run::of(&graph, Precision::F64, Direction::Backward);
        for precision in [Precision::Bf16, Precision::F16, Precision::Tf32, Precision::F32] {
            let found = digits(&graph, options(precision));
            let run = Run::of(&graph, precision, Direction::Backward);
            for id in graph.ids() {
                let pairs = [
                    (Stored::Value(id), run.floats_of(id).zip(exact.floats_of(id))),
                    (Stored::Gradient(id), run.gradient_of(id).zip(exact.gradient_of(id))),
                ];
                for (stored, pair) in pairs {
                    let (Some((got, want)), Some(kept)) = (pair, found.of(stored)) else { continue };
                    let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
                    let error =
                        norm(&mut got.iter().zip(want).map(|(a, b)| a - b)) / norm(&mut want.iter().copied());
                    // One run lies within a few standard deviations; it also may be lucky.
                    let name = &graph.value(id).name;
                    assert!(
                        error.min(1.0) <= 6.0 * kept.relative + 1e-15,
                        "{} {name} {error:e} {kept:?}\n{text}",
                        precision.word()
                    );
                }
            }
        }
    }
}

#[test]
fn what_cancels_to_nothing_is_no_loss() {
    // Shares add up to 1 whatever the scores are: the gradient is 0.
    let graph = read("input x = [0.1, 0.2, 0.3, 0.7]\np = softmax(x)\ny = sum(p)");
    let found = digits(&graph, options(Precision::F32));
    let x = graph.find("x").unwrap();
    assert!(found.of(Stored::Gradient(x)).unwrap().is_zero, "{}", told(&found, &graph));
    assert!(found.lost.is_empty() && found.least() == Some(Precision::F16), "{}", told(&found, &graph));
}

#[test]
fn numbers_beyond_the_format_are_counted() {
    let graph = read("input x = [1e-6, 1, 300, 400]\ny = sum(square(x) * [1, 1, 1e-3, 1e-3])");
    let found = digits(&graph, options(Precision::F16));
    let square =
        graph.ids().find(|&id| graph.maker(id).is_some_and(|node| node.kernel.card().name == "square"));
    let kept = found.of(Stored::Value(square.unwrap())).unwrap();
    assert_eq!((kept.beyond, kept.below), (2, 1), "{}", told(&found, &graph));
    assert!(told(&found, &graph).contains("overflow 2 of 4, underflow 1 of 4"), "{}", told(&found, &graph));

    // What is small is smaller still when it is squared.
    let graph = read("input x = [1e-3, 2e-3, 3e-3]\nloss = sum(square(square(x)))");
    let found = digits(&graph, options(Precision::F16));
    assert!(
        found.lost.iter().any(|lost| matches!(lost.cause, Cause::Underflow { .. })),
        "{}",
        told(&found, &graph)
    );
    assert!(digits(&graph, options(Precision::F32)).lost.is_empty());

    // A number of the file itself may be too small.
    let graph = read("input x = [1, 2, 3]\nloss = sum(square(x)) * 1e-7");
    let found = digits(&graph, options(Precision::F16));
    let words = told(&found, &graph);
    assert!(
        words.contains("0.0000001 is no number of f16, which has all its digits from 6.1e-5 to 65504"),
        "{words}"
    );
}

#[test]
fn graphs_without_gradients_have_digits_too() {
    let graph = read("const x = [1.1, 2.2]\nconst t: int[2] = [1, 2]\ny = x * 3\nz = t + 1\noutput y");
    let found = digits(&graph, options(Precision::F16));
    let of = |name: &str| found.of(Stored::Value(graph.find(name).unwrap()));
    assert!(of("z").is_none() && (2.0..3.4).contains(&of("y").unwrap().digits), "{}", told(&found, &graph));
}

#[test]
fn a_mask_of_infinities_loses_nothing() {
    let graph = read(
        "input x = [1.5, 2.25, 0.3]\nconst m = [0, -inf, 0]\ny = softmax(x + m)\nz = sum(y * [1, 2, 3])",
    );
    let found = digits(&graph, options(Precision::F32));
    assert!(found.lost.is_empty() && found.least().is_some(), "{}", told(&found, &graph));
    assert!(found.of(Stored::Value(graph.find("y").unwrap())).unwrap().digits > 6.0);

    // One that comes of finite numbers does, in any format.
    let graph = read("input x = [1, 1000]\ne = exp(x)\ny = sum(e)");
    let found = digits(&graph, options(Precision::F64));
    assert_eq!(found.of(Stored::Value(graph.find("y").unwrap())).unwrap().digits, 0.0);
    assert!(found.least().is_none() && told(&found, &graph).contains("overflow"), "{}", told(&found, &graph));
}

#[test]
fn digits_are_the_same_for_any_number_of_threads() {
    let graph =
        read("seed 1\nparam W: [20, 10] = randn()\ninput x: [30, 20] = randn()\ny = sum(relu(x @ W) ** 2)");
    let object = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let found = digits(&graph, options(Precision::Bf16));
            let counted = Counted {
                digits: &found,
                graph: &graph,
                sources: &SourceMap::default(),
                file: "a",
                all: true,
            };
            digits_object(counted).to_string()
        })
    };
    assert_eq!(object(1), object(3));
}

#[test]
fn a_count_of_digits_can_be_given_up() {
    let graph = read("input x = [1, 2]\ny = sum(x * x)");
    let flag = Arc::new(AtomicBool::new(true));
    assert!(matches!(under(&flag, || digits(&graph, options(Precision::F32))), Err(Ended::GivenUp)));
}

#[test]
fn pictures_say_the_digits_and_mark_where_they_are_lost() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let graph = read_file(&root.join("graphs/precision/variance.graph"), None).unwrap();
    let found = digits(&graph, options(Precision::F32));
    let marks = Marks::default().with_digits(&found, &graph);
    let scene = Scene::of(&Run::backward(&graph), &Detail::default(), &marks).unwrap();
    let item = |key: &str| scene.items.iter().find(|item| item.key == key).unwrap();
    assert_eq!(item("variance").mark, Some(Mark::Lost));
    let lost = scene.edges.iter().find(|edge| edge.name == "variance").unwrap();
    assert_ne!(lost.above.as_ref().unwrap().kept.as_ref().unwrap().grade, Grade::Enough);
    let picture = svg(&scene);
    assert!(
        picture.contains("kept-enough")
            && picture.contains(">lost</text>")
            && picture.contains("digits that f32 keeps")
    );
    for other in [view::dot(&scene, Axis::Right), view::mermaid(&scene, Axis::Right)] {
        assert!(other.contains(" digits"), "{other}");
    }
}
