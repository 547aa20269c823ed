//! Printing and reading again changes nothing; and no text makes the reader panic.

use super::*;
use crate::{
    diagnostic::render,
    precision::Precision,
    source::{Name, Spanned},
    tensor::Kind,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn spanned<T>(value: T) -> Spanned<T> {
    Spanned::new(value, Span::default())
}

fn name(text: &str) -> Name {
    spanned(text.into())
}

fn item(what: What) -> Item {
    Item { what, span: Span::default() }
}

fn expression_of(items: Vec<Item>) -> Expression {
    Expression { items, span: Span::default() }
}

fn path() -> impl Strategy<Value = Box<str>> {
    select(vec!["a", "x1", "_y", "りんご", "scores.relu1", "h.dense1.W", "upstream"]).prop_map(Box::from)
}

fn literal() -> impl Strategy<Value = What> {
    prop_oneof![
        (0..=i64::MAX).prop_map(What::Int),
        (0..20i64).prop_map(What::Int),
        any::<f64>().prop_map(|float| What::Float(if float.is_nan() { f64::NAN } else { float.abs() })),
        any::<bool>().prop_map(What::Flag),
    ]
}

fn subscript() -> impl Strategy<Value = Subscript<Bound>> {
    let number = || prop_oneof![(-9..9i64).prop_map(Bound::Number), Just(Bound::Operand)];
    let bound = move || option::of(number());
    prop_oneof![
        Just(Subscript::Rest),
        Just(Subscript::NewAxis),
        Just(Subscript::At(Bound::Operand)),
        (-i64::MAX..i64::MAX).prop_map(|at| Subscript::At(Bound::Number(at))),
        (bound(), bound(), bound()).prop_map(|(start, stop, step)| Subscript::Range { start, stop, step }),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    let operand = prop_oneof![
        literal(),
        path().prop_map(What::Name),
        any::<String>().prop_map(|text| What::Text(text.into())),
    ];
    let one = operand.prop_map(|what| expression_of(vec![item(what)]));
    one.prop_recursive(5, 40, 4, |inner| {
        let binary = select(Binary::ALL.to_vec());
        let attributes = vec(inner.clone(), 0..3).prop_map(|values| {
            let names = ["axis", "within", "k"].iter();
            names.zip(values).map(|(key, value)| Attribute { name: name(key), value }).collect::<Vec<_>>()
        });
        let with = |mut a: Expression, what: What| {
            a.items.push(item(what));
            a
        };
        prop_oneof![
            inner.clone().prop_map(move |a| with(a, What::Negate)),
            inner.clone().prop_map(move |a| with(a, What::Not)),
            (inner.clone(), inner.clone(), binary)
                .prop_map(move |(a, b, sign)| with(joined(vec![a, b]), What::Binary(sign))),
            (inner.clone(), vec((subscript(), vec(inner.clone(), 3)), 1..3)).prop_map(move |(a, places)| {
                let mut parts = vec![a];
                for (place, bounds) in &places {
                    parts.extend(bounds.iter().take(place.operands()).cloned().map(no_number));
                }
                let places: Vec<_> = places.into_iter().map(|(place, _)| place).collect();
                with(joined(parts), What::Index(places.into()))
            }),
            vec(inner.clone(), 0..4).prop_map(move |values| {
                let count = values.len() as u32;
                with(joined(values), What::Array(count))
            }),
            (select(OPS), vec(inner, 0..4), any::<bool>(), attributes).prop_map(
                move |(op, values, piped, attributes)| {
                    let inputs = values.len() as u32;
                    let (runs, named) = (None, Vec::new());
                    let call =
                        Call { name: name(op), inputs, piped: piped && inputs > 0, runs, named, attributes };
                    with(joined(values), What::Call(Box::new(call)))
                }
            ),
        ]
    })
}

/// A bound that is no number as it stands, which would be one of the place itself.
fn no_number(mut bound: Expression) -> Expression {
    if let [Item { what: What::Int(_), .. }]
    | [Item { what: What::Int(_), .. }, Item { what: What::Negate, .. }] = &bound.items[..]
    {
        bound.items = vec![item(What::Name("n".into()))];
    }
    bound
}

fn joined(parts: Vec<Expression>) -> Expression {
    expression_of(parts.into_iter().flat_map(|part| part.items).collect())
}

fn type_note() -> impl Strategy<Value = TypeNote> {
    let dim = prop_oneof![
        (0..999usize).prop_map(Dim::Number),
        select(vec!["n", "長さ"]).prop_map(|name| Dim::Name(name.into())),
    ];
    let kind = select(vec![Kind::Float, Kind::Int, Kind::Bool]);
    (kind, option::of(vec(dim.prop_map(spanned), 0..3))).prop_map(|(kind, dims)| TypeNote {
        kind,
        dims,
        span: Span::default(),
    })
}

fn leaves(prefix: &'static str) -> impl Strategy<Value = Vec<Leaf>> {
    let role = match prefix {
        "" => select(vec![Role::Input, Role::Param, Role::Const]),
        _ => select(vec![Role::Param, Role::Const]),
    };
    let leaf = (role, option::of(type_note()), option::of(expression()));
    vec(leaf, 0..4).prop_map(move |leaves| {
        let leaves = leaves.into_iter().enumerate();
        leaves
            .map(|(at, (role, ty, value))| Leaf {
                role,
                name: name(&format!("葉{prefix}{at}")),
                ty,
                value,
                span: Span::default(),
            })
            .collect()
    })
}

fn nodes() -> impl Strategy<Value = Vec<Node>> {
    vec(expression(), 0..3).prop_map(|values| {
        let values = values.into_iter().enumerate();
        values
            .map(|(at, value)| Node {
                name: name(&format!("node{at}")),
                others: (0..at).map(|other| name(&format!("part{at}{other}"))).collect(),
                value,
                span: Span::default(),
            })
            .collect()
    })
}

fn block() -> impl Strategy<Value = Block> {
    let inputs = vec(option::of(type_note()), 0..3);
    let attributes = vec(option::of(expression()), 0..3);
    let outputs = vec(path(), 0..2);
    (inputs, attributes, leaves("b"), nodes(), outputs, vec(expression(), 0..3)).prop_map(
        |(inputs, attributes, leaves, nodes, outputs, backward)| Block {
            name: name("ブロック"),
            inputs: (0..)
                .zip(inputs)
                .map(|(at, ty)| BlockInput { name: name(&format!("i{at}")), ty })
                .collect(),
            attributes: (0..)
                .zip(attributes)
                .map(|(at, default)| BlockAttribute { name: name(&format!("k{at}")), default })
                .collect(),
            leaves,
            nodes,
            outputs: outputs.iter().map(|output| name(output)).collect(),
            backward: (0..)
                .zip(backward)
                .map(|(at, value)| Backward {
                    name: name(&format!("i{at}")),
                    value,
                    surrogate: at > 0,
                    span: Span::default(),
                })
                .collect(),
            broken: vec![],
            span: Span::default(),
        },
    )
}

fn expectations() -> impl Strategy<Value = Vec<Expectation>> {
    let within = option::of((0.0..1e9f64, 0..9usize).prop_map(|(size, kind)| {
        spanned(match kind {
            0..6 => Tolerance::Part(size),
            6 => Tolerance::Ulps(size, Precision::F64),
            7 => Tolerance::Ulps(size, Precision::Bf16),
            _ => Tolerance::Rounding(Precision::ALL[size as usize % 7]),
        })
    }));
    let one = (0..5usize, expression(), within, type_note(), any::<String>());
    vec(one, 0..5).prop_map(|all| {
        let mut error = false;
        let mut check = false;
        let all = all.into_iter().enumerate().filter_map(|(at, (kind, value, within, note, text))| {
            let name = name(&format!("e{at}.relu1"));
            let of = match kind {
                0 => Expected::Value { name, value },
                1 => Expected::Gradient { name, value },
                2 => Expected::Shape { name, shape: spanned(note.dims.unwrap_or_default()) },
                3 if !std::mem::replace(&mut check, true) => Expected::Check(self::name("ok")),
                4 if !std::mem::replace(&mut error, true) => Expected::Error(spanned(text)),
                _ => return None,
            };
            let within = if kind < 2 { within } else { None };
            Some(Expectation { of, within, span: Span::default() })
        });
        all.collect()
    })
}

fn settings() -> impl Strategy<Value = Vec<Setting>> {
    let value = prop_oneof![
        (-1e9..1e9f64).prop_map(|number| SettingValue::Number(spanned(number))),
        (0..9u8).prop_map(|number| SettingValue::Number(spanned(number.into()))),
        vec(path(), 0..3).prop_map(|names| SettingValue::Names(names.iter().map(|n| name(n)).collect())),
    ];
    vec(value, 0..3).prop_map(|values| {
        let values = values.into_iter().enumerate();
        values.map(|(at, value)| Setting { name: name(&format!("s{at}")), value }).collect()
    })
}

fn testing() -> impl Strategy<Value = Testing> {
    let tags = vec(select(vec!["slow", "gpu-only", "_1", "遅い", "skip"]), 0..3);
    let reason = || option::of(any::<String>().prop_map(spanned));
    let within = option::of((0.0..1e9f64).prop_map(spanned));
    (tags, reason(), reason(), within).prop_map(|(tags, skip, xfail, within)| {
        let tags = tags.into_iter().map(name).collect();
        Testing { tags, skip, xfail, within }
    })
}

fn document() -> impl Strategy<Value = Document> {
    let head = (option::of(any::<String>()), option::of(any::<u64>()), vec("[a-z./\"]{1,8}", 0..3));
    let body = (leaves(""), nodes(), vec(path(), 0..3), option::of(block()));
    (head, testing(), body, expectations(), settings()).prop_map(
        |((title, seed, uses), testing, (leaves, nodes, outputs, block), expectations, settings)| Document {
            title: title.map(spanned),
            seed: seed.map(spanned),
            testing,
            uses: uses.into_iter().map(spanned).collect(),
            leaves,
            nodes,
            outputs: outputs.iter().map(|output| name(output)).collect(),
            blocks: block.into_iter().collect(),
            expectations,
            settings,
            ..Document::default()
        },
    )
}

#[test]
fn tensors_are_written_with_all_their_bits() {
    use crate::{
        shape::Shape,
        syntax::print::{literal, print_expression},
        tensor::Tensor,
    };
    let shape = Shape::new(&[2]);
    let of = |tensor: Option<Tensor>, whole| print_expression(&literal(&tensor.unwrap(), whole));
    let ints = vec![9_007_199_254_740_993, i64::MAX];
    assert_eq!(of(Tensor::int(&shape, ints), true), "[9007199254740993, 9223372036854775807]");
    assert_eq!(of(Tensor::float(&shape, vec![-0.0, 3.0]), true), "[-0.0, 3]");
    assert_eq!(of(Tensor::float(&shape, vec![-0.0, 3.0]), false), "[-0.0, 3.0]");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn an_expression_survives(expression in expression()) {
        let text = print_expression(&expression);
        let again = parse_expression(&source(&text), &reading());
        let again = again.unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        prop_assert_eq!(rpn(&again), rpn(&expression), "{}", text);
    }

    #[test]
    fn a_document_survives_in_both_spellings(document in document()) {
        let expected = bare(&document);
        for spelling in [Spelling::Graph, Spelling::Toml] {
            let text = print(&document, spelling);
            let read = good(&text, spelling);
            prop_assert_eq!(&bare(&read), &expected, "{}", text);
            let other = if spelling == Spelling::Graph { Spelling::Toml } else { Spelling::Graph };
            let twin = good(&print(&read, other), other);
            prop_assert_eq!(&bare(&twin), &expected, "{}", text);
            prop_assert_eq!(print(&twin, spelling), text);
        }
    }

    /// The statements that the reader takes one by one are a file to the grammar.
    #[test]
    fn the_grammar_of_a_file_accepts_what_the_reader_accepts(document in document()) {
        let text = print(&document, Spelling::Graph);
        prop_assert!(grammar::matches(grammar::Rule::file, &text), "{}", text);
    }

    #[test]
    fn no_text_makes_the_reader_panic(words in vec(select(WORDS), 0..40)) {
        let text: String = words.concat();
        let mut sources = SourceMap::default();
        for spelling in [Spelling::Graph, Spelling::Toml] {
            let source = sources.add("t", &text).unwrap();
            let parsed = parse(&source, spelling, &reading());
            render(&parsed.errors, &sources, false);
            if spelling == Spelling::Graph && !grammar::matches(grammar::Rule::file, &text) {
                prop_assert!(!parsed.errors.is_empty(), "{:?} is no file", text);
            }
            if parsed.errors.is_empty() {
                let printed = print(&parsed.document, spelling);
                let again = parse(&sources.add("t", &printed).unwrap(), spelling, &reading());
                prop_assert!(again.errors.is_empty(), "{}\n{}\n{:?}", text, printed, again.errors);
            }
        }
        let source = sources.add("t", &text).unwrap();
        if let Err(errors) = parse_expression(&source, &reading()) {
            prop_assert!(!errors.is_empty());
            render(&errors, &sources, false);
        }
    }
}

const WORDS: &[&str] = &[
    "input ",
    "param ",
    "const ",
    "x",
    "y.z",
    " = ",
    "=",
    "==",
    "1",
    "2.5",
    "1e",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    "\n",
    "\n",
    "\r\n",
    "->",
    "-",
    "**",
    "*",
    "@",
    "\"",
    "'",
    "\"a\"",
    "\\",
    "# c",
    "block f(x) {\n",
    "check {",
    "expect ",
    "grad(x)",
    "shape(x) = ",
    "error \"a\"",
    " within ",
    "title \"t\"",
    "seed 1",
    "use \"f\"",
    "tags ",
    "skip ",
    "xfail \"a\"",
    "within 1",
    "output x",
    "backward x = ",
    "りんご",
    "　",
    "é",
    "\u{feff}",
    "[nodes]\n",
    "[inputs]\n",
    "x = ",
    "\"\"\"",
    "\\u{41}",
    "relu",
    "softmax-loss",
    "0:3",
    " ",
    " ",
    "\u{301}",
    "[nodes.y]\nop = \"relu\"\n",
    "true",
    "inf",
];
