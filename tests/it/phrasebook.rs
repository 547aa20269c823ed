//! The table of other languages' words, row by row: what triggers a row gets its advice, and
//! what an advice shows is accepted when it is put into a file.

use graphrun::{
    Refusal, Spelling, gallery, initializers, ops,
    phrasebook::{
        ALIASES, ATTRIBUTES, BLOCKS, LEFT_OUT, NAMES, OPS, PROPERTIES, Phrase, SIGNS, STATEMENTS, SUBSCRIPTS,
        WORDS, alias, fill,
    },
};

/// What the advices speak of, by name.
const LEAVES: &[(&str, &str)] = &[
    ("x", "input x: [2, 3] = [[0.5, 0.25, 0.75], [0.1, 0.2, 0.3]]"),
    ("a", "input a: [2, 3] = [[0.5, 0.2, 0.7], [0.1, 0.2, 0.3]]"),
    ("b", "input b: [2, 3] = [[0.4, 0.3, 0.1], [0.9, 0.2, 0.3]]"),
    ("A", "input A: [2, 3] = [[0.4, 0.3, 0.1], [0.9, 0.2, 0.3]]"),
    ("B", "input B: [3, 2] = [[0.4, 0.3], [0.1, 0.9], [0.2, 0.3]]"),
    ("W", "param W: [3, 2] = [[0.4, 0.3], [0.1, 0.9], [0.2, 0.3]]"),
    ("bias", "param bias: [2] = [0.4, 0.3]"),
    ("t", "const t: int[2] = [1, 0]"),
];

/// Single words of the language, and what is typed in a shell.
fn is_word(snippet: &str) -> bool {
    let words = [
        "scan", "repeat", "split", "None", "#", "=", "*", ":", "[", "]", "\"", "upstream", "backward", "int",
        "expect", "output", "input", "param",
    ];
    words.contains(&snippet)
        || ops::find(snippet).is_some()
        || snippet.starts_with("graphrun ")
        || snippet.starts_with("--")
        || snippet.starts_with("use ")
}

fn snippets(advice: &str) -> Vec<&str> {
    advice.split('`').skip(1).step_by(2).filter(|snippet| !is_word(snippet)).collect()
}

fn is_statement(snippet: &str) -> bool {
    let outside = snippet.split(['(', '[']).next().unwrap_or("");
    outside.split(' ').any(|word| word == "=")
        || ["input ", "param ", "const ", "expect ", "block ", "seed "]
            .iter()
            .any(|word| snippet.starts_with(word))
        || snippet == "output y"
}

/// The names that a file's statements define.
fn defined(lines: &[String]) -> Vec<&str> {
    let words = lines.iter().map(|line| line.split([' ', ':']).collect::<Vec<_>>());
    words
        .filter_map(|words| match words[..] {
            ["input" | "param" | "const", name, ..] => Some(name),
            [name, "=", ..] => Some(name),
            _ => None,
        })
        .collect()
}

/// A file with all that an advice shows; `scalar` makes x a number.
fn file(advice: &str, scalar: bool) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut expressions = Vec::new();
    for snippet in snippets(advice) {
        match snippet {
            _ if snippet.starts_with("backward ") || snippet.starts_with("surrogate ") => {
                lines.push(format!("block g(x) {{\n  y = x * 2\n  output y\n  {snippet}\n}}"))
            }
            _ if is_statement(snippet) => lines.push(snippet.to_string()),
            _ => expressions.push(snippet),
        }
    }
    let own: Vec<String> = defined(&lines).into_iter().map(str::to_string).collect();
    for (name, leaf) in LEAVES.iter().rev() {
        match own.iter().any(|own| own == name) {
            true => {}
            false if scalar && *name == "x" => lines.insert(0, "input x = 3".into()),
            false => lines.insert(0, leaf.to_string()),
        }
    }
    if advice.contains("`output y`") && !own.iter().any(|own| own == "y") {
        lines.push("y = sum(x)".into());
    }
    lines.extend(expressions.iter().enumerate().map(|(at, expression)| format!("r{at} = {expression}")));
    lines.push("the_loss = sum(x * x)".into());
    if !advice.contains("`output y`") {
        lines.push("output the_loss".into());
    }
    lines.join("\n") + "\n"
}

fn tables() -> Vec<&'static Phrase> {
    let all = [LEFT_OUT, NAMES, OPS, PROPERTIES, SIGNS, STATEMENTS, SUBSCRIPTS, WORDS];
    all.into_iter().flatten().collect()
}

#[test]
fn what_an_advice_shows_is_accepted() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for phrase in tables() {
        let advice = fill(phrase.here, &[]);
        tried += snippets(&advice).len();
        let faults: Vec<Refusal> = [false, true]
            .into_iter()
            .filter_map(|scalar| graphrun::read(&file(&advice, scalar), Spelling::Graph).err())
            .collect();
        if let [fault, _] = &faults[..] {
            wrong.push(format!("{:?}\n{}{fault}\n", phrase.typed, file(&advice, false)));
        }
    }
    assert!(tried > 150, "{tried}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn leaves() -> String {
    LEAVES.iter().map(|(_, leaf)| format!("{leaf}\n")).collect()
}

fn refusal(text: &str, spelling: Spelling) -> Refusal {
    graphrun::read(text, spelling).err().unwrap_or(Refusal(Vec::new()))
}

/// The same lines as a `.toml` file, where they are nodes alone.
fn toml(lines: &str) -> Option<String> {
    let (name, value) = lines.split_once(" = ").filter(|(name, _)| *name == "r")?;
    let tensor = "[[0.5, 0.25, 0.75], [0.1, 0.2, 0.3]]";
    let quoted = if value.contains('\'') {
        format!("\"{}\"", value.replace('"', "\\\""))
    } else {
        format!("'{value}'")
    };
    Some(format!(
        "[inputs]\nx = {tensor}\na = {tensor}\nb = {tensor}\n[consts]\nt = {{ type = \"int\", value = [1, 0] }}\n[nodes]\n{name} = {quoted}\n"
    ))
}

/// Some text of these gets the advice, and nothing else, in either spelling.
fn triggers(texts: &[String], advice: impl Fn(&str) -> bool) -> Result<(), String> {
    let is_right =
        |refusal: &Refusal| matches!(&refusal.0[..], [one] if one.help.iter().any(|help| advice(help)));
    let mut said = Vec::new();
    for text in texts {
        let graph = refusal(&format!("{}{text}\n", leaves()), Spelling::Graph);
        let in_toml = toml(text).map(|toml| refusal(&toml, Spelling::Toml));
        if is_right(&graph) && in_toml.as_ref().is_none_or(is_right) {
            return Ok(());
        }
        said.push(format!(
            "{text}\n  graph {:?}\n  toml {:?}",
            graph.0.iter().map(|one| (&one.message, &one.help)).collect::<Vec<_>>(),
            in_toml.map(|one| one
                .0
                .iter()
                .map(|one| (one.message.clone(), one.help.clone()))
                .collect::<Vec<_>>())
        ));
    }
    Err(said.join("\n"))
}

fn is_advice(phrase: &Phrase, help: &str) -> bool {
    let letters: [&[(char, &str)]; 4] =
        [&[], &[('x', "a")], &[('a', "x"), ('b', "1")], &[('a', "x"), ('b', "1"), ('x', "x")]];
    letters.iter().any(|letters| help == fill(phrase.here, letters))
}

fn every(table: &[Phrase], texts: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let each = table.iter().flat_map(|phrase| phrase.typed.iter().map(move |typed| (phrase, *typed)));
    each.filter_map(|(phrase, typed)| triggers(&texts(typed), |help| is_advice(phrase, help)).err()).collect()
}

#[test]
fn words_of_other_languages_get_their_advice() {
    let one = |text: String| vec![text];
    let mut wrong = every(OPS, |op| one(format!("r = {op}(x)")));
    wrong.extend(every(OPS, |op| one(format!("r = np.{op}(x)"))));
    wrong.extend(every(OPS, |op| one(format!("r = x.{op}()"))));
    wrong.extend(every(NAMES, |name| one(format!("r = {name} * x"))));
    wrong.extend(every(PROPERTIES, |name| one(format!("r = x.{name} * a"))));
    wrong.extend(every(SIGNS, |sign| {
        let places = [
            format!("r = a {sign} b"),
            format!("r = {sign}x"),
            format!("r = x{sign}"),
            format!("x {sign} 1"),
            format!("r = sum({sign}x)"),
        ];
        places.to_vec()
    }));
    wrong.extend(every(WORDS, |word| [format!("r = a {word} b"), format!("r = {word} x")].to_vec()));
    wrong.extend(every(SUBSCRIPTS, |word| {
        [format!("r = x[{word}]"), format!("r = x[0{word}1]"), format!("r = x[{word}1]]")].to_vec()
    }));
    wrong.extend(every(STATEMENTS, |word| one(format!("{word} z = x"))));
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_called_otherwise_here_is_shown_with_its_own_values() {
    let mut wrong = Vec::new();
    for phrase in ALIASES {
        assert!(
            ops::find(phrase.here).is_some() || initializers::find(phrase.here).is_some(),
            "{}",
            phrase.here
        );
        for typed in phrase.typed {
            if LEAVES.iter().any(|(name, _)| name == typed) {
                continue;
            }
            let called = format!("here it is called `{}`", phrase.here);
            wrong.extend(triggers(&[format!("r = {typed}(x)")], |help| help.starts_with(&called)).err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn blocks_of_the_library_are_shown_with_the_line_that_takes_them_in() {
    let mut wrong = Vec::new();
    let others = BLOCKS.iter().flat_map(|phrase| phrase.typed.iter().map(|&typed| (typed, phrase.here)));
    // `huber` is an op under another name, too, which needs no line.
    let is_op = |typed: &str| alias(typed).is_some();
    let all = others.chain(gallery::entries().iter().map(|entry| (entry.name, entry.name)));
    for (typed, name) in all.filter(|(typed, _)| !is_op(typed)) {
        assert!(ops::find(typed).is_none() && initializers::find(typed).is_none(), "{typed}");
        let entry = gallery::entry(name).expect(name);
        let taken_in = format!("`{}` takes in the block `{}`", entry.used(), entry.signature());
        wrong.extend(triggers(&[format!("r = {typed}(x)")], |help| help == taken_in).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let Refusal(faults) = refusal("input x = [1, 2]\ny = rms_norm(x)\n", Spelling::Graph);
    assert_eq!(
        faults[0].help,
        ["`use \"std/norm\"` takes in the block `rms_norm(x: [n, d], gamma: [d]; eps = 1e-6)`"]
    );
    let Refusal(faults) = refusal("input x = [1, 2]\ny = layer_nrm(x)\n", Spelling::Graph);
    assert_eq!(faults[0].help[0], "did you mean the block `layer_norm`? `use \"std/norm\"` takes it in");
    let Refusal(faults) = refusal("input x = [1, 2]\ny = F.gelu(x)\n", Spelling::Graph);
    assert!(faults[0].help[0].starts_with("`use \"std/activation\"` takes in"), "{:?}", faults[0].help);
    assert!(faults[0].help[1].contains("0.5 * x"), "{:?}", faults[0].help);
}

#[test]
fn attributes_of_other_languages_get_their_names_here() {
    let mut wrong = Vec::new();
    for phrase in ATTRIBUTES {
        for (typed, name) in
            phrase.typed.iter().flat_map(|typed| phrase.here.split(' ').map(move |name| (typed, name)))
        {
            let op = ops::ALL.iter().find(|op| op.card.attributes.iter().any(|known| known.name == name));
            let text = match op {
                _ if *typed == name => continue,
                Some(op) => {
                    let inputs: Vec<&str> = op
                        .card
                        .inputs
                        .iter()
                        .map(|edge| if matches!(edge.name, "labels" | "t") { "t" } else { "x" })
                        .collect();
                    format!("r = {}({}, {typed} = 0)", op.card.name, inputs.join(", "))
                }
                None => {
                    let has = |card: &initializers::InitializerCard| {
                        card.parameters.iter().any(|known| known.name == name)
                    };
                    let card =
                        initializers::ALL.iter().map(|known| known.card()).find(|card| has(card)).unwrap();
                    format!("const z: [2] = {}({typed} = 0)", card.name)
                }
            };
            wrong.extend(
                triggers(&[text], |help| {
                    help == format!("here it is called `{name}`")
                        || help.starts_with("write `") && help.contains(&format!("{name} = 0"))
                })
                .err(),
            );
        }
    }
    wrong.extend(every(LEFT_OUT, |word| vec![format!("r = sum(x, {word} = 0)")]));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A call with its attributes by position is refused with the call that is accepted.
#[test]
fn attributes_by_position_are_shown_by_name() {
    let mut tried = 0;
    // Text is no operand, and which attribute it would be is not guessed.
    for op in ops::ALL.iter().filter(|op| !["einsum", "slice"].contains(&op.card.name)) {
        for sample in op.card.samples.iter().filter(|sample| sample.call.contains(" = ")) {
            let (mut typed, mut rest) = (String::new(), sample.call);
            while let Some((before, behind)) = rest.split_once(" = ") {
                typed.push_str(&before[..before.rfind(' ').map_or(0, |at| at + 1)]);
                rest = behind;
            }
            typed.push_str(rest);
            let given = sample.call.matches(" = ").count();
            // Only from the first attribute on is the order known.
            let in_order = op
                .card
                .attributes
                .iter()
                .take(given)
                .all(|known| sample.call.contains(&format!("{} = ", known.name)));
            if !in_order {
                continue;
            }
            let Refusal(errors) = refusal(&format!("input z = 1\nr = z * {typed}\n"), Spelling::Graph);
            let said = errors.first().and_then(|error| error.help.first()).cloned().unwrap_or_default();
            let shown = said.split('`').nth(1).unwrap_or("").to_string();
            let accepted = graphrun::read(&format!("input z = 1\nr = sum(z * {shown})\n"), Spelling::Graph);
            let is_int = accepted
                .as_ref()
                .is_err_and(|Refusal(errors)| errors.iter().all(|error| error.message.contains("float")));
            assert!(
                errors.len() == 1 && shown.contains(" = ") && (accepted.is_ok() || is_int),
                "{typed}: {errors:?} {accepted:?}"
            );
            tried += 1;
        }
    }
    assert!(tried > 15, "{tried}");
}
