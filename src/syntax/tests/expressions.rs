//! Expressions: precedence, calls, chains, literals, depth.

use super::*;

fn expression(text: &str) -> Result<Expression, Vec<Diagnostic>> {
    parse_expression(&source(text), &reading())
}

fn says(text: &str) -> String {
    rpn(&expression(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}")))
}

#[test]
fn signs_bind_as_in_a_textbook() {
    for (text, expected) in [
        ("a + b * c", "a b c * +"),
        ("a - b - c", "a b - c -"),
        ("a / b @ c", "a b / c @"),
        ("-x ** 2", "x 2 ** neg"),
        ("2 ** -1", "2 1 neg **"),
        ("a ** b ** c", "a b c ** **"),
        ("2 ** -a * b", "2 a neg ** b *"),
        ("-a * b", "a neg b *"),
        ("a * -b", "a b neg *"),
        ("a - -b", "a b neg -"),
        ("- - - x", "x neg neg neg"),
        ("-x[0]", "x [0] neg"),
        ("a ** b[0]", "a b [0] **"),
        ("(a + b) * c", "a b + c *"),
        ("(a + b)[1]", "a b + [1]"),
    ] {
        assert_eq!(says(text), expected, "{text}");
    }
}

#[test]
fn calls_chains_and_arrays() {
    for (text, expected) in [
        ("f()", "f/0"),
        ("f(a, b + 1, -c)", "a b 1 + c neg f/3"),
        ("f(a, -b, c)", "a b neg c f/3"),
        ("f(a - b, c)", "a b - c f/2"),
        ("f(g(a), [b], (c))", "a g/1 b array/1 c f/3"),
        ("f(x, axis = -1, keep = true,)", "x f/1 axis=(1 neg) keep=(true)"),
        ("f(axis = [0, 1])", "f/0 axis=(0 1 array/2)"),
        ("f(x, n = g(y, m = 2) + 1)", "x f/1 n=(y g/1 m=(2) 1 +)"),
        ("x -> f(b, c) -> relu", "x b c |f/3 |relu/1"),
        ("x -> f()", "x |f/1"),
        ("x -> sum(axis = 0)", "x |sum/1 axis=(0)"),
        ("-a + b -> f", "a neg b + |f/1"),
        ("f(a -> g, b -> h(c))", "a |g/1 b c |h/2 f/2"),
        ("[a -> g, b]", "a |g/1 b array/2"),
        ("(x -> relu) + 3", "x |relu/1 3 +"),
        ("[]", "array/0"),
        ("[[1, 2], [3, 4],]", "1 2 array/2 3 4 array/2 array/2"),
        ("[-1, 2 - 3]", "1 neg 2 3 - array/2"),
        ("f(\n  a, # first\n  b\n)", "a b f/2"),
        ("\n a\n + b\n", "a b +"),
        ("scores.relu1 * h.dense1.W", "scores.relu1 h.dense1.W *"),
        ("りんごの値段 * x_1", "りんごの値段 x_1 *"),
        ("upstream * y", "upstream y *"),
    ] {
        assert_eq!(says(text), expected, "{text}");
    }
}

#[test]
fn hyphens_join_the_names_of_ops_only() {
    for (text, expected) in [
        ("softmax-loss(y, t)", "y t softmax_loss/2"),
        ("y -> softmax-loss(t)", "y t |softmax_loss/2"),
        ("x -> leaky-relu -> relu", "x |leaky_relu/1 |relu/1"),
        ("a-b", "a b -"),
        ("a-b-c", "a b - c -"),
        ("a -b", "a b -"),
        ("2 * x-relu(y)", "2 x * y relu/1 -"),
        ("a-b-softmax-loss(y, t)", "a b - y t softmax_loss/2 -"),
        ("softmax - loss(y)", "softmax y loss/1 -"),
        ("leaky-relu", "leaky relu -"),
        ("x-1", "x 1 -"),
        ("a->relu", "a |relu/1"),
        ("h.x-relu(y)", "h.x y relu/1 -"),
        ("inf-x", "inf x -"),
    ] {
        assert_eq!(says(text), expected, "{text}");
    }
}

#[test]
fn literals() {
    for (text, expected) in [
        ("1_000", "1000"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "9.223372036854776e18"),
        ("0.5", "0.5"),
        (".5", "0.5"),
        ("5.", "5.0"),
        ("1e-3", "0.001"),
        ("2E+1_0", "20000000000.0"),
        ("inf", "inf"),
        ("-nan", "NaN neg"),
        ("true", "true"),
        ("[true, false]", "true false array/2"),
        (r#""a\"b\\\n\t\u{308a}""#, "\"a\\\"b\\\\\\n\\tり\""),
        (r#""a # b, (c""#, r#""a # b, (c""#),
        ("npz(\"f.npz\", \"key\")", "\"f.npz\" \"key\" npz/2"),
    ] {
        assert_eq!(says(text), expected, "{text}");
    }
}

#[test]
fn subscripts() {
    for (text, expected) in [
        ("x[0]", "x [0]"),
        ("x[-1, :, 0:3]", "x [-1,:,0:3]"),
        ("x[::2, 1:, :-1, ::-1]", "x [::2,1:,:-1,::-1]"),
        ("x[ 0 : 3 : 1 ,]", "x [0:3:1]"),
        ("x[0][1_0]", "x [0] [10]"),
        ("f(x)[1]", "x f/1 [1]"),
        ("[1, 2][0]", "1 2 array/2 [0]"),
    ] {
        assert_eq!(says(text), expected, "{text}");
    }
    let span = Span::new(10, 20);
    let parsed = parse_subscripts("0:3, :", span).unwrap();
    let range = |start, stop| Subscript::Range { start, stop, step: None };
    assert_eq!(*parsed, [range(Some(0), Some(3)), range(None, None)]);
    let error = parse_subscripts("0, x", span).unwrap_err();
    assert_eq!(error.span(), Some(Span::new(14, 15)));
    assert!(parse_subscripts("", span).is_err());
    assert!(parse_subscripts("((", span).is_err());
    let error = parse_subscripts("99999999999999999999", span).unwrap_err();
    assert!(error.message.contains("too large"), "{error:?}");
}

#[test]
fn every_item_knows_its_place() {
    let text = "x -> f(b, k = -1)[0] + \"t\"";
    let error = &expression(text).unwrap_err()[0];
    assert_eq!(culprit(text, error), "[0]");
    let text = "(x -> f(b, k = -1))[0] + -\"t\"";
    let parsed = expression(text).unwrap();
    let words: Vec<&str> =
        parsed.items.iter().map(|i| &text[i.span.start as usize..i.span.end as usize]).collect();
    assert_eq!(words, ["x", "b", "f(b, k = -1)", "[0]", "\"t\"", "-", "+"]);
    let What::Call(call) = &parsed.items[2].what else { panic!() };
    let value = call.attributes[0].value.span;
    assert_eq!(&text[value.start as usize..value.end as usize], "-1");
}

#[test]
fn a_million_of_anything_is_safe() {
    let n = 200_000;
    for (text, items) in [
        ("- ".repeat(n) + "x", n + 1),
        ("x ** ".repeat(n) + "x", 2 * n + 1),
        ("x + ".repeat(n) + "x", 2 * n + 1),
        ("x-".repeat(n) + "x", 2 * n + 1),
        ("x".to_string() + &" -> relu".repeat(n), n + 1),
        ("f(".to_string() + &"x, ".repeat(n) + "x)", n + 2),
        ("[".to_string() + &"1,".repeat(n) + "]", n + 1),
        ("x".to_string() + &"[0]".repeat(n), n + 1),
    ] {
        let parsed = expression(&text).unwrap();
        assert_eq!(parsed.items.len(), items);
        let printed = print_expression(&parsed);
        assert_eq!(expression(&printed).unwrap().items.len(), items);
    }
}

#[test]
fn nesting_has_a_limit_that_can_be_raised() {
    let nested = |n: usize| "(".repeat(n) + "x" + &")".repeat(n);
    assert_eq!(says(&nested(200)), "x");
    let text = nested(100_000);
    let errors = expression(&text).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message.contains("more than 200 deep"), "{errors:?}");
    assert_eq!(errors[0].span(), Some(Span::new(200, 201)));
    let calls = "f([".repeat(2500) + "x" + &"])".repeat(2500);
    let reading = ParseOptions { is_op: &is_op, max_depth: 5000, max_errors: 1000, max_memory: u64::MAX };
    let parsed = parse_expression(&source(&calls), &reading).unwrap();
    assert_eq!(parsed.items.len(), 5001);
    let attributes = "f(a = -".repeat(2000) + "x" + &")".repeat(2000);
    let parsed = parse_expression(&source(&attributes), &reading).unwrap();
    assert_eq!(print_expression(&parsed), attributes);
    let unclosed = "(".repeat(100_000);
    assert_eq!(expression(&unclosed).unwrap_err().len(), 1);
}
