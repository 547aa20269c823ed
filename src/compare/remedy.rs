//! What is usually computed instead of an expression that loses digits, or leaves the range of its format.

use crate::graph::{Graph, NodeId, Origin, ValueId};

/// Instead of a node whose result keeps fewer digits than what it is computed from.
pub fn instead_of_loss(graph: &Graph, node: NodeId) -> Option<&'static str> {
    let look = Look { graph };
    let node = graph.node(node);
    match (node.kernel.card().name, &node.inputs[..]) {
        ("sub", &[a, b]) => look.difference(a, b),
        ("log", &[inner]) => look.logarithm(inner),
        ("sqrt", &[inner]) if look.op(inner) == "add" => {
            let is_square = |&value: &ValueId| matches!(look.op(value), "square" | "mul" | "pow");
            look.inputs(inner).iter().all(is_square).then_some("hypot(x, y) for sqrt(x*x + y*y)")
        }
        _ => None,
    }
}

/// Instead of a node whose result leaves the range of its format, though what is computed of it would not.
pub fn instead_of_overflow(graph: &Graph, node: NodeId) -> Option<&'static str> {
    let look = Look { graph };
    let value = graph.node(node).outputs[0];
    let users = look.users(value);
    let is_used_by = |value: ValueId, op: &str| look.users(value).iter().any(|&user| look.op(user) == op);
    match look.op(value) {
        "exp" => users.iter().find_map(|&user| match look.op(user) {
            "sum" if is_used_by(user, "log") => Some("logsumexp(x) for log(sum(exp(x)))"),
            "sum" if is_used_by(user, "div") => {
                Some("softmax(x), or exp(x - max(x)), for exp(x) / sum(exp(x))")
            }
            "add" if is_used_by(user, "log") && look.inputs(user).iter().any(|&term| look.is_one(term)) => {
                Some("softplus(x) for log(1 + exp(x))")
            }
            "add" if is_used_by(user, "log") => Some("logsumexp for the logarithm of a sum of exponentials"),
            "add" if is_used_by(user, "div") || is_used_by(user, "reciprocal") => {
                Some("sigmoid(x) for 1 / (1 + exp(-x)), tanh(x) for its like")
            }
            "log" => Some("x for log(exp(x))"),
            _ => None,
        }),
        "square" | "mul" | "pow" if look.is_square(value) => users.iter().find_map(|&user| {
            let is_sum = matches!(look.op(user), "sum" | "mean" | "add");
            (is_sum && is_used_by(user, "sqrt"))
                .then_some("m * sqrt(sum(square(x / m))) with m = max(abs(x)) for sqrt(sum(square(x)))")
        }),
        "sum" | "mean" if look.inputs(value).iter().any(|&term| look.is_square(term)) => {
            is_used_by(value, "sqrt")
                .then_some("m * sqrt(sum(square(x / m))) with m = max(abs(x)) for sqrt(sum(square(x)))")
        }
        "prod" | "cumprod" => Some("sum(log(x)) for log(prod(x)): go on with the logarithm"),
        _ => None,
    }
}

/// Looks at expressions.
struct Look<'a> {
    graph: &'a Graph,
}

impl Look<'_> {
    /// The op that makes a value; nothing for a leaf.
    fn op(&self, value: ValueId) -> &'static str {
        self.graph.maker(value).map_or("", |maker| maker.kernel.card().name)
    }

    fn inputs(&self, value: ValueId) -> &[ValueId] {
        self.graph.maker(value).map_or(&[], |maker| &maker.inputs)
    }

    /// The values that nodes compute from one.
    fn users(&self, value: ValueId) -> Vec<ValueId> {
        let users = self.graph.nodes.iter().filter(|node| node.inputs.contains(&value));
        users.map(|node| node.outputs[0]).collect()
    }

    fn is_all(&self, value: ValueId, number: f64) -> bool {
        match &self.graph.value(value).origin {
            Origin::Literal(literal) => literal.to_floats().iter().all(|&x| x == number),
            _ => false,
        }
    }

    fn is_one(&self, value: ValueId) -> bool {
        self.is_all(value, 1.0)
    }

    /// The two are one value, the same number, or the same op of such.
    fn is_same(&self, a: ValueId, b: ValueId) -> bool {
        let op_of =
            |value: ValueId| self.graph.maker(value).map(|node| (node.kernel.card().name, &node.attributes));
        let is_equal = |a: ValueId, b: ValueId| {
            a == b
                || match (&self.graph.value(a).origin, &self.graph.value(b).origin) {
                    (Origin::Literal(a), Origin::Literal(b)) => a.to_floats() == b.to_floats(),
                    _ => false,
                }
        };
        let (of_a, of_b) = (self.inputs(a), self.inputs(b));
        is_equal(a, b)
            || op_of(a).is_some()
                && op_of(a) == op_of(b)
                && of_a.len() == of_b.len()
                && of_a.iter().zip(of_b).all(|(&a, &b)| is_equal(a, b))
    }

    fn is_square(&self, value: ValueId) -> bool {
        match (self.op(value), self.inputs(value)) {
            ("square", _) => true,
            ("mul", &[a, b]) => self.is_same(a, b),
            ("pow", &[_, power]) => self.is_all(power, 2.0),
            _ => false,
        }
    }

    /// The value is made by an op of one that another op makes.
    fn is_of(&self, value: ValueId, op: &str, inner: &dyn Fn(ValueId) -> bool) -> bool {
        self.op(value) == op && self.inputs(value).first().is_some_and(|&value| inner(value))
    }

    fn difference(&self, a: ValueId, b: ValueId) -> Option<&'static str> {
        let is_square_of = |value: ValueId, op: &str| {
            self.is_square(value) && self.inputs(value).first().is_some_and(|&x| self.op(x) == op)
        };
        let is_sum_of_exp = |value: ValueId| self.is_of(value, "sum", &|value| self.op(value) == "exp");
        match (self.op(a), self.op(b)) {
            (_, "sigmoid") if self.is_one(a) => Some("sigmoid(-x) for 1 - sigmoid(x)"),
            (_, "exp") if self.is_one(a) => Some("-expm1(x) for 1 - exp(x)"),
            (_, "cos") if self.is_one(a) => Some("2*square(sin(x/2)) for 1 - cos(x)"),
            (_, "softmax") if self.is_one(a) => Some("the sum of the other entries for 1 - softmax(x)"),
            _ if self.is_one(a) && is_square_of(b, "tanh") => {
                Some("1 / square(cosh(x)) for 1 - square(tanh(x))")
            }
            ("exp", _) if self.is_one(b) => Some("expm1(x) for exp(x) - 1"),
            ("add", _) if self.inputs(a).iter().any(|&term| self.is_same(term, b)) => {
                Some("x for (x + c) - c")
            }
            ("mean", _) if self.is_of(a, "mean", &|x| self.is_square(x)) && is_square_of(b, "mean") => {
                Some("mean(square(x - mean(x))), or var(x), for mean(x*x) - mean(x)*mean(x)")
            }
            (_, "logsumexp") => Some("log_softmax(x) for x - logsumexp(x)"),
            (_, "log") if self.is_of(b, "log", &is_sum_of_exp) => {
                Some("log_softmax(x) for x - log(sum(exp(x)))")
            }
            ("exp", "exp") => Some("exp(b) * expm1(a - b) for exp(a) - exp(b)"),
            ("log", "log") => Some("log1p((a - b) / b) for log(a) - log(b)"),
            ("sqrt", "sqrt") => Some("(a - b) / (sqrt(a) + sqrt(b)) for sqrt(a) - sqrt(b)"),
            _ if self.is_square(a) && self.is_square(b) => Some("(a - b) * (a + b) for a*a - b*b"),
            _ => None,
        }
    }

    fn logarithm(&self, inner: ValueId) -> Option<&'static str> {
        match (self.op(inner), self.inputs(inner)) {
            ("add", of) if of.iter().any(|&value| self.op(value) == "exp") => {
                match of.iter().any(|&value| self.is_one(value)) {
                    true => Some("softplus(x) for log(1 + exp(x))"),
                    false => Some("logsumexp for the logarithm of a sum of exponentials"),
                }
            }
            ("add", of) if of.iter().any(|&value| self.is_one(value)) => Some("log1p(x) for log(1 + x)"),
            ("softmax", _) => Some("log_softmax(x) for log(softmax(x))"),
            ("sigmoid", _) => Some("-softplus(-x) for log(sigmoid(x))"),
            ("exp", _) => Some("x for log(exp(x))"),
            ("sum", &[of]) if self.op(of) == "exp" => Some("logsumexp(x) for log(sum(exp(x)))"),
            ("div", &[above, _]) if self.op(above) == "exp" => {
                Some("log_softmax(x) for log(exp(x) / sum(exp(x)))")
            }
            _ => None,
        }
    }
}
