//! A function as it stands in a file; one with a backward by hand in the form that the framework has for that.

use super::{
    body::Line,
    framework::{Custom, Framework},
    function::{Backward, Function, returned, signature},
    globals::{Called, Part},
    python::Python,
};

/// The text of a function; `space` is the name that custom ops are registered under.
pub fn text(
    framework: Framework,
    custom: Custom,
    function: &Function,
    called: &Called,
    space: &str,
) -> String {
    match (&function.backward, framework, custom) {
        (None, ..) => plain(function, &called.name),
        (Some(backward), Framework::Torch, Custom::Recommended) => op(function, backward, called, space),
        (Some(backward), Framework::Torch, Custom::AutogradFunction) => autograd(function, backward, called),
        (Some(backward), Framework::Jax, _) => vjp(function, backward, called),
    }
}

/// What stands beside a function with a backward by hand.
pub fn beside(framework: Framework, custom: Custom) -> &'static [Part] {
    match (framework, custom) {
        (Framework::Torch, Custom::Recommended) => &[Part::Forward, Part::Backward, Part::Setup],
        (Framework::Torch, Custom::AutogradFunction) => &[Part::Class],
        (Framework::Jax, _) => &[Part::Forward, Part::Backward],
    }
}

fn lines(body: &[Line]) -> String {
    let mut text = String::new();
    body.iter().for_each(|line| line.print(&mut text));
    text
}

fn results(function: &Function) -> Vec<Python> {
    function.results.iter().map(|(result, _)| result.clone()).collect()
}

fn plain(function: &Function, name: &str) -> String {
    let Function { parameters, body, .. } = function;
    let head = signature(name, parameters, "", 0);
    format!("{head}{}{}", lines(body), returned(&results(function), 4))
}

/// `(a,)`, or `a, b`.
fn unpacked(names: &[String]) -> String {
    match names {
        [name] => format!("({name},)"),
        names => names.join(", "),
    }
}

fn gradients(backward: &Backward, is_tuple: bool, indent: usize) -> String {
    let all: Vec<Python> = backward
        .gradients
        .iter()
        .map(|gradient| gradient.clone().unwrap_or_else(|| Python::name("None")))
        .collect();
    match is_tuple && all.len() == 1 {
        true => returned(&[Python::Tuple(all)], indent),
        false => returned(&all, indent),
    }
}

/// What a custom op may give: tensors that share no memory.
fn own_results(function: &Function) -> Vec<Python> {
    let each = function.results.iter().map(|(result, is_own)| match is_own {
        true => result.clone(),
        false => Python::call(Python::Attribute(Box::new(result.clone()), "clone".into()), Vec::new()),
    });
    each.collect()
}

fn op(function: &Function, backward: &Backward, called: &Called, space: &str) -> String {
    let Called { name, forward, setup: saves, .. } = called;
    let typed: Vec<String> = function.parameters.iter().map(|name| format!("{name}: torch.Tensor")).collect();
    let gives = match function.results.len() {
        1 => " -> torch.Tensor".to_string(),
        count => format!(" -> tuple[{}]", vec!["torch.Tensor"; count].join(", ")),
    };
    let head = signature(forward, &typed, &gives, 0);
    let body = lines(&function.body);
    let result = returned(&own_results(function), 4);
    let made = Python::call(
        Python::path("torch.library.custom_op"),
        vec![Python::Text(format!("{space}::{name}")), Python::name(forward)],
    )
    .with("mutates_args", Python::Tuple(Vec::new()));
    let made = made.lines(&format!("{name} = "), "", 0).join("\n");
    // Outputs that backward needs are saved as they come out.
    let outputs: Vec<String> = results(function).iter().map(Python::print).collect();
    let saved: Vec<String> = backward
        .saved
        .iter()
        .map(|saved| match (function.parameters.iter().position(|own| own == saved), &outputs[..]) {
            (Some(at), _) => format!("inputs[{at}]"),
            (None, [_]) => "output".to_string(),
            (None, outputs) => {
                format!("output[{}]", outputs.iter().position(|own| own == saved).unwrap_or(0))
            }
        })
        .collect();
    let is_all = saved.len() == function.parameters.len()
        && saved.iter().enumerate().all(|(at, saved)| *saved == format!("inputs[{at}]"));
    let saved = if is_all { vec!["*inputs".to_string()] } else { saved };
    let setup = match saved.is_empty() {
        true => String::new(),
        false => {
            let call = Python::call(
                Python::path("ctx.save_for_backward"),
                saved.into_iter().map(Python::Name).collect(),
            );
            format!("def {saves}(ctx, inputs, output):\n{}\n\n\n", call.lines("", "", 4).join("\n"))
        }
    };
    let back = backward_of(&called.backward, backward, "ctx", "ctx.saved_tensors", 0);
    let register = Python::call(
        Python::Attribute(Box::new(Python::name(name)), "register_autograd".into()),
        vec![Python::name(&called.backward)],
    );
    let register = match setup.is_empty() {
        true => register,
        false => register.with("setup_context", Python::name(saves)),
    };
    let register = register.lines("", "", 0).join("\n");
    format!(
        "{head}{body}{result}\n\n{made}\n{name}.register_fake({forward})\n\n\n{setup}{back}\n\n{register}\n"
    )
}

/// The function that sends gradients back; its first line stands behind `indent` spaces.
fn backward_of(name: &str, backward: &Backward, first: &str, saved: &str, indent: usize) -> String {
    let (is_tuple, margin) = (first == "residuals", " ".repeat(indent + 4));
    // JAX hands over what arrives as the function gives its results: several as one tuple.
    let is_one = is_tuple && backward.upstreams.len() > 1;
    let (upstreams, apart) = match is_one {
        true => {
            let code = format!("{}{}", lines(&backward.body), gradients(backward, is_tuple, 4));
            let is_used =
                |name: &str| code.split(|c: char| c != '_' && !c.is_alphanumeric()).any(|word| word == name);
            let each = backward.upstreams.iter();
            let each = each.map(|name| if is_used(name) { name.clone() } else { "_".into() });
            (
                vec!["upstreams".to_string()],
                format!("{margin}{} = upstreams\n", unpacked(&each.collect::<Vec<_>>())),
            )
        }
        false => (backward.upstreams.clone(), String::new()),
    };
    let parameters: Vec<String> = std::iter::once(first.to_string()).chain(upstreams).collect();
    let head = signature(name, &parameters, "", indent);
    let taken = match backward.saved.is_empty() {
        true => String::new(),
        false => format!("{margin}{} = {saved}\n", unpacked(&backward.saved)),
    };
    format!("{head}{taken}{apart}{}{}", lines(&backward.body), gradients(backward, is_tuple, indent + 4))
}

fn autograd(function: &Function, backward: &Backward, called: &Called) -> String {
    let Called { name, class, .. } = called;
    let parameters: Vec<String> =
        std::iter::once("ctx".to_string()).chain(function.parameters.iter().cloned()).collect();
    let head = signature("forward", &parameters, "", 4);
    let saved = match backward.saved.is_empty() {
        true => String::new(),
        false => {
            let saved = backward.saved.iter().map(Python::name).collect();
            let call = Python::call(Python::path("ctx.save_for_backward"), saved);
            format!("{}\n", call.lines("", "", 8).join("\n"))
        }
    };
    let forward = format!("{head}{}{saved}{}", lines(&function.body), returned(&own_results(function), 8));
    let back = backward_of("backward", backward, "ctx", "ctx.saved_tensors", 4);
    let apply = Python::call(
        Python::path(&format!("{class}.apply")),
        function.parameters.iter().map(Python::name).collect(),
    );
    format!(
        "class {class}(torch.autograd.Function):\n    @staticmethod\n{forward}\n    @staticmethod\n{back}\n\n{}{}",
        signature(name, &function.parameters, "", 0),
        returned(&[apply], 4),
    )
}

fn vjp(function: &Function, backward: &Backward, called: &Called) -> String {
    let Called { name, forward, .. } = called;
    let call = Python::call(Python::name(forward), function.parameters.iter().map(Python::name).collect());
    let call = match call.fits(14, 3) {
        true => format!("    return {}[0]\n", call.print()),
        false => format!("{}\n    return result\n", call.lines("result, _ = ", "", 4).join("\n")),
    };
    let head = signature(name, &function.parameters, "", 0);
    let own = results(function);
    let result = match own.len() {
        1 => own[0].clone(),
        _ => Python::Tuple(own),
    };
    let residuals = Python::Tuple(backward.saved.iter().map(Python::name).collect());
    let pair = [forward, &called.backward].map(Python::name);
    let define = Python::call(Python::path(&format!("{name}.defvjp")), pair.to_vec());
    let define = define.lines("", "", 0).join("\n");
    format!(
        "@jax.custom_vjp\n{head}{call}\n\n{}{}{}\n\n{}\n\n{define}\n",
        signature(forward, &function.parameters, "", 0),
        lines(&function.body),
        returned(&[result, residuals], 4),
        backward_of(&called.backward, backward, "residuals", "residuals", 0),
    )
}
