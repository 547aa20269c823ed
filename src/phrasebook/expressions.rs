//! Words and signs within expressions.

use super::{Phrase, phrase};

/// What stands before the point in calls of other libraries.
pub const MODULES: &[&str] = &[
    "np",
    "numpy",
    "jnp",
    "torch",
    "nn",
    "functional",
    "F",
    "tf",
    "keras",
    "jax",
    "math",
    "cmath",
    "scipy",
    "special",
    "linalg",
    "random",
    "backend",
    "K",
    "mx",
    "ops",
    "layers",
    "losses",
    "activations",
    "lax",
    "autograd",
    "cupy",
    "cp",
    "Math",
    "std",
    "Tensor",
    "xp",
    "fft",
    "testing",
];

/// Names that stand for nothing in a file, alone or behind a module.
pub const NAMES: &[Phrase] = &[
    phrase(&["True", "TRUE"], "it is written small: `sum({x}, axis = 0, keepdims = true)`"),
    phrase(&["False", "FALSE"], "it is written small: `sum({x}, axis = 0, keepdims = false)`"),
    phrase(
        &["None", "null", "nil", "NULL", "nullptr", "undefined"],
        "what is left out keeps its default: `sum({x})` sums over all axes",
    ),
    phrase(&["pi", "PI", "M_PI"], "write the number, `3.141592653589793`"),
    phrase(&["e", "E", "M_E"], "the number is `exp(1)`, and e to the power of {x} is `exp({x})`"),
    phrase(&["Inf", "Infinity", "INF", "INFINITY", "infinity", "infty", "PINF"], "infinity is written `inf`"),
    phrase(&["NaN", "NAN", "Nan"], "what is no number is written `nan`"),
    phrase(
        &[
            "dout",
            "grad_output",
            "grad_out",
            "grad_outputs",
            "upstream_grad",
            "dy",
            "dL",
            "dLdy",
            "dL_dy",
            "dloss",
            "gy",
            "ct",
            "cotangent",
            "gradient",
            "upstream_gradient",
        ],
        "the gradient that arrives at a block's output is called `upstream`, in its `backward` lines: `backward {x} = upstream`",
    ),
    phrase(&["newaxis"], "in an index `None` adds an axis of length 1: `{x}[:, None]`"),
    phrase(&["Ellipsis"], "in an index the axes between are three points: `{x}[..., 0]`"),
    phrase(
        &["self", "this", "cls", "ctx"],
        "a block sees its arguments and its own names, without a word before them",
    ),
    phrase(&["args", "kwargs"], "every argument of a call is written out: `sum({x}, axis = 0)`"),
];

/// What stands behind the point of a value: `x.T`.
pub const PROPERTIES: &[Phrase] = &[
    phrase(&["T", "mT", "H", "mH"], "`transpose({x})`"),
    phrase(
        &["shape", "size", "ndim", "nbytes"],
        "an annotation names a length, `input y: [batch, 3] = ones(shape = [2, 3])`, and formulas can use the name, `{x} / batch`",
    ),
    phrase(&["grad"], "every gradient is shown by `--backward`; `expect grad({x}) = 0` states one"),
    phrase(&["dtype"], "every number is a float of 64 bits unless its leaf is annotated `int`"),
    phrase(&["data", "values", "value", "numpy", "device", "real"], "`{x}` alone is the value"),
    phrase(
        &["weight", "bias", "kernel"],
        "a param is a statement of its own: `param weights: [3, 2] = randn()`",
    ),
    phrase(&["flat"], "`flatten({x})` keeps the first axis, `reshape({x}, shape = [-1])` none"),
];

/// Signs that mean nothing where they stand.
pub const SIGNS: &[Phrase] = &[
    phrase(&["≤"], "it is written `{a} <= {b}`"),
    phrase(&["≥"], "it is written `{a} >= {b}`"),
    phrase(&["≠", "<>"], "it is written `{a} != {b}`"),
    phrase(&["&&", "&", "∧"], "what must hold together is joined by a word: `{a} > 0 and {b} > 0`"),
    phrase(&["||", "|", "∨"], "one or the other is joined by a word: `{a} > 0 or {b} > 0`"),
    phrase(&["!", "~", "¬"], "the opposite is a word: `not {x} > 0`"),
    phrase(&["|>"], "a chain is written with arrows: `{x} -> relu`"),
    phrase(&["<-"], "a value is given with one `=`: `{a} = {b}`"),
    phrase(&["=>"], "a chain is written with arrows, `{x} -> relu`; a function is a block"),
    phrase(&["<<", ">>"], "a power of two is a factor: `{x} * 2 ** 3`"),
    phrase(&["^"], "a power is written `{a} ** {b}`"),
    phrase(&["²"], "a power is written `{x} ** 2`"),
    phrase(&["³"], "a power is written `{x} ** 3`"),
    phrase(&["√"], "a root is written `sqrt({x})`"),
    phrase(&["·", "∘", "⋅"], "a product is written `{a} * {b}`, of matrices `A @ B`"),
    phrase(&["÷"], "a quotient is written `{a} / {b}`"),
    phrase(&["π"], "write the number, `3.141592653589793`"),
    phrase(&["∞"], "infinity is written `inf`"),
    phrase(&["Σ", "∑"], "a sum is written `sum({x}, axis = 0)`"),
    phrase(&["//"], "a quotient is `{a} / {b}`, rounded down `floor({a} / {b})`; a comment begins with `#`"),
    phrase(&["/*", "*/", "<!--", "--"], "a comment begins with `#` and ends with its line"),
    phrase(&["%"], "what a division leaves is `mod({a}, {b})`; a part in a hundred is `{x} / 100`"),
    phrase(
        &["+=", "-=", "*=", "/=", "**=", "@=", "//=", "%=", "^=", "|=", "&=", "++"],
        "a name is given one value, once: `c = {a} + {b}` makes a new one",
    ),
    phrase(&[":="], "a value is given with one `=`: `{a} = {b}`"),
    phrase(&["?"], "a choice at each place is `where({x} > 0, {a}, {b})`"),
    phrase(&["'"], "a text stands between `\"`; a transposed matrix is `transpose({x})`"),
    phrase(&["$"], "a name stands alone, without a sign before it: `{x}`"),
    phrase(&["**", "*"], "every argument of a call is written out: `sum({x}, axis = 0)`"),
];

/// Words between or before values.
pub const WORDS: &[Phrase] = &[
    phrase(&["if", "else", "unless", "case", "when"], "a choice at each place is `where({x} > 0, {a}, {b})`"),
    phrase(&["AND", "xor"], "it is written small, `{a} > 0 and {b} > 0`; just one of two is `logical_xor`"),
    phrase(&["OR"], "it is written small: `{a} > 0 or {b} > 0`"),
    phrase(&["NOT"], "it is written small: `not {x} > 0`"),
    phrase(&["is", "in", "eq", "ne"], "what is equal is told by `{a} == {b}`, what differs by `{a} != {b}`"),
    phrase(
        &["for", "while"],
        "a block is run along a sequence by `scan`, and one behind the other by `repeat`",
    ),
    phrase(&["lambda"], "a function is a block, and an op is called by its name: `relu({x})`"),
    phrase(&["mod"], "what a division leaves is `mod({a}, {b})`"),
    phrase(&["div"], "a quotient is written `{a} / {b}`"),
    phrase(&["as"], "a name stands before the value: `y = {x}`"),
    phrase(&["new", "await", "yield", "return"], "an op is called by its name alone: `relu({x})`"),
];

/// What stands between the brackets of an index.
pub const SUBSCRIPTS: &[Phrase] = &[
    phrase(&["…"], "the axes between are three points: `{x}[..., 0]`"),
    phrase(&["slice"], "a range is written `{x}[0:2]`"),
    phrase(&["+"], "a place is a whole number as it is, `{x}[1]` or `{x}[-1]`"),
];
