//! What people are told: the message, the words under the caret, the advice.

use super::*;

/// Each text gives exactly this error.
fn check(spelling: Spelling, cases: &[(&str, &str, &str, &str)]) {
    let mut wrong = Vec::new();
    for &(text, message, under, help) in cases {
        let errors = read(text, spelling).errors;
        let found: Vec<_> = errors
            .iter()
            .map(|error| (error.message.as_str(), culprit(text, error), error.help.join(" ")))
            .collect();
        let good = match &found[..] {
            [(found, at, advice)] => {
                *found == message
                    && *at == under
                    && advice.contains(help)
                    && advice.is_empty() == help.is_empty()
            }
            _ => false,
        };
        if !good {
            wrong.push(format!("{text}\n    expected {:?}\n    found {found:?}", (message, under, help)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn of_graph_files() {
    check(
        Spelling::Graph,
        &[
            ("x =", "expected a value, found the end of the statement", "", ""),
            ("input x =", "expected a value, found the end of the statement", "", "leave the `=` out"),
            ("x", "expected `=`, found the end of the statement", "", "name = value"),
            ("x mul(a)", "expected `=`, found `mul`", "mul", "name = expression"),
            ("x == 3", "expected one `=`, found `==`", "==", "one `=`"),
            ("input x == 3", "expected one `=`, found `==`", "==", "one `=`"),
            ("input x: [3] == 4", "expected one `=`, found `==`", "==", "one `=`"),
            ("expect shape(x) == [3]", "expected one `=`, found `==`", "==", "one `=`"),
            ("x = 2 * == 3", "expected a value, found `==`", "==", "one `=`"),
            ("x := 3", "`:=` has no meaning in a graph file", ":=", "given with one `=`: `x = 3`"),
            ("x: [3] = 4", "expected `=`, found `:`", ":", "only `input`"),
            ("inptu x = 3", "unknown statement `inptu`", "inptu", "did you mean `input`?"),
            ("titel \"x\"", "unknown statement `titel`", "titel", "did you mean `title`?"),
            ("x = mul(a b)", "expected an operator, `,` or `)`, found `b`", "b", "is a comma missing"),
            ("x = [1, 2 3]", "expected an operator, `,` or `]`, found `3`", "3", "is a comma missing"),
            ("x = f(, a)", "expected a value, found `,`", ",", ""),
            ("x = f(a = )", "expected a value, found `)`", ")", ""),
            ("x = a + * b", "expected a value, found `*`", "*", ""),
            ("x = -> b", "expected a value, found `->`", "->", ""),
            ("x = +3", "expected a value, found `+`", "+", "needs no `+`"),
            ("x = (a, b)", "there are no tuples in a graph file", "(a, b)", "`[a, b]`"),
            ("x = ()", "expected a value, found `)`", ")", ""),
            ("x = a & b", "`&` has no meaning in a graph file", "&", "`a > 0 and b > 0`"),
            (
                "x = a; y = b",
                "expected an operator or the end of the statement, found `;`",
                ";",
                "line of its own",
            ),
            ("x = f(a; n = 1)", "expected an operator, `,` or `)`, found `;`", ";", "a comma stands"),
            ("x = a ^ b", "`^` has no meaning in a graph file", "^", "a ** b"),
            ("x = a < b < 2", "comparisons do not chain", "<", "`a < b and b < c`"),
            ("x = a ≤ 2", "`≤` has no meaning in a graph file", "≤", "`a <= 2`"),
            ("a, b, = f(x)", "expected a name, found `=`", "=", ""),
            ("x = 1e999", "the number 1e999 is too large", "1e999", "written `inf`"),
            ("x = a \\", "expected an operator or the end of the statement, found `\\`", "\\", "line breaks"),
            ("x = 'a'", "expected a value, found `'`", "'", "between `\"`"),
            ("x = 1 // no", "`//` has no meaning in a graph file", "//", "begins with `#`"),
            (
                "x = a\u{3000}+ b",
                "expected an operator or the end of the statement, found the character U+3000",
                "\u{3000}",
                "wide",
            ),
            ("x = f（a）", "expected an operator or the end of the statement, found `（`", "（", "plain `(`"),
            ("x = 3x", "`3x` is neither a number nor a name", "3x", "3 * x"),
            ("x = 1e", "expected a digit, found the end of the statement", "", ""),
            ("x = a[]", "expected a value or `:`, found `]`", "]", ""),
            ("x = (a]", "expected `)`, found `]`", "]", ""),
            ("x = a)", "`)` closes nothing", ")", "remove it"),
            ("x = mul(a, b", "`(` is never closed", "(", "close it"),
            ("x = \"abc", "a text is not closed on its line", "\"abc", "end it"),
            ("x = \"a\\qb\"", "a text has an escape that does not exist", "\\q", "the escapes are"),
            ("x = \"\\u{d800}\"", "a text has an escape that does not exist", "\\u", "the escapes are"),
            ("x = a -> 3", "`->` needs an op or a call on its right, found `3`", "3", "x -> relu"),
            ("x = a -> -b", "`->` needs an op or a call on its right, found `-`", "-", "x -> relu"),
            ("x = a -> b-c", "`->` needs an op or a call on its right, found `b-c`", "b-c", "x -> relu"),
            (
                "x = a -> b + c",
                "the right side of `->` must be a call alone, found `+` after it",
                "+",
                "(a -> f(b)) + c",
            ),
            (
                "x = a -> f(b)[0]",
                "the right side of `->` must be a call alone, found `[…]` after it",
                "[0]",
                "(a -> f(b))[…]",
            ),
            (
                "x = a ->",
                "expected a value, found the end of the statement",
                "",
                "a line that begins with `->`",
            ),
            ("-> relu", "expected a statement, found `->`", "->", "line above"),
            ("x = f(n = 0, y)", "in `f(…)` an input follows an attribute", "y", "inputs first"),
            ("x = f(n = 1, n = 2)", "the attribute `n` of `f` is given twice", "n", "keep one"),
            ("x = f(a + b = 3)", "the name of an attribute must be one word", "a + b", "axis = 0"),
            ("x = f(a.b = 3)", "the name of an attribute must be one word", "a.b", "axis = 0"),
            ("x = f((a) = 3)", "the name of an attribute must be one word", "(a)", "axis = 0"),
            ("x = f(a = b = 3)", "expected an operator, `,` or `)`, found `=`", "=", "name = value"),
            ("x = a.", "expected a name, found the end of the statement", "", ""),
            ("input x: int8[3]", "expected a type, found `int8`", "int8", "`x: int[2, 3]`"),
            ("input x: (2, 3)", "expected a type, found `(`", "(", "`x: [2, 3]`"),
            ("input x [3]", "expected `=` or `:`, found `[`", "[", ""),
            ("input 3", "expected a name, found `3`", "3", ""),
            ("input seed = 3", "`seed` is a reserved word", "seed", "choose another name"),
            ("input = 3", "`input` is a reserved word", "input", "input NAME = …"),
            ("upstream = 3", "`upstream` is a reserved word", "upstream", "choose another name"),
            ("nan = 3", "`nan` is a reserved word", "nan", "choose another name"),
            ("title = \"x\"", "`title` is a reserved word", "title", "write `title \"…\"`"),
            ("title x", "expected a text in `\"`, found `x`", "x", ""),
            ("title \"a\"\ntitle \"b\"", "the title is given twice", "\"b\"", "keep one"),
            ("seed 1\nseed 2", "the seed is given twice", "2", "keep one"),
            ("seed 1.5", "the seed must be a whole number, found 1.5", "1.5", "seed 0"),
            ("seed -1", "expected a number, found `-`", "-", ""),
            ("output a b", "expected `,`, found `b`", "b", "comma"),
            ("output", "expected a name, found the end of the statement", "", ""),
            ("expect x 3", "expected `=`, found `3`", "3", ""),
            ("expect", "expected a name, found the end of the statement", "", ""),
            ("expect grad x = 3", "expected `=` or `(`, found `x`", "x", "expect grad(NAME)"),
            ("expect y = 3 within x", "`x` is no number format", "x", "f64, f32"),
            ("expect y = 3 within", "expected a number, found the end of the statement", "", ""),
            ("expect y = 3 within 1e999", "the number 1e999 is too large", "1e999", "1.8e308"),
            (
                "expect y = 3\nexpect y = 4",
                "the expectation of `y` is given twice",
                "expect y = 4",
                "keep one",
            ),
            (
                "block f(x, n = 3) { output x }",
                "expected `:`, `,`, `;` or `)`, found `=`",
                "=",
                "after a `;`",
            ),
            ("block f(x)", "`block` has no body", "", "block NAME"),
            ("block f(x) {\n seed 3\n}", "`seed` inside of a block", "seed", "move it out"),
            ("block f(x) {\n input y\n}", "`input` inside of a block", "input", "block NAME(x"),
            (
                "block f(x) {\n block g(y) {\n output y\n }\n}",
                "`block` cannot stand inside of another `{ … }`",
                "block",
                "close the one above",
            ),
            ("backward x = 3", "`backward` outside of a block", "backward", "inside of `block"),
            ("check { step 3 }", "expected `=`, found `3`", "3", ""),
            ("check { step = 1\n step = 2 }", "`step` is given twice", "step", "keep one"),
            (
                "[inputs]\nx = 3\n[nodes]\n",
                "expected a statement, found a section as in a `.toml` file",
                "[inputs]",
                ".toml",
            ),
            (
                "input x: [99999999999999999999999]",
                "the dimension 99999999999999999999999 is too large",
                "99999999999999999999999",
                "length",
            ),
        ],
    );
}

#[test]
fn of_toml_files() {
    check(
        Spelling::Toml,
        &[
            ("[input]\nx = 3", "unknown section `input`", "input", "did you mean `inputs`?"),
            ("tilte = \"x\"", "unknown key `tilte`", "tilte", "did you mean `title`?"),
            ("inputs = 3", "`inputs` must be a table, found a number", "3", ""),
            ("[nodes]\ny = \"mul(a b)\"", "expected an operator, `,` or `)`, found `b`", "b", "comma"),
            (
                "[nodes]\ny = \"mul(\\u308a, a b)\"",
                "expected an operator, `,` or `)`, found `b`",
                "b",
                "comma",
            ),
            (
                "[nodes]\ny = '''\nmul(\n  a b)'''",
                "expected an operator, `,` or `)`, found `b`",
                "b",
                "comma",
            ),
            ("[nodes]\ny = \"mul(a\"", "`(` is never closed", "(", "close it"),
            ("[nodes]\ny = \"\"", "expected a value, found the end", "", ""),
            (
                "[nodes]\ny = mul(a, b)",
                "in TOML an expression stands in quotes",
                "mul(a, b)",
                "`\"mul(a, b)\"`",
            ),
            ("[nodes]\ny =\nz = 3", "expected a value, found the end of the line", "", "write a number"),
            ("[nodes]\nq = [1, 2\nz = 3\n[expect]\nz = 3", "`[` is never closed", "[", "close it"),
            ("[nodes]\ny = 1\ny = 2", "`y` is given twice", "y", "keep one"),
            (
                "[nodes]\ny = 1\n[expect]\ny = 1\n[nodes]\nz = 2",
                "`nodes` is given twice",
                "nodes",
                "under the first",
            ),
            ("[nodes]\nりんご = 1", "the key `りんご` must stand in quotes", "りんご", "\"りんご\""),
            ("[nodes]\n\"a b\" = 1", "`a b` is not a name", "\"a b\"", "letters"),
            ("[nodes]\nseed = 1", "`seed` is a reserved word", "seed", "another name"),
            (
                "[nodes]\ny = 1979-05-27",
                "`y` must be a number, an array or an expression in a string, found a date or time",
                "1979-05-27",
                "",
            ),
            (
                "[nodes.y]\nop = \"mul(a, b)\"",
                "`mul(a, b)` is not the name of an op",
                "\"mul(a, b)\"",
                "inputs",
            ),
            ("[nodes.y]\nops = \"mul\"", "the node `y` has no `op`", "y", "is `ops` meant"),
            ("[inputs]\nx = { shpe = [3] }", "unknown key `shpe`", "shpe", "did you mean `shape`?"),
            (
                "[inputs]\nx = { shape = 3 }",
                "the shape of `x` must be an array, found a number",
                "3",
                "[3, 10]",
            ),
            (
                "[inputs]\nx = { shape = [-3] }",
                "the shape of `x` must be an array of lengths and names, found a number",
                "-3",
                "[3, 10]",
            ),
            (
                "[inputs]\nx = { type = \"int8\" }",
                "the type of `x` must be \"float\", \"int\" or \"bool\", found a string",
                "\"int8\"",
                "",
            ),
            ("seed = 1.5", "the seed must be a whole number, found 1.5", "1.5", "seed = 0"),
            (
                "[expect]\ny = { value = 3, wihtin = 1 }",
                "unknown key `wihtin`",
                "wihtin",
                "did you mean `within`?",
            ),
            ("[expect]\ny = { within = 1 }", "nothing is expected of `y`", "y", "value = 220"),
            ("[expect]\ngrad = 3", "`grad` under `expect` must be a table, found a number", "3", "grad.x"),
            (
                "[check]\nstep = true",
                "the setting `step` must be a number, a name or an array of names, found true or false",
                "true",
                "",
            ),
            ("[blocks.f]\nparam = 3", "unknown key of a block `param`", "param", "did you mean `params`?"),
            ("[blocks.f]\ninputs = [\"x y\"]", "expected `:`, found `y`", "y", ""),
            (
                "input x = 3\ninput z = 3",
                "found a statement as in a `.graph` file, `input …`",
                "input x = 3",
                ".graph",
            ),
        ],
    );
}

#[test]
fn of_words_that_look_alike_the_right_one_is_underlined_in_every_spelling() {
    let graph = "りんご = 1\nb = mul(りんご りんご)\n";
    let error = &read(graph, Spelling::Graph).errors[0];
    assert_eq!(error.span().unwrap().start as usize, graph.rfind("りんご").unwrap());
    let toml = "[nodes]\nb = \"mul(\\u308a\\u3093ご りんご)\"\n";
    let error = &read(toml, Spelling::Toml).errors[0];
    assert_eq!(error.span().unwrap().start as usize, toml.find("りんご").unwrap());
}
