//! Numbers of other programs against graphs: recorded dumps of real kernels, runs of our own in every format, slips
//! planted in these, and dumps that no kernel can have given.

use graphrun::{
    Graph, Run, Spelling,
    against::{self, Against, Claimed, Part, Verdict, golden, gradient_name, lay, round_inputs},
    engine::Stored,
    graph::{Origin, ValueId},
    initializers::DumpArray,
    limits::Limits,
    precision::Precision,
    report::run::is_shown,
    run::Direction,
    tensor::{Kind, Tensor},
};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path, process::Command};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// `tests/reference/against.py` writes them: kernels of PyTorch and NumPy, right ones and with slips.
#[test]
fn recorded_kernels_are_judged_as_they_are() {
    let folder = Path::new(ROOT).join("tests/reference/against");
    let manifest: Vec<Value> =
        serde_json::from_str(&fs::read_to_string(folder.join("manifest.json")).unwrap()).unwrap();
    assert!(manifest.len() >= 40, "{}", manifest.len());
    for case in &manifest {
        let flags = case["flags"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap());
        let output = Command::new(env!("CARGO_BIN_EXE_graphrun"))
            .args([case["graph"].as_str().unwrap(), "--format", "json", "--against"])
            .arg(case["dump"].as_str().unwrap())
            .args(flags)
            .current_dir(&folder)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let object: Value = serde_json::from_str(&said).unwrap_or_else(|_| {
            panic!("{}: {}", case["dump"], String::from_utf8_lossy(&output.stderr));
        });
        assert_eq!(object["against"]["verdict"], case["verdict"], "{}: {said}", case["dump"]);
        let texts: Vec<&str> = object["against"]["arrays"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|array| array["text"].as_str())
            .collect();
        let is_named = case["named"].as_bool().unwrap_or(false);
        let words = case["words"].as_array().filter(|_| is_named);
        for words in words.into_iter().flatten().map(|words| words.as_str().unwrap()) {
            assert!(
                texts.iter().any(|text| text.contains(words)),
                "{}: {words:?} in {texts:?}",
                case["dump"]
            );
        }
    }
}

/// The files of the library, each with what it is called.
fn library() -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(Path::new(ROOT).join("graphs/library"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "graph"))
        .collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    files.into_iter().map(read).collect()
}

/// A graph whose inputs a format holds.
fn rounded(text: &str, precision: Precision) -> Graph {
    let mut graph = graphrun::read(text, Spelling::Graph).unwrap();
    round_inputs(&mut graph, precision);
    graph
}

/// All values that nodes compute and all gradients of a run in a format, as a kernel would dump them.
fn dump(graph: &Graph, precision: Precision) -> Vec<DumpArray> {
    let run = Run::of(graph, precision, Direction::Backward);
    let array = |name: String, of: ValueId, numbers: Vec<f64>| {
        let numbers = numbers.into_iter().map(|x| precision.round(x)).collect();
        let tensor = Tensor::float(&graph.value(of).ty.shape, numbers).unwrap();
        DumpArray { name, tensor, precision: Some(precision) }
    };
    let mut arrays = Vec::new();
    for id in graph.ids().filter(|&id| is_shown(graph, id, false)) {
        let value = graph.value(id);
        let is_node = !matches!(value.origin, Origin::Leaf { .. });
        if is_node && value.ty.kind == Kind::Float {
            arrays.push(array(value.name.to_string(), id, run.floats_of(id).unwrap().to_vec()));
        }
        if let Some(gradient) = run.gradient_of(id)
            && !graph.outputs.contains(&id)
        {
            arrays.push(array(gradient_name(&value.name), id, gradient.to_vec()));
        }
    }
    arrays
}

fn judged(graph: &Graph, arrays: &[DumpArray]) -> Against {
    let mut graph = graph.clone();
    let claims = lay(&mut graph, arrays, Claimed::default()).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    against::against(&graph, claims, &Limits::default())
}

fn is_finite(arrays: &[DumpArray]) -> bool {
    arrays.iter().all(|array| array.tensor.to_floats().iter().all(|x| x.is_finite()))
}

#[test]
fn a_run_in_a_format_is_within_what_its_rounding_explains() {
    let mut right = 0;
    for (name, text) in library() {
        for precision in [Precision::F32, Precision::F16, Precision::Bf16] {
            let graph = rounded(&text, precision);
            let arrays = dump(&graph, precision);
            let names: BTreeSet<&str> = arrays.iter().map(|array| &*array.name).collect();
            assert_eq!(names.len(), arrays.len(), "{name}: two values of one name");
            // What overflows is wrong, and is told so.
            if !is_finite(&arrays) {
                continue;
            }
            let against = judged(&graph, &arrays);
            let wrong: Vec<_> = against
                .arrays
                .iter()
                .filter(|array| !matches!(array.part, Part::Ok | Part::Undecided))
                .map(|array| (array.of, array.shown().entries.clone(), array.shown().trend.clone()))
                .collect();
            assert!(wrong.is_empty(), "{name} in {}: {wrong:?}", precision.word());
            right += 1;
        }
    }
    assert!(right > 150, "{right}");
}

#[test]
fn a_slip_in_any_gradient_is_seen() {
    let (mut planted, mut seen) = (0, 0);
    for (name, text) in library() {
        let graph = rounded(&text, Precision::F32);
        let arrays = dump(&graph, Precision::F32);
        if !is_finite(&arrays) {
            continue;
        }
        for at in 0..arrays.len() {
            let numbers = arrays[at].tensor.to_floats();
            let right = judged(&graph, &arrays[at..=at]);
            if numbers.iter().all(|x| *x == 0.0) || right.verdict() != Verdict::Ok {
                continue;
            }
            let slipped = numbers.iter().map(|x| Precision::F32.round(x * 1.005)).collect();
            let tensor = Tensor::float(&arrays[at].tensor.shape(), slipped).unwrap();
            let slip = DumpArray { tensor, ..arrays[at].clone() };
            let against = judged(&graph, &[slip]);
            planted += 1;
            match against.verdict() {
                Verdict::Wrong => seen += 1,
                verdict => println!("{name}: {} times 1.005 is {verdict:?}", arrays[at].name),
            }
        }
    }
    assert!(planted > 150, "{planted}");
    assert!(100 * seen >= 99 * planted, "{seen} of {planted}");
}

#[test]
fn golden_numbers_hold_for_runs_in_their_format() {
    for (name, text) in library() {
        let graph = rounded(&text, Precision::Bf16);
        let arrays = dump(&graph, Precision::Bf16);
        if !is_finite(&arrays) {
            continue;
        }
        let shown: Vec<ValueId> = graph.ids().filter(|&id| is_shown(&graph, id, false)).collect();
        let golden = golden(&graph, &shown, Precision::Bf16);
        let numbers = |wanted: &str| {
            let found = golden.iter().find(|(name, _)| name == wanted);
            let (_, array) = found.unwrap_or_else(|| panic!("{name}: no {wanted}"));
            match array {
                graphrun::arrays::Array::F64(array) => array.iter().copied().collect::<Vec<f64>>(),
                other => panic!("{name}: {wanted} is {other:?}"),
            }
        };
        for array in &arrays {
            let (exact, bars) = (numbers(&array.name), numbers(&format!("bar({})", array.name)));
            for ((got, exact), bar) in array.tensor.to_floats().into_iter().zip(exact).zip(bars) {
                assert!((got - exact).abs() <= bar, "{name}: {} is {got} for {exact} ± {bar}", array.name);
            }
        }
    }
}

#[test]
fn bars_have_the_same_bits_for_any_number_of_threads() {
    let graph = rounded(&library().swap_remove(0).1, Precision::F16);
    let arrays = dump(&graph, Precision::F16);
    let bars = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let against = pool.install(|| judged(&graph, &arrays));
        let all = against.arrays.iter().flat_map(|array| array.whole.bars.clone());
        all.map(f64::to_bits).collect::<Vec<u64>>()
    };
    assert_eq!(bars(1), bars(3));
}

fn array(name: &str, shape: &[usize], numbers: &[f64], precision: Precision) -> DumpArray {
    let tensor = Tensor::float(&shape.to_vec().into(), numbers.to_vec()).unwrap();
    DumpArray { name: name.into(), tensor, precision: Some(precision) }
}

/// Everything that is said of a dump.
fn said(arrays: &[DumpArray], claimed: Claimed) -> String {
    let text = "input x = [[1, 2, 3], [4, 5, 6]]\nparam w = [1, -1, 2]\ny = x * w\nloss = sum(y)";
    let mut graph = graphrun::read(text, Spelling::Graph).unwrap();
    match lay(&mut graph, arrays, claimed) {
        Ok(_) => String::new(),
        Err(refusal) => {
            let words = refusal.0.iter().map(|fault| format!("{} {}", fault.message, fault.help.join(" ")));
            words.collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn what_no_kernel_can_have_given_is_refused() {
    let six = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let x = |numbers: &[f64], precision| array("x", &[2, 3], numbers, precision);
    let y = |precision| array("y", &[2, 3], &six, precision);
    let bf16 = Claimed { precision: Some(Precision::Bf16), accumulate_same: false };
    let f32s = Claimed { precision: Some(Precision::F32), accumulate_same: false };
    let mut hole = six;
    hole[4] = f64::NAN;
    let mut fine = six;
    fine[0] = 0.1;
    for (arrays, claimed, words) in [
        (vec![x(&six, Precision::F32)], Claimed::default(), "holds no result"),
        (vec![array("yy", &[2, 3], &six, Precision::F32)], Claimed::default(), "nothing of that name"),
        // The guess stands where the word did, within the brackets.
        (vec![array("grad(ww)", &[3], &six[..3], Precision::F32)], Claimed::default(), "mean `grad(w)`?"),
        (
            vec![array("y", &[6], &six, Precision::F32)],
            Claimed::default(),
            "has shape [2, 3] in the graph and [6]",
        ),
        (vec![x(&hole, Precision::F32), y(Precision::F32)], Claimed::default(), "is NaN at [1, 1]"),
        (vec![x(&fine, Precision::F64), y(Precision::F32)], Claimed::default(), "no kernel saw 0.1"),
        (vec![array("y", &[2, 3], &fine, Precision::F32)], bf16, "is not bf16: it holds 0.1"),
        (vec![y(Precision::F16)], f32s, "coarser than f32"),
        (vec![array("upstream(y)", &[2, 3], &six, Precision::F32)], Claimed::default(), "`y` is no output"),
        (
            vec![DumpArray {
                name: "y".into(),
                tensor: Tensor::int(&vec![2, 3].into(), vec![0; 6]).unwrap(),
                precision: None,
            }],
            Claimed::default(),
            "holds ints or bools, and floats are meant",
        ),
    ] {
        let said = said(&arrays, claimed);
        assert!(said.contains(words), "{words:?} in {said:?}");
    }
    let both = said(
        &[array("a", &[1], &[1.0], Precision::F32), array("b", &[1], &[1.0], Precision::F32)],
        Claimed::default(),
    );
    assert_eq!(both.lines().count(), 2, "{both}");
    assert_eq!(said(&[y(Precision::F32)], Claimed::default()), "");
}

/// A fault in one node is one fault: what comes of it follows.
#[test]
fn what_follows_from_a_fault_is_none() {
    let text = "input x = [1, 2, 3]\na = x * 2\nb = exp(a)\nc = b + 1\nloss = sum(c)";
    let graph = rounded(text, Precision::F32);
    let slipped = text.replace("x * 2", "x * 2.01");
    let arrays = dump(&rounded(&slipped, Precision::F32), Precision::F32);
    let against = judged(&graph, &arrays);
    let part = |name: &str| {
        let id = graph.find(name).unwrap();
        against.arrays.iter().find(|array| array.of == Stored::Value(id)).unwrap().part
    };
    assert_eq!(["a", "b", "c", "loss"].map(part), [Part::Fault, Part::Follows, Part::Follows, Part::Follows]);
    assert_eq!(against.faults().count(), 2, "its value, and the gradient that goes through it");
}

/// Where the graph stands on a kink, any subgradient is as right as another.
#[test]
fn another_subgradient_is_no_fault() {
    let graph = rounded("input x = [0, 1, -1]\nloss = sum(relu(x))", Precision::F32);
    let verdicts = [
        (0.0, Verdict::Ok),
        (0.5, Verdict::Undecided),
        (1.0, Verdict::Undecided),
        (1.5, Verdict::Wrong),
        (-0.25, Verdict::Wrong),
    ];
    for (at_zero, verdict) in verdicts {
        let arrays = [array("grad(x)", &[3], &[at_zero, 1.0, 0.0], Precision::F32)];
        assert_eq!(judged(&graph, &arrays).verdict(), verdict, "{at_zero}");
    }
    let beside = [array("grad(x)", &[3], &[1.0, 1.0, 0.5], Precision::F32)];
    assert_eq!(judged(&graph, &beside).verdict(), Verdict::Wrong);
}
