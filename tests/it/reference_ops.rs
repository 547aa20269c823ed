//! Every op against values that PyTorch computed, random programs over all of them too, and sums
//! against NumPy's: `ops.py`, `programs.py` and `sums.py` in `tests/reference` made the `.json` files.

use graphrun::Run;
use serde_json::Value;

/// The elements of a recorded array, in which NaN and infinities are texts.
fn elements(array: &Value) -> Vec<f64> {
    let number = |x: &Value| match x {
        Value::String(text) => text.parse().unwrap(),
        x => x.as_f64().unwrap(),
    };
    array["data"].as_array().unwrap().iter().map(number).collect()
}

/// A recorded array as the language writes it.
fn literal(array: &Value) -> String {
    let shape: Vec<usize> =
        array["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    let flat: Vec<String> = elements(array).iter().map(|x| format!("{x:?}").to_lowercase()).collect();
    if shape.is_empty() {
        return flat[0].clone();
    }
    let shape: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("reshape([{}], shape = [{}])", flat.join(", "), shape.join(", "))
}

#[test]
fn forward_and_backward_are_pytorchs() {
    let recorded: Value = serde_json::from_str(include_str!("../reference/ops.json")).unwrap();
    let cases = recorded["cases"].as_array().or_else(|| recorded.as_array()).unwrap();
    assert!(cases.len() > 200);
    for case in cases {
        let call = case["call"].as_str().unwrap();
        let mut text = String::new();
        for (name, array) in case["inputs"].as_object().unwrap() {
            match array["kind"].as_str().unwrap() {
                kind @ ("int" | "bool") => text += &format!("const {name}: {kind} = {}\n", literal(array)),
                _ => text += &format!("input {name} = {}\n", literal(array)),
            }
        }
        text += &format!("const upstream_: float = {}\n", literal(&case["upstream"]));
        let gradients = case["gradients"].as_object().unwrap();
        text += &match gradients.is_empty() {
            true => format!("result = {call}\noutput result\n"),
            false => format!("result = {call}\ntotal = sum(result * upstream_)\noutput total\n"),
        };
        let graph = crate::common::read(&text);
        let run = Run::backward(&graph);
        let got = run.value("result").unwrap().to_floats();
        let want = elements(&case["output"]);
        assert!(crate::common::close(&got, &want, 1e-12), "{call}: {got:?}, not {want:?}\n{text}");
        for (name, want) in gradients {
            let (got, want) = (run.gradient(name).unwrap().to_floats(), elements(want));
            assert!(
                crate::common::close(&got, &want, 1e-12),
                "{call}, gradient of {name}: {got:?}, not {want:?}\n{text}"
            );
        }
    }
}

#[test]
fn random_programs_are_pytorchs() {
    let recorded: Value = serde_json::from_str(include_str!("../reference/programs.json")).unwrap();
    let programs = recorded["programs"].as_array().unwrap();
    assert_eq!(programs.len(), 400);
    let numbers = |values: &Value| elements(&serde_json::json!({ "data": values }));
    for program in programs {
        let mut text = String::new();
        for (name, array) in program["inputs"].as_object().unwrap() {
            match array["kind"].as_str().unwrap() {
                "float" => text += &format!("input {name} = {}\n", literal(array)),
                kind => text += &format!("const {name}: {kind} = {}\n", literal(array)),
            }
        }
        program["lines"].as_array().unwrap().iter().for_each(|line| {
            text += line.as_str().unwrap();
            text.push('\n');
        });
        text += "output total\n";
        let graph = crate::common::read(&text);
        let run = Run::backward(&graph);
        for (name, want) in program["values"].as_object().unwrap() {
            let (got, want) = (run.value(name).unwrap().to_floats(), numbers(want));
            assert!(crate::common::close(&got, &want, 1e-10), "{name}: {got:?}, not {want:?}\n{text}");
        }
        for (name, want) in program["gradients"].as_object().unwrap() {
            let (got, want) = (run.gradient(name).unwrap().to_floats(), numbers(want));
            assert!(
                crate::common::close(&got, &want, 1e-10),
                "gradient of {name}: {got:?}, not {want:?}\n{text}"
            );
        }
    }
}

/// Every op whose values are recorded call by call stands in a program too, but for those that give no
/// floats and those that a program cannot put among others of one shape.
#[test]
fn random_programs_have_all_ops() {
    let programs = include_str!("../reference/programs.json");
    let elsewhere = [
        "accuracy",
        "argmax",
        "argmin",
        "argsort",
        "equal",
        "logical_xor",
        "slice",
        "div",
        "mul",
        "add",
        "sub",
    ];
    let missing: Vec<&str> = graphrun::ops::ALL
        .iter()
        .map(|entry| entry.card.name)
        .filter(|name| !elsewhere.contains(name) && !programs.contains(&format!("{name}(")))
        .collect();
    assert!(missing.is_empty(), "{missing:?} are in no program of tests/reference/programs.py");
}

#[test]
fn sums_are_numpys_to_the_bit() {
    let recorded: Value = serde_json::from_str(include_str!("../reference/sums.json")).unwrap();
    let sums = recorded["sums"].as_object().unwrap();
    assert!(sums.len() > 50);
    for (length, want) in sums {
        let graph = crate::common::read(&format!(
            "seed {length}\ninput x: [{length}] = randn()\ny = sum(x)\noutput y\n"
        ));
        let got = Run::backward(&graph).value("y").unwrap().to_floats();
        assert_eq!(got, [want.as_f64().unwrap()], "{length} elements");
    }
}
