//! Words that begin a statement elsewhere.

use super::{Phrase, phrase};

/// The first word of a line that is no statement here.
pub const STATEMENTS: &[Phrase] = &[
    phrase(
        &["for", "while", "do", "loop", "repeat"],
        "a block is run along a sequence by `scan`, and one behind the other by `repeat`",
    ),
    phrase(
        &["if", "elif", "else", "switch", "match", "case", "unless"],
        "a choice at each place is `y = where({x} > 0, {a}, {b})`",
    ),
    phrase(
        &[
            "def", "fn", "func", "function", "fun", "defun", "proc", "class", "struct", "void", "public",
            "static",
        ],
        "a function is a block, `block f(x) { output x }`, with each further statement on a line of its own",
    ),
    phrase(
        &["return", "yield"],
        "a file says where backward starts, and a block what it gives, by `output y`",
    ),
    phrase(
        &["import", "from", "include", "require", "using", "package", "extern"],
        "all ops are there without it; the blocks of another file are taken in by `use \"other.graph\"`",
    ),
    phrase(
        &["let", "var", "val", "auto", "local", "my", "mut", "set", "final", "define", "global", "nonlocal"],
        "a name is given its value alone: `y = {x} * 2`",
    ),
    phrase(
        &["float", "double", "int", "long", "bool", "string", "Tensor", "tensor", "Variable", "real"],
        "a node is `y = {x} * 2`; a number that comes from outside is `input z = 3`",
    ),
    phrase(
        &["print", "printf", "echo", "println", "puts", "console", "cout", "display"],
        "every value is printed by itself: give it a name, `y = {x} * 2`",
    ),
    phrase(
        &["assert", "raise", "throw", "try", "except", "catch", "finally"],
        "what must come out is stated by `expect {x} = 3`",
    ),
    phrase(
        &[
            "with", "del", "pass", "break", "continue", "end", "begin", "lambda", "export", "async", "await",
            "exit", "goto",
        ],
        "a line is a statement, such as `y = relu({x})`",
    ),
    phrase(&["parameter", "variable", "weight"], "what is trained is a param: `param y = [1, 2]`"),
    phrase(&["placeholder"], "what comes from outside is an input: `input y = 3`"),
];
