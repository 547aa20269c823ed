//! The card of an op: the single place that says everything about it but its code.

/// All that is known of an op without running it. Parsing of its calls, "did
/// you mean", `graphrun ops`, the schema and most tests follow from it.
#[derive(Debug)]
pub struct Card {
    pub name: &'static str,
    /// The sign that it is drawn with, in a circle; without one it is a box with
    /// its name.
    pub sign: Option<&'static str>,
    /// One sentence.
    pub doc: &'static str,
    pub inputs: &'static [Edge],
    pub attributes: &'static [Attribute],
    /// The formula of forward, with the input names of the card.
    pub forward: &'static str,
    /// For each differentiable input its formula, with `upstream` for the
    /// gradient that arrives at the output `y`.
    pub backward: &'static [(&'static str, &'static str)],
    /// Where the gradient has kinks, if it has any.
    pub kinks: Option<&'static str>,
    pub elsewhere: Elsewhere,
    pub samples: &'static [Sample],
    pub refusals: &'static [Refusal],
}

/// One input of an op.
#[derive(Debug)]
pub struct Edge {
    pub name: &'static str,
    pub takes: Takes,
    pub many: Many,
    pub doc: &'static str,
}

/// What kind of tensor an edge takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Float,
    Int,
    Bool,
    /// Numbers: floats or ints, all inputs of a call alike.
    Number,
    /// Of any kind; edges of a call that take this all get the same.
    Either,
}

/// How often an edge may stand in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Many {
    Once,
    /// Once or more; only the last edge of a card may be so.
    OnceOrMore,
    /// Once or not at all; only the last edges of a card may be so.
    AtMostOnce,
}

#[derive(Debug)]
pub struct Attribute {
    pub name: &'static str,
    pub kind: AttributeKind,
    /// As a person would type it; `None` where the attribute must be given,
    /// `Some("")` where leaving it out has a meaning of its own.
    pub default: Option<&'static str>,
    pub doc: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeKind {
    Int,
    Float,
    Flag,
    /// One int or a list of them: `axis = 0`, `shape = [2, -1]`.
    Ints,
    /// The inside of `x[…]`, as text.
    Subscripts,
    /// Text in quotes, of which the op itself makes sense.
    Text,
    /// One of these words, in quotes.
    Choice(&'static [&'static str]),
}

impl AttributeKind {
    pub fn word(self) -> String {
        match self {
            Self::Int => "an int".into(),
            Self::Float => "a number".into(),
            Self::Flag => "true or false".into(),
            Self::Ints => "an int or a list of ints".into(),
            Self::Subscripts => "subscripts as text, \"0:3, :, -1\"".into(),
            Self::Text => "text in quotes".into(),
            Self::Choice(words) => match words {
                [first, last] => format!("\"{first}\" or \"{last}\""),
                words => format!("one of \"{}\"", words.join("\", \"")),
            },
        }
    }
}

/// The op in the words of others; empty where they have none.
///
/// For PyTorch and JAX it is a Python expression over the card's inputs and attributes by name. An edge that
/// may stand more than once is a tuple, an attribute that is left out is `None`, and lists of ints are tuples,
/// or an int where there is one. `x[index]` takes the subscripts, `index.step` is the least of their
/// steps, and `index.flips` the axes that `::-1` turns round, where nothing else is taken. What is asked of shapes and attributes, `a if x.ndim == 2 else b`, must hang on nothing else; `...`
/// stands for a call that cannot be spelled. An argument by name that is `None` or `False` is left out.
/// `torch.float64` and `jnp.float64` are whatever floats are.
#[derive(Debug)]
pub struct Elsewhere {
    pub torch: &'static str,
    pub jax: &'static str,
    pub onnx: &'static str,
}

/// A call on literals and what it gives: `mul([1, 2], 3)`, `[3, 6]`. Every float
/// literal among its inputs is also a leaf of the gradient tests.
#[derive(Debug)]
pub struct Sample {
    pub call: &'static str,
    pub output: &'static str,
}

/// A call on literals that must be refused, and words of the message.
#[derive(Debug)]
pub struct Refusal {
    pub call: &'static str,
    pub message: &'static str,
}

impl Edge {
    pub const fn float(name: &'static str, doc: &'static str) -> Self {
        Self { name, takes: Takes::Float, many: Many::Once, doc }
    }

    pub const fn int(name: &'static str, doc: &'static str) -> Self {
        Self { name, takes: Takes::Int, many: Many::Once, doc }
    }

    pub const fn bool(name: &'static str, doc: &'static str) -> Self {
        Self { name, takes: Takes::Bool, many: Many::Once, doc }
    }

    pub const fn number(name: &'static str, doc: &'static str) -> Self {
        Self { name, takes: Takes::Number, many: Many::Once, doc }
    }

    pub const fn either(name: &'static str, doc: &'static str) -> Self {
        Self { name, takes: Takes::Either, many: Many::Once, doc }
    }

    pub const fn or_more(self) -> Self {
        Self { many: Many::OnceOrMore, ..self }
    }

    pub const fn optional(self) -> Self {
        Self { many: Many::AtMostOnce, ..self }
    }
}

impl Card {
    /// The edge that an input of a call belongs to.
    pub fn edge(&self, input: usize) -> &Edge {
        &self.inputs[input.min(self.inputs.len() - 1)]
    }

    /// The fewest inputs of a call.
    pub fn least_inputs(&self) -> usize {
        self.inputs.iter().filter(|edge| edge.many != Many::AtMostOnce).count()
    }

    /// Backward has a formula for this input of a call.
    pub fn differentiates(&self, input: usize) -> bool {
        self.differentiable_edges() >> input.min(self.inputs.len() - 1) & 1 == 1
    }

    /// Bit `k` is set where backward has a formula for edge `k`.
    pub const fn differentiable_edges(&self) -> u64 {
        let (mut edges, mut edge) = (0, 0);
        while edge < self.inputs.len() {
            let mut formula = 0;
            while formula < self.backward.len() {
                if same(self.inputs[edge].name, self.backward[formula].0) {
                    edges |= 1 << edge;
                }
                formula += 1;
            }
            edge += 1;
        }
        edges
    }

    /// The call as documentation shows it: `sum(x; axis, keepdims = false)`.
    pub fn signature(&self) -> String {
        let edges: Vec<String> = self
            .inputs
            .iter()
            .map(|edge| match edge.many {
                Many::Once => edge.name.to_string(),
                Many::OnceOrMore => format!("{}, …", edge.name),
                Many::AtMostOnce => format!("[{}]", edge.name),
            })
            .chain(self.attributes.iter().map(|attribute| match attribute.default {
                None | Some("") => attribute.name.to_string(),
                Some(default) => format!("{} = {default}", attribute.name),
            }))
            .collect();
        format!("{}({})", self.name, edges.join(", "))
    }
}

/// `a == b`, for constants.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}
