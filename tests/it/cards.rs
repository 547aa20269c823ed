//! Laws over all cards: what an op or an initializer says of itself is true.

use graphrun::{
    Run, Spelling,
    compare::{Options, compare},
    initializers, ops,
};

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && text.chars().next().is_some_and(char::is_uppercase) && !text.contains('\n')
}

/// The first name of a list that stands before one that comes earlier in the alphabet.
fn out_of_order<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let pairs = names.clone().zip(names.skip(1));
    pairs
        .into_iter()
        .find(|(one, next)| one >= next)
        .map(|(one, next)| format!("`{next}` belongs before `{one}`"))
}

#[test]
fn ops_are_sorted_and_say_all_there_is_to_say() {
    assert_eq!(out_of_order(ops::ALL.iter().map(|entry| entry.card.name)), None, "in ops/mod.rs");
    for card in ops::ALL.iter().map(|entry| entry.card) {
        let name = card.name;
        assert!(is_sentence(card.doc), "{name}: {:?}", card.doc);
        assert!(!card.inputs.is_empty() && !card.samples.is_empty() && !card.refusals.is_empty(), "{name}");
        assert!(!card.forward.is_empty() && !card.elsewhere.torch.is_empty(), "{name}");
        for (input, formula) in card.backward {
            assert!(card.inputs.iter().any(|edge| edge.name == *input), "{name}: no input {input}");
            assert!(!formula.is_empty());
        }
        assert!(initializers::find(name).is_none(), "{name} is an op and an initializer");
    }
}

#[test]
fn samples_give_what_their_cards_say() {
    for card in ops::ALL.iter().map(|entry| entry.card) {
        for sample in card.samples {
            let (leaves, call) = crate::common::with_leaves(card, sample.call);
            let graph = crate::common::read(&format!("{leaves}y = {call}\noutput y\n"));
            let got = Run::of(&graph, graphrun::precision::Precision::F64, graphrun::run::Direction::Forward)
                .value("y")
                .unwrap();
            let want = crate::common::constant(sample.output);
            assert_eq!(got.shape(), want.shape(), "{}", sample.call);
            let (got, want) = (got.to_floats(), want.to_floats());
            assert!(crate::common::close(&got, &want, 1e-12), "{}: {got:?}, not {want:?}", sample.call);
        }
    }
}

#[test]
fn samples_pass_the_comparison() {
    for card in ops::ALL.iter().map(|entry| entry.card).filter(|card| !card.backward.is_empty()) {
        for sample in card.samples {
            let (leaves, call) = crate::common::with_leaves(card, sample.call);
            let graph = crate::common::read(&format!("{leaves}y = {call}\n"));
            if graph.wanted.is_empty() {
                continue;
            }
            let comparison = compare(&graph, &graph.wanted, &Options::default());
            let fine = comparison.word() == "ok" || (comparison.word() == "kink" && card.kinks.is_some());
            assert!(fine, "{}: {comparison:#?}", sample.call);
        }
    }
}

#[test]
fn samples_mean_the_same_as_tables() {
    for card in ops::ALL.iter().map(|entry| entry.card) {
        for sample in card.samples {
            let (leaves, call) = crate::common::with_leaves(card, sample.call);
            let mut tables: [String; 2] = ["[inputs]\n".into(), "[consts]\n".into()];
            for line in leaves.lines() {
                let (name, value) = line.split_once(" = ").unwrap();
                match name.strip_prefix("input ") {
                    Some(name) => tables[0] += &format!("{name} = {value}\n"),
                    None => {
                        let (name, kind) = name["const ".len()..].split_once(": ").unwrap();
                        tables[1] += &format!("{name} = {{ type = \"{kind}\", value = {value} }}\n");
                    }
                }
            }
            let (edges, attributes): (Vec<_>, Vec<_>) =
                crate::common::arguments(&call).into_iter().partition(|argument| !argument.contains(" = "));
            let edges: Vec<String> = edges.iter().map(|edge| format!("{edge:?}")).collect();
            let toml = format!(
                "output = \"y\"\n{}{}[nodes.y]\nop = \"{}\"\ninputs = [{}]\n{}\n",
                tables[0],
                tables[1],
                card.name,
                edges.join(", "),
                attributes.join("\n")
            );
            let table =
                graphrun::read(&toml, Spelling::Toml).unwrap_or_else(|fault| panic!("{toml}\n{fault}"));
            let line = crate::common::read(&format!("{leaves}y = {call}\noutput y\n"));
            let forward = graphrun::run::Direction::Forward;
            let value =
                |graph| Run::of(graph, graphrun::precision::Precision::F64, forward).value("y").unwrap();
            let bits = |graph| value(graph).to_floats().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&table), bits(&line), "{}", sample.call);
        }
    }
}

#[test]
fn refusals_are_refused_in_the_words_of_their_cards() {
    for card in ops::ALL.iter().map(|entry| entry.card) {
        for refusal in card.refusals {
            let text = format!("input x = 1\ny = x * {}\n", refusal.call);
            let Err(refused) = graphrun::read(&text, Spelling::Graph) else { panic!("not refused:\n{text}") };
            let said = refused.to_string();
            assert!(said.contains(refusal.message), "{}: {said:?}, not {:?}", refusal.call, refusal.message);
        }
    }
}

#[test]
fn initializers_are_sorted_and_their_examples_are_leaves() {
    assert_eq!(
        out_of_order(initializers::ALL.iter().map(|one| one.card().name)),
        None,
        "in initializers/mod.rs"
    );
    for card in initializers::ALL.iter().map(|source| source.card()) {
        assert!(is_sentence(card.doc), "{}: {:?}", card.name, card.doc);
        let text = format!("{}\ninput other = 1\noutcome = 2 * other\n", card.example);
        match graphrun::read(&text, Spelling::Graph) {
            Ok(_) => {}
            Err(refused) => {
                let said = refused.to_string();
                assert!(
                    said.contains("no file") || said.contains("not found") || said.contains("not in"),
                    "{text}\n{said}"
                );
            }
        }
    }
}
