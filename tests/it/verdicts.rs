//! The word on small files: right code that saturates, cancels or stands on a kink, and wrong code
//! that hides.

use graphrun::compare::{Comparison, Options, compare};

fn judged(text: &str) -> Comparison {
    let graph = crate::common::read(text);
    let options = Options { settings: graph.comparison.clone(), ..Options::default() };
    compare(&graph, &graph.wanted, &options)
}

#[track_caller]
fn says(word: &str, text: &str) {
    let comparison = judged(text);
    assert_eq!(comparison.word(), word, "{text}\n{comparison:#?}");
}

const SIGMOID: &str =
    "block s(x) {\n y = 1 / (1 + exp(-x))\n output y\n backward x = upstream * y * (1 - y)\n}\n";

#[test]
fn saturated_and_cancelling_code_is_right() {
    says("ok", &format!("{SIGMOID}input x = [37, -36, 2]\ny = sum(s(x))\n"));
    says("ok", "input x = [35, -2]\ny = sum(log(1 - sigmoid(x)))\n");
    says("ok", "input x = [[36, -4, 0.5]]\nconst t: int[1] = [0]\ny = softmax_loss(x, t)\n");
    says("ok", "input x = -0.7310585786300049\ny = log(exp(x)) - x\noutput y\n");
    says("ok", "input x = 1e-9\ny = log(1 + x)\noutput y\n");
    says("ok", "input x = [-3, 2]\ny = sum(x ** 3)\n");
    // A batch norm, summed: the true gradient is 0.
    says(
        "ok",
        "input x = [1.5, -0.25, 3.125, 0.75]\nd = x - mean(x)\ny = sum(d * (mean(square(d)) + 1e-5) ** -0.5)\n",
    );
}

#[test]
fn an_exact_minimum_is_no_riddle() {
    let comparison = judged("input x = [3, -1]\ny = sum(square(x - [3, -1]))\n");
    assert_eq!((comparison.word(), comparison.tensors[0].zero), ("ok", 2));
}

#[test]
fn points_beside_a_kink_are_smooth_and_kinks_are_known_without_branches() {
    says("ok", "input x = [1e-11, -3]\ny = sum(relu(x) * [2, 1])\n");
    let wrong_relu = "block r(x) {\n y = relu(x)\n output y\n backward x = upstream * 0.5\n}\n";
    says("wrong", &format!("{wrong_relu}input x = [1e-11, 0]\ny = sum(r(x))\n"));
    // 0.5 is a slope of relu at 0 and of nothing beside it.
    says("wrong", &format!("{wrong_relu}input x = [0, 0]\ny = sum(r(x))\n"));
    let norm = |slope: &str| {
        format!(
            "block norm(x) {{\n y = sqrt(x * x)\n output y\n backward x = upstream * {slope}\n}}\n\
             input x = [0, 4]\ny = sum(norm(x))\n"
        )
    };
    says("kink", &norm("(greater(x, -1e-300) - greater(0, x))"));
    says("wrong", &norm("(greater(x, -1e-300) * 2 - greater(0, x) - greater(x, 0))"));
    // A maximum by hand that sends everything to each tied entry: right for one alone, not for both.
    says(
        "wrong",
        "block top(x: [n]) {\n y = max(x)\n output y\n\
         backward x = upstream * (1 - greater(y, x))\n}\ninput x = [2, 5, 5]\ny = top(x)\n",
    );
    // Log-sum-exp goes by its maximum, and is smooth where two are tied.
    says("ok", "input x = [1, 1, 0]\nm = max(x)\ny = m + log(sum(exp(x - m)))\noutput y\n");
}

#[test]
fn what_hides_is_found() {
    // A plain sum as the loss: upstream is 1 everywhere.
    says(
        "wrong",
        "block sq(x) {\n y = x * x\n output y\n backward x = 2 * x\n}\ninput x = [1, 2]\ny = sum(sq(x))\n",
    );
    // A dead relu in front of everything.
    let twice = "block twice(x) {\n y = 2 * x\n output y\n backward x = 3 * upstream\n}\n";
    says("wrong", &format!("{twice}input x = [-1, -2]\ny = sum(relu(twice(x)))\n"));
    // Nothing asks for the gradient of a const.
    says("wrong", &format!("{twice}const x = [1, 2]\ninput w = [3, 4]\ny = sum(twice(x) * w)\n"));
    // One small entry among large ones.
    says(
        "wrong",
        "block b(x) {\n y = x * [1e8, 1, 1]\n output y\n backward x = upstream * [1e8, 1, 1.000001]\n}\n\
         input x = [1, 2, 3]\ny = sum(b(x))\n",
    );
    says(
        "wrong",
        "block a(x) {\n y = 1e18 + x\n output y\n backward x = 0 * upstream\n}\ninput x = 1\ny = a(x)\noutput y\n",
    );
    // Not additive in upstream.
    says(
        "wrong",
        "block t(x) {\n y = 3 * x\n output y\n backward x = 3 * abs(upstream)\n}\ninput x = [1, 2]\ny = sum(t(x))\n",
    );
}

#[test]
fn one_output_that_is_infinite_spoils_no_other_entry() {
    let comparison = judged("input x = [2, 0]\ny = 1 / x\noutput y\n");
    let tensor = &comparison.tensors[0];
    assert_eq!((comparison.word(), tensor.ok, tensor.undecided), ("undecided", 1, 1), "{comparison:#?}");
}

#[test]
fn nothing_compared_is_not_ok() {
    says("undecided", "input x = [1, 2]\ny = sum(x * x)\ncheck { skip = [x] }\n");
    let wrong = "block d(x) {\n y = 2 * x\n output y\n backward x = upstream\n}\n";
    says("wrong", &format!("{wrong}input x = [1, 2]\ny = sum(d(x))\ncheck {{ skip = [x] }}\n"));
}

const STRAIGHT: &str =
    "block sign(x) {\n y = greater(x, 0) * 2 - 1\n output y\n surrogate backward x = upstream\n}\n";

#[test]
fn a_surrogate_backward_is_run_and_not_compared() {
    let text = format!("{STRAIGHT}input w = [0.5, -2]\ninput c = [3, 4]\ny = sum(sign(w) * c)\n");
    let graph = crate::common::read(&text);
    let run = graphrun::Run::backward(&graph);
    assert_eq!(run.gradient("w").unwrap().to_floats(), [3.0, 4.0]);
    let comparison = compare(&graph, &graph.wanted, &Options::default());
    assert_eq!((comparison.word(), comparison.compared()), ("ok", 2), "{comparison:#?}");
    let [surrogate] = comparison.surrogates[..] else { panic!("{comparison:#?}") };
    assert_eq!(&*graph.value(surrogate.leaf).name, "w");
    // Without the word it is a slip.
    says("wrong", &text.replace("surrogate ", ""));
}

#[test]
fn a_surrogate_behind_another_is_not_compared_either() {
    let text = format!("{STRAIGHT}input w = [0.5, -2]\ny = sum(sign(3 * sign(w) + 0.5))\n");
    let comparison = judged(&text);
    assert_eq!((comparison.surrogates.len(), comparison.compared()), (1, 0), "{comparison:#?}");
    assert!(!comparison.is_wrong(), "{comparison:#?}");
}

#[test]
fn a_surrogate_backward_is_the_same_in_both_spellings() {
    let toml = "[inputs]\nw = [0.5, -2]\n[nodes]\ny = \"sum(sign(w) * 3)\"\n[blocks.sign]\ninputs = [\"x\"]\noutput = \"y\"\n\
                nodes.y = \"greater(x, 0) * 2 - 1\"\nsurrogate.x = \"upstream\"\n";
    let graph = graphrun::read(toml, graphrun::Spelling::Toml).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(graph.blocks[0].backward.as_ref().unwrap().lines[0].surrogate);
    assert_eq!(graphrun::Run::backward(&graph).gradient("w").unwrap().to_floats(), [3.0, 3.0]);
}

#[test]
fn a_gradient_that_no_backward_line_uses_is_refused() {
    let text =
        "block sq(x) {\n y = x * x\n output y\n dx = 2 * upstream * x\n}\ninput x = [1, 2]\ny = sum(sq(x))\n";
    let refused = graphrun::read(text, graphrun::Spelling::Graph).unwrap_err();
    let [fault] = &refused.0[..] else { panic!("{refused}") };
    assert_eq!(fault.message, "`dx` uses `upstream`, and no backward line uses `dx`");
    assert!(fault.help.iter().any(|help| help.contains("backward x = …")), "{:?}", fault.help);
}

#[test]
fn digits_that_a_file_asks_for_must_be_kept() {
    let blunt = "input x = 0.5\ny = (1e8 + x) * (1e8 + x) - 1e16\nz = y * y\noutput z\n";
    says("ok", blunt);
    says("wrong", &format!("{blunt}check {{ digits = 12 }}\n"));
    says("ok", "input x = 0.5\ny = x * x\noutput y\ncheck { digits = 12 }\n");
}

#[test]
fn a_file_may_allow_a_gradient_to_be_off() {
    let near = "block near(x) {\n y = x * x\n output y\n backward x = 2.0001 * upstream * x\n}\n\
                input x = [1, -3, 0.5]\ny = sum(near(x))\n";
    says("wrong", near);
    says("wrong", &format!("{near}check {{ rtol = 1e-6 }}\n"));
    says("ok", &format!("{near}check {{ rtol = 1e-3 }}\n"));
}

/// Zeros to begin with: every relu stands on its kink, and no entry is left undecided for that.
#[test]
fn a_large_layer_of_zeros_is_on_kinks() {
    let net = "seed 1\nconst x: [3, 200] = uniform(0, 1)\nconst t: int[3] = [1, 2, 3]\n\
               param W1: [200, 40] = zeros()\nparam b1: [40] = zeros()\nparam W2: [40, 5] = randn()\n";
    says("kink", &format!("{net}loss = x -> affine(W1, b1) -> relu -> matmul(W2) -> softmax_loss(t)\n"));
    let block =
        |line: &str| format!("block r(x) {{\n y = relu(x)\n output y\n backward x = {line}\n}}\n{net}");
    let loss = "loss = x -> affine(W1, b1) -> r -> matmul(W2) -> softmax_loss(t)\n";
    says("kink", &(block("upstream * greater(x, 0)") + loss));
    says("wrong", &(block("upstream * greater(x, -1e-9)*1.001") + loss));
    says("wrong", &(block("upstream * greater(x, 0) * 1.001") + loss));
}

#[test]
fn a_staircase_of_small_steps_and_a_jump_have_no_slope() {
    // At these sizes every step of a measurement crosses whole numbers.
    says("undecided", "input x = [1.2e69, 7e67]\ny = sum(round(x) + x)\n");
    says("undecided", "input x = [4.4e33, -1.7e35]\ny = sum(x * ceil(x))\n");
    says("ok", "input x = [0.3, 2.75, -1.5]\ny = sum(floor(x) * x + x)\n");
    // The side that an entry stands on has a slope, the output has none.
    says("undecided", "input x = [1, 0, 0.5]\ny = sum(where(x > 0, x + 1, 0))\n");
    says("kink", "input x = [1, 0, 0.5]\ny = sum(where(x > 0, x, 0))\n");
}

#[test]
fn a_mask_of_infinities_is_judged_where_it_can_be() {
    let block = "block hide(x: [n], mask: [n]) {\n y = softmax(x + mask)\n output y\n\
        ds = y * (upstream - sum(upstream * y))\n backward x = ds\n backward mask = ds\n}\n\
        input x = [1, 2, 3]\nconst mask = [0, 0, -inf]\nloss = sum(hide(x, mask) * [1, 2, 3])\n";
    says("ok", block);
    says("wrong", &block.replace("backward mask = ds", "backward mask = 2 * ds"));
}
