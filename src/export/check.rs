//! A pytest file that holds a module against golden numbers, each within what rounding explains.

use super::{
    framework::Framework,
    leaves,
    module::Module,
    python::{Python, dict},
    request::Request,
};
use crate::graph::{Graph, ValueId};
use std::collections::HashSet;

/// The values that golden numbers are needed of: what the module takes and gives.
pub fn golden_values(module: &Module) -> Vec<ValueId> {
    let mut seen = HashSet::new();
    let all = module.parameters.iter().map(|&(_, id)| id).chain(module.results.iter().copied());
    all.filter(|id| seen.insert(*id)).collect()
}

/// The text of the test; the golden numbers lie in `NAME.npz` beside it.
pub fn check(graph: &Graph, module: &Module, request: &Request) -> String {
    let name = &request.name;
    let key = |id: ValueId| Python::Text(graph.value(id).name.to_string());
    let asked = leaves::wanted(graph);
    let names = |constant: &str, wanted: bool| {
        let all = module.parameters.iter().filter(|(_, id)| asked.contains(id) == wanted);
        dict(constant, all.map(|(name, id)| (name.clone(), key(*id))).collect())
    };
    let results = Python::List(module.results.iter().map(|&id| key(id)).collect());
    let outputs: HashSet<ValueId> = graph.outputs.iter().copied().collect();
    let is_start = |id: &&ValueId| outputs.contains(id) && graph.value(**id).differentiable;
    let starts = module.results.iter().filter(is_start).map(|&id| key(id));
    let starts = Python::List(starts.collect());
    let constants = format!(
        "{}{}{}\n{}\n",
        names("WANTED", true),
        names("OTHERS", false),
        results.lines("RESULTS = ", "", 0).join("\n"),
        starts.lines("STARTS = ", "", 0).join("\n"),
    );
    let (imports, body) = match request.framework {
        Framework::Torch => ("import numpy as np\nimport torch", TORCH),
        Framework::Jax => ("import jax\nimport jax.numpy as jnp\nimport numpy as np", JAX),
    };
    let body = body.replace("FUNCTION", &module.function);
    format!(
        "\"\"\"Holds {name}.py against precise numbers, each within what rounding explains.\"\"\"\n\n\
         from pathlib import Path\n\n{imports}\n\nimport {name} as graph\n\n\
         GOLDEN = np.load(Path(__file__).with_name(\"{name}.npz\"))\n\
         # Names here and in the graph.\n{constants}{COMMON}{body}"
    )
}

const COMMON: &str = r#"

def differences(name, got):
    """The entries of an array that are off by more than its bar, the first few."""
    got, want = np.asarray(got, dtype=np.float64), GOLDEN[name]
    if got.shape != want.shape:
        return [f"{name} has shape {got.shape}, not {want.shape}"]
    with np.errstate(invalid="ignore"):
        off = np.abs(got - want)
        right = (off <= GOLDEN[f"bar({name})"]) | (got == want)
    wrong = np.argwhere(~(right | (np.isnan(got) & np.isnan(want))))
    return [f"{name}{at.tolist()} is {got[*at]}, not {want[*at]}" for at in wrong[:5]]


def test_leaves_are_those_of_the_graph():
    for name, value in graph.leaves().items():
        want = GOLDEN[{**WANTED, **OTHERS}[name]]
        got = value.detach() if hasattr(value, "detach") else value
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-12, atol=1e-300)
"#;

const TORCH: &str = r#"

def test_values_and_gradients():
    names = WANTED | OTHERS
    inputs = {name: torch.tensor(GOLDEN[key]) for name, key in names.items()}
    for name in WANTED:
        inputs[name].requires_grad_()
    outputs = graph.FUNCTION(**inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    outputs = dict(zip(RESULTS, outputs, strict=True))
    wrong = []
    for name, output in outputs.items():
        if f"bar({name})" in GOLDEN:
            wrong += differences(name, output.detach())
    starts = [name for name in STARTS if outputs[name].requires_grad]
    upstreams = [torch.tensor(GOLDEN[f"grad({name})"]) for name in starts]
    if starts:
        torch.autograd.backward([outputs[name] for name in starts], upstreams)
    for name, key in WANTED.items():
        if f"bar(grad({key}))" in GOLDEN:
            gradient = inputs[name].grad
            gradient = torch.zeros_like(inputs[name]) if gradient is None else gradient
            wrong += differences(f"grad({key})", gradient)
    assert not wrong, "\n".join(wrong)
"#;

const JAX: &str = r#"

def test_values_and_gradients():
    def run(wanted):
        others = {name: jnp.array(GOLDEN[key]) for name, key in OTHERS.items()}
        outputs = graph.FUNCTION(**wanted, **others)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        outputs = dict(zip(RESULTS, outputs, strict=True))
        return [outputs[name] for name in STARTS], outputs

    wanted = {name: jnp.array(GOLDEN[key]) for name, key in WANTED.items()}
    _, pull_back, outputs = jax.vjp(run, wanted, has_aux=True)
    wrong = []
    for name, output in outputs.items():
        if f"bar({name})" in GOLDEN:
            wrong += differences(name, output)
    (gradients,) = pull_back([jnp.array(GOLDEN[f"grad({name})"]) for name in STARTS])
    for name, key in WANTED.items():
        if f"bar(grad({key}))" in GOLDEN:
            wrong += differences(f"grad({key})", gradients[name])
    assert not wrong, "\n".join(wrong)
"#;
