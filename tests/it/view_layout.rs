//! Pictures: nothing in them lies on anything else, and large graphs get an answer.

use crate::common::pictures::{examples, faults, graph, item, scene};
use graphrun::{
    Run,
    report::Style,
    view::{self, Detail, Direction, Form, Marks, Scene},
};

#[test]
fn nothing_lies_on_anything_else() {
    for (path, graph) in examples() {
        for depth in [None, Some(0), Some(1), Some(9)] {
            for direction in [Direction::Auto, Direction::Right, Direction::Down] {
                let (scene, layout) = view::arranged(scene(&graph, depth), direction).unwrap();
                let found = faults(&scene, &layout);
                let what = format!("{} at {depth:?} {direction:?}", path.display());
                assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
            }
        }
    }
}

/// A graph of some ops and blocks on earlier values, as a seed has it.
fn tangle(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    let mut text = String::from(
        "block twice(p, q) {\n d = p * 2 - q\n output d\n backward p = upstream * 2\n backward q = -upstream\n}\n\
         block around(p, q; k = 3) {\n param own = 0.5\n r = twice(q, p) * own\n e = r / k + p\n output e\n}\n",
    );
    let mut names: Vec<String> = Vec::new();
    for at in 0..2 + below(4) {
        let role = ["input", "param", "const"][below(3).min(at)];
        text += &format!("{role} leaf_{at} = {}\n", [1.0, 0.3333333333333333, -12345.678][below(3)]);
        names.push(format!("leaf_{at}"));
    }
    for at in 0..3 + below(9) {
        let (a, b) = (names[below(names.len())].clone(), names[below(names.len())].clone());
        let call = match below(7) {
            0 => format!("{a} + {b}"),
            1 => format!("{a} * {b} - 1"),
            2 => format!("sigmoid({a}) / 2"),
            3 => format!("twice({a}, {b})"),
            4 => format!("around({a}, {b})"),
            5 => format!("{a} -> tanh -> around({b})"),
            _ => format!("exp(-{a})"),
        };
        text +=
            &format!("{0} = {call}\n", ["n", "a_longer_name_", "値"][below(3)].to_string() + &at.to_string());
        let name = text.lines().last().unwrap().split(' ').next().unwrap().to_string();
        names.push(name);
    }
    text + &format!("last = leaf_0 * {}\noutput last\n", names[names.len() - 1])
}

#[test]
fn nothing_lies_on_anything_else_in_tangles() {
    for seed in 0..60 {
        let text = tangle(seed);
        let graph = graph(&text);
        for depth in [Some(0), Some(1), Some(2)] {
            let scene = scene(&graph, depth);
            for direction in [Direction::Auto, Direction::Right, Direction::Down] {
                let (scene, layout) = view::arranged(scene.clone(), direction).unwrap();
                let found = faults(&scene, &layout);
                assert!(
                    found.is_empty(),
                    "seed {seed} at {depth:?} {direction:?}:\n{}\n{text}",
                    found.join("\n")
                );
            }
            let drawn = view::text::draw(&scene, Style { color: false }).unwrap().text;
            for item in scene.items.iter().filter(|item| !matches!(item.form, Form::Port)) {
                assert!(drawn.contains(&item.sign), "seed {seed}: {} is not in\n{drawn}", item.key);
            }
        }
    }
}

/// Nodes in a row, each using a shared leaf too.
fn long(nodes: usize) -> String {
    let mut text = String::from("input x = 1\ninput w = 0.999\nn0 = x * w\n");
    (1..nodes).for_each(|at| text += &format!("n{at} = n{} * w\n", at - 1));
    text
}

#[test]
fn names_are_cut_nowhere_and_take_the_room_they_need() {
    let graph = graph("input りんごの値段 = 100\ninput 個数 = 2\n支払い金額 = りんごの値段 * 個数");
    let scene = scene(&graph, None);
    let layout = view::svg::layout(&scene).unwrap();
    assert_eq!(faults(&scene, &layout), [""; 0]);
    let at = scene.items.iter().position(|item| item.key == "りんごの値段").unwrap();
    assert!(layout.items[at].width > 6.0 * 13.5, "six letters as wide as they are high");
    let text = view::text::draw(&scene, Style { color: false }).unwrap().text;
    assert!(text.contains("│ りんごの値段 │"), "{text}");
    // Both uprights of the box stand in the same cells as its corners.
    let columns = |line: &str| unicode_width::UnicodeWidthStr::width(line.split('│').next().unwrap_or(""));
    let name = text.lines().find(|line| line.contains("値段 │")).unwrap();
    let corner = text.lines().find_map(|line| line.find('╭').map(|at| line[..at].chars().count())).unwrap();
    assert_eq!(columns(name), corner, "{text}");
}

#[test]
fn large_graphs_are_laid_out_with_their_longest_edges_cut() {
    let graph = graph(&long(1200));
    let scene = scene(&graph, None);
    let tags = scene.items.iter().filter(|item| item.form == Form::Tag && item.sign == "w").count();
    assert!(tags > 1000, "{tags}");
    assert!(scene.remarks.iter().any(|remark| remark.contains("cut")));
    let layout = view::svg::layout(&scene).unwrap();
    assert!(layout.items.iter().all(|place| place.x.is_finite() && place.right() <= layout.width));
}

#[test]
fn what_nobody_could_read_is_refused_and_a_part_is_not() {
    let graph = graph(&long(100_000));
    let run = Run::backward(&graph);
    let detail = Detail { most: Some(view::MOST_ITEMS), ..Detail::default() };
    let refused = Scene::of(&run, &detail, &Marks::default()).unwrap_err();
    assert!(refused.to_string().contains("100002 parts"), "{refused}");
    let near = graph.find("n50000").map(|value| (value, 2));
    let scene = Scene::of(&run, &Detail { near, ..detail.clone() }, &Marks::default()).unwrap();
    let mut names: Vec<&str> = scene.items.iter().map(|item| &*item.key).collect();
    names.sort_unstable();
    assert_eq!(names, ["n49998", "n49999", "n50000", "n50001", "n50002", "n50002>", "w"]);
    // Graphviz may try.
    let whole = Scene::of(&run, &Detail::default(), &Marks::default()).unwrap();
    assert!(view::dot(&whole, view::Axis::Right).lines().count() > 300_000);
}

#[test]
fn statements_fold_where_a_graph_is_large() {
    let mut text = String::from("input x = 1\n");
    (0..1000).for_each(|at| text += &format!("n{at} = exp(-x * {at}) + sin(x / 2)\n"));
    text += "output n0\n";
    let graph = graph(&text);
    let scene = scene(&graph, None);
    assert_eq!(item(&scene, "n7").form, Form::Fold);
    assert_eq!(scene.items.iter().filter(|item| item.form == Form::Fold).count(), 1000);
    assert!(scene.remarks.iter().any(|remark| remark.contains("folded")));
}

#[test]
fn many_opened_blocks_are_laid_out() {
    let mut text = String::from(
        "block sig(x) {\n y = 1 / (1 + exp(-x))\n output y\n}\n\
         block pair(x) {\n a = x -> sig -> sig\n y = a + x\n output y\n}\ninput h0 = 1\n",
    );
    (1..60).for_each(|at| text += &format!("h{at} = pair(h{})\n", at - 1));
    let graph = graph(&text);
    let scene = scene(&graph, Some(2));
    assert_eq!(scene.groups.len(), 3 * 59);
    let layout = view::svg::layout(&scene).unwrap();
    assert_eq!(faults(&scene, &layout), [""; 0]);
    // A block is about as wide as what is in it, and not as the whole picture.
    assert!(layout.groups.iter().all(|group| group.width < layout.width / 20.0));
}
