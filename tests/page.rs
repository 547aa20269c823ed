//! The page in a real browser: every step, fold, key and number of it.
//!
//! Needs Chromium; where there is none the tests say so and pass, except under `CI`.

#[path = "common/browser.rs"]
mod browser;

use browser::{Opened, browser};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

fn graphs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs")
}

/// Writes the page of a graph and returns its address.
fn page(folder: &Path, graph: &Path, more: &[&str]) -> String {
    let out = folder.join(format!("{}.html", graph.file_name().unwrap().to_str().unwrap()));
    let done = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .arg("show")
        .arg(graph)
        .args(["--to", "html", "-o"])
        .arg(&out)
        .args(more)
        .output()
        .unwrap();
    assert!(out.exists(), "{}: {}", graph.display(), String::from_utf8_lossy(&done.stderr));
    format!("file://{}", out.display())
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn report(graph: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .arg(graph)
        .args(["--backward", "--all", "--format", "json"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn floats(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(rows) => rows.iter().flat_map(floats).collect(),
        Value::String(text) => vec![text.parse().unwrap()],
        value => vec![value.as_f64().unwrap()],
    }
}

/// The numbers that the panel shows in one colour.
fn shown(opened: &Opened, kind: &str) -> Vec<f64> {
    let expression = format!(
        "[...document.querySelectorAll('#panel table.{kind} td, #panel p.numbers.{kind}')].map((cell) => cell.textContent)"
    );
    let texts = opened.get(&expression);
    texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn every_example_opens_without_a_fault_and_shows_the_reports_numbers() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut numbers = 0;
    for name in [
        "buy_apple.toml",
        "apples_and_oranges.graph",
        "sigmoid.graph",
        "layers/batch_norm.graph",
        "wrong/sign.graph",
    ] {
        let graph = graphs().join(name);
        let opened = Opened::new(&browser, &page(folder.path(), &graph, &["--check"]));
        let report = report(&graph);
        for part in report["values"].as_object().unwrap().keys() {
            let is_there =
                opened.get(&format!("document.getElementById({:?}) !== null", format!("node-{part}")));
            if is_there == Value::Bool(false) {
                continue;
            }
            let id = format!("node-{part}");
            opened.run(&format!("document.getElementById('open-all').click(); document.getElementById({id:?}).dispatchEvent(new MouseEvent('click', {{ bubbles: true }}));"));
            assert_eq!(opened.text("#panel h2"), *part, "{name}");
            let value = floats(&report["values"][part]);
            assert_eq!(shown(&opened, "value"), value, "{name}: {part}");
            if let Some(gradient) = report["gradients"].get(part) {
                assert_eq!(shown(&opened, "gradient"), floats(gradient), "{name}: gradient of {part}");
                numbers += 1;
            }
        }
        opened.has_no_faults(name);
    }
    assert!(numbers > 15, "{numbers}");
}

#[test]
fn every_step_is_reached_by_key_and_says_what_explain_says() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(&browser, &page(folder.path(), &graphs().join("buy_apple.toml"), &[]));
    assert_eq!(opened.text("#says"), "all 4 steps done");
    opened.key("Home");
    assert!(opened.text("#says").starts_with("before the first of 4 steps"));
    // Only what the leaves hold is known.
    assert_eq!(opened.seen(".use:not(.no-value) text.value"), 3);
    let wanted = [
        (false, "apple_price = apple × apple_num = 100 × 2 = 200"),
        (false, "price = apple_price × tax = 200 × 1.1 = 220"),
        (true, "gradient to tax: upstream × apple_price = 1 × 200 = 200"),
        (true, "gradient to apple: upstream × apple_num = 1.1 × 2 = 2.2"),
    ];
    for (at, (back, sentence)) in wanted.into_iter().enumerate() {
        opened.key("ArrowRight");
        let says = opened.text("#says");
        let word = if back { "backward" } else { "forward" };
        assert!(says.starts_with(&format!("step {} of 4, {word}", at + 1)), "{says}");
        assert!(says.contains(sentence), "{says}");
        assert_eq!(opened.seen(".item.lit"), 1, "{says}");
        assert_eq!(opened.seen(".use.lit"), 2, "{says}");
        assert_eq!(opened.seen(".lit-back") > 0, back, "{says}");
        assert_eq!(opened.hash(), format!("#step={}", at + 1));
    }
    opened.key("ArrowLeft");
    assert!(opened.text("#says").starts_with("step 3 of 4"));
    opened.key("End");
    assert_eq!((opened.text("#says").as_str(), opened.hash().as_str()), ("all 4 steps done", ""));
    opened.run("const scrub = document.getElementById('scrub'); scrub.value = 2; scrub.dispatchEvent(new Event('input'))");
    assert!(opened.text("#says").starts_with("step 2 of 4"));
    opened.has_no_faults("steps");
}

#[test]
fn playing_ends_at_the_end() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(&browser, &page(folder.path(), &graphs().join("buy_apple.toml"), &[]));
    opened.run("document.getElementById('speed').value = '16'; document.activeElement.blur()");
    opened.tab.press_key(" ").unwrap();
    assert_eq!(opened.text("#play").trim(), "Pause");
    let done = "new Promise((done) => { const look = () => document.getElementById('play').innerText.trim() === 'Play' ? done(true) : setTimeout(look, 20); look(); })";
    opened.tab.evaluate(done, true).unwrap();
    assert_eq!(opened.text("#says"), "all 4 steps done");
    opened.has_no_faults("play");
}

const BLOCKS: &str = "block inner(x) {\n y = tanh(x)\n output y\n}\n\
    block outer(x; by = 2) {\n a = inner(x * by)\n y = a + x\n output y\n}\n\
    block other(x) {\n y = x * x\n output y\n backward x = upstream * 2 * x\n}\n\
    input x = 0.5\nparam w = 3\nh = outer(x * w)\nloss = other(h) / 4\n";

#[test]
fn blocks_fold_and_open_and_the_address_keeps_it() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "blocks.graph", BLOCKS);
    let url = page(folder.path(), &graph, &["--depth", "9"]);
    let opened = Opened::new(&browser, &url);
    let parts = |opened: &Opened| (opened.seen(".block"), opened.seen(".item.folded"));
    assert_eq!(parts(&opened), (3, 0), "all are open at first");
    opened.run("document.getElementById('fold-all').click()");
    assert_eq!(parts(&opened), (0, 2), "inner is in outer");
    // What both uses of x * w inside send back comes along one edge, summed.
    let gradient = report(&graph)["gradients"]["h.mul1"].as_f64().unwrap();
    let label = opened.text(".use[data-from='h.mul1']:not([style*=none]) text.gradient");
    let told: f64 =
        label.trim_start_matches("← ").replace('−', "-").parse().unwrap_or_else(|_| panic!("{label}"));
    assert!((told - gradient).abs() < 1e-5 * gradient.abs(), "{label} for {gradient}");
    let folded = opened.hash();
    assert!(folded.contains("fold="), "{folded}");
    opened.run("document.querySelector('.item.folded:not([style*=none])').dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))");
    let after = parts(&opened);
    assert_ne!(after, (0, 2));
    let again = Opened::new(&browser, &format!("{url}{}", opened.hash()));
    assert_eq!(parts(&again), after, "the address brings it back");
    again.key("Home");
    for _ in 0..20 {
        again.key("ArrowRight");
        let at = again.text("#says");
        assert!(at.starts_with("all") || again.seen(".item.lit") == 1, "{at}");
    }
    assert!(again.text("#says").starts_with("all"));
    // Nothing stands on anything else.
    let overlaps = "(() => { const boxes = [...document.querySelectorAll('.item')].filter((it) => it.getClientRects().length && it.dataset.form !== 'port')\
        .map((it) => it.querySelector('.shape') ?? it).map((it) => it.getBoundingClientRect());\
        return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)).length; })()";
    for opened in [&opened, &again] {
        assert_eq!(opened.get(overlaps), 0);
        opened.has_no_faults("folds");
    }
}

#[test]
fn a_block_that_puts_out_what_a_block_inside_makes_folds_apart_from_it() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let text = "block unit(x) {\n y = tanh(x)\n output y\n}\nblock two(x) {\n q = unit(x * 2)\n output q\n}\n\
        input x = 0.3\nh = two(x)\noutput h\n";
    let url = page(folder.path(), &written(folder.path(), "same.graph", text), &["--depth", "9"]);
    let opened = Opened::new(&browser, &url);
    assert_eq!(
        opened.get("[...document.querySelectorAll('.block')].map((it) => it.id)").as_array().unwrap().len(),
        2
    );
    let double = |selector: &str| {
        opened.run(&format!("document.querySelector({selector:?}).dispatchEvent(new MouseEvent('dblclick', {{ bubbles: true }}))"))
    };
    double("[id='group-h>unit']");
    assert_eq!((opened.seen(".block"), opened.seen(".item.folded")), (1, 1));
    assert_eq!(opened.text("#panel h2"), "unit h");
    double("#group-h");
    assert_eq!((opened.seen(".block"), opened.seen(".item.folded")), (0, 1));
    assert_eq!(opened.text("#panel h2"), "two h");
    opened.has_no_faults("one output of two blocks");
}

#[test]
fn search_finds_what_is_folded_away() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "blocks.graph", BLOCKS);
    let opened = Opened::new(&browser, &page(folder.path(), &graph, &["--depth", "0"]));
    assert_eq!(opened.seen(".block"), 0);
    opened.key("/");
    assert_eq!(opened.get("document.activeElement.id"), "search");
    opened.tab.type_str("tanh").unwrap();
    assert_eq!(opened.seen("#hits li"), 1);
    opened.key("Enter");
    assert!(opened.text("#panel h2").starts_with("h."), "{}", opened.text("#panel h2"));
    assert_eq!(opened.seen(".block"), 2, "the blocks around it are open");
    assert!(opened.hash().contains("part=h."), "{}", opened.hash());
    opened.has_no_faults("search");
}

#[test]
fn keys_and_readers_of_the_screen_reach_every_part() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(&browser, &page(folder.path(), &graphs().join("buy_apple.toml"), &[]));
    let mut reached = Vec::new();
    for _ in 0..6 {
        opened.key("ArrowDown");
        reached.push(opened.text("#panel h2"));
        assert_eq!(opened.get("document.activeElement.getAttribute('role')"), "button");
    }
    reached.dedup();
    assert_eq!(reached, ["apple", "apple_num", "tax", "apple_price", "price"]);
    opened.key("Escape");
    assert_eq!(opened.text("#panel h2"), "Two apples and the tax");
    assert_eq!(opened.get("document.getElementById('says').getAttribute('aria-live')"), "polite");
    let nameless = "[...document.querySelectorAll('button, input, select, [role=button]')].filter((it) => !(it.getAttribute('aria-label') || it.innerText || it.labels?.length)).length";
    assert_eq!(opened.get(nameless), 0);
    assert_eq!(opened.get("[...document.querySelectorAll('[id]')].length === new Set([...document.querySelectorAll('[id]')].map((it) => it.id)).size"), true);
    opened.has_no_faults("keys");
}

#[test]
fn wrong_blocks_and_kinks_are_marked() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let graph = graphs().join("wrong/missing_path.graph");
    let opened = Opened::new(&browser, &page(folder.path(), &graph, &["--check"]));
    assert!(opened.seen(".group.wrong, .folded .shape.wrong") >= 1);
    assert!(opened.text("#panel").contains("the fault is in this block"));
    let kink = written(folder.path(), "kink.graph", "input x = [0, 1]\ny = sum(relu(x))\n");
    let opened = Opened::new(&browser, &page(folder.path(), &kink, &["--check"]));
    assert!(opened.seen(".shape.kink") >= 1);
    opened.has_no_faults("marks");
}

#[test]
fn hostile_names_and_texts_stay_text() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let text = "title \"</script><script>faults.push('title')</script><!-- <b>\"\ninput x = 2\n\
                y = x * 3 # </script><img src=x onerror=\"faults.push('comment')\">\n";
    let graph = written(folder.path(), "a.graph", text);
    let opened = Opened::new(&browser, &page(folder.path(), &graph, &[]));
    assert!(opened.text("h1").starts_with("</script>"), "{}", opened.text("h1"));
    opened.key("ArrowUp");
    assert_eq!(opened.text("#panel h2"), "y");
    opened.has_no_faults("hostile");
}

#[test]
fn large_tensors_make_no_large_page_and_many_nodes_start_folded() {
    let folder = tempfile::tempdir().unwrap();
    let text = "const x: [100, 784] = uniform(0, 1)\nparam W: [784, 100] = randn()\nloss = mean(square(relu(x @ W)))\n";
    let url = page(folder.path(), &written(folder.path(), "wide.graph", text), &[]);
    let size = fs::metadata(url.strip_prefix("file://").unwrap()).unwrap().len();
    assert!(size < 150_000, "{size}");
    let mut text = String::from("input x = 1\nn0 = x + 1\n");
    for at in 1..800 {
        text.push_str(&format!("n{at} = n{} * 1.5 + tanh(n{}) - 1 / (2 + n{0})\n", at - 1, at - 1));
    }
    let url = page(folder.path(), &written(folder.path(), "long.graph", &text), &[]);
    let Some(browser) = browser() else { return };
    let opened = Opened::new(&browser, &url);
    assert!(opened.text(".legend").contains("folded"), "{}", opened.text(".legend"));
    opened.key("Home");
    opened.key("ArrowRight");
    assert!(opened.text("#says").starts_with("step 1 of"));
    assert_eq!(opened.seen(".item.lit"), 1);
    opened.has_no_faults("large");
}

/// Nine hundred ops of which each uses two of those before it.
fn large() -> String {
    let mut text = String::from("input n0 = 0.5\nparam n1 = 0.25\n");
    for at in 2..900 {
        let (near, far) = (at - 1 - at % 2, at - 1 - at * 7 % at.min(23));
        text.push_str(&match at % 3 {
            0 => format!("n{at} = tanh(n{near})\n"),
            1 => format!("n{at} = n{near} * n{far}\n"),
            _ => format!("n{at} = n{near} - n{far}\n"),
        });
    }
    text + "output n899\n"
}

/// Whether an element is in the tree, and on the stage.
fn is_on_stage(opened: &Opened, element: &str) -> bool {
    let expression = format!(
        "((part, stage) => part !== null && part.left >= stage.left && part.right <= stage.right && part.top >= stage.top && part.bottom <= stage.bottom)\
         ({element}?.querySelector('.shape').getBoundingClientRect() ?? null, document.getElementById('stage').getBoundingClientRect())"
    );
    opened.get(&expression) == Value::Bool(true)
}

#[test]
fn every_step_of_a_large_graph_is_reached_while_only_what_is_near_is_in_the_tree() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "large.graph", &large());
    let opened = Opened::new(&browser, &page(folder.path(), &graph, &[]));
    let report = report(&graph);
    assert!(is_on_stage(&opened, "document.getElementById('node-n0')"), "one begins at the first part");
    opened.key("Home");
    let steps = opened.get(
        "(() => { const steps = [];\
           const texts = (selector) => [...document.querySelectorAll(selector)].map((it) => it.textContent);\
           const numbers = (kind) => texts(`#panel p.numbers.${kind}`).map(Number);\
           for (let at = 0; at < Number(document.getElementById('scrub').max); at++) {\
             document.getElementById('forth').click();\
             steps.push({ name: texts('#panel h2')[0], lit: texts('.item.lit').length, ahead: texts('.item.lit.ahead').length,\
               inside: texts('#world > .item').length, value: numbers('value'), gradient: numbers('gradient') });\
           }\
           return steps; })()",
    );
    let steps = steps.as_array().unwrap();
    assert!(steps.len() > 1500, "{}", steps.len());
    for step in steps {
        let name = step["name"].as_str().unwrap();
        assert_eq!((&step["lit"], &step["ahead"]), (&Value::from(1), &Value::from(0)), "{step}");
        assert!(step["inside"].as_u64().unwrap() < 200, "{step}");
        assert_eq!(floats(&step["value"]), floats(&report["values"][name]), "{step}");
        let gradient = report["gradients"].get(name).map_or(Vec::new(), floats);
        assert_eq!(floats(&step["gradient"]), gradient, "{step}");
    }
    opened.has_no_faults("steps of a large graph");
}

#[test]
fn far_parts_of_a_large_graph_come_in_by_key_and_by_search() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "large.graph", &large());
    let opened = Opened::new(&browser, &page(folder.path(), &graph, &[]));
    let part = |name: &str| format!("document.getElementById('node-{name}')");
    for (name, find) in [
        ("n899", &(|| opened.key("ArrowUp")) as &dyn Fn()),
        ("n450", &|| {
            opened.key("/");
            opened.tab.type_str("n450").unwrap();
            opened.key("Enter");
            opened.run("document.activeElement.blur()");
        }),
    ] {
        assert_eq!(opened.get(&part(name)), Value::Null, "{name} is far");
        find();
        assert!(is_on_stage(&opened, &part(name)), "{name}");
        assert_eq!(opened.text("#panel h2"), name);
    }
    assert_eq!(opened.get(&part("n899")), Value::Null, "n899 is far again");
    // The chosen part can be tabbed to wherever the picture was moved, and is brought back.
    opened.run("const picture = document.getElementById('picture');\
        picture.setPointerCapture = () => {};\
        for (const [type, x] of [['down', 900], ['move', -4000], ['up', -4000]]) picture.dispatchEvent(new PointerEvent(`pointer${type}`, { clientX: x, pointerId: 1 }));");
    assert!(!is_on_stage(&opened, &part("n450")));
    opened.run(&format!("{}.focus()", part("n450")));
    assert!(is_on_stage(&opened, &part("n450")));
    opened.has_no_faults("far parts");
}

#[test]
fn a_large_graph_is_a_sketch_from_afar() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "large.graph", &large());
    let opened = Opened::new(&browser, &page(folder.path(), &graph, &[]));
    let painted = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => { const canvas = document.getElementById('sketch');\
        done(canvas.hidden ? 0 : canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.filter((byte) => byte > 0).length); })))";
    let painted = || opened.tab.evaluate(painted, true).unwrap().value.unwrap().as_u64().unwrap();
    assert_eq!(painted(), 0);
    opened.key("0");
    assert!(painted() > 1000);
    assert!(opened.get("document.querySelectorAll('#world > *').length").as_u64().unwrap() < 5);
    // What is not in the tree can be clicked all the same, where a pixel is no wider than a part.
    opened.run("const item = JSON.parse(document.getElementById('data').textContent).items.find(({ key }) => key === 'n449');\
        const [picture, stage] = [document.getElementById('picture'), document.getElementById('stage').getBoundingClientRect()];\
        const view = () => document.getElementById('world').style.transform.match(/[-\\d.e]+(?=px|\\))/g).map(Number);\
        const at = ([x, y, k]) => ({ clientX: stage.left + x + k * item.place[0], clientY: stage.top + y + k * item.place[1], bubbles: true });\
        picture.dispatchEvent(new WheelEvent('wheel', { deltaY: Math.log(view()[2] / 0.25) / 0.0015, ...at(view()) }));\
        picture.dispatchEvent(new MouseEvent('click', at(view())));");
    assert_eq!(opened.text("#panel h2"), "n449");
    assert_eq!(opened.seen(".item.chosen"), 1);
    opened.has_no_faults("sketch");
}

#[test]
fn a_served_page_reloads_itself_when_the_file_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "a.graph", "input x = 2\ny = x * 3\n");
    let mut child = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .arg("show")
        .arg(&graph)
        .args(["--to", "html", "--watch"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let url = lines.find(|line| line.starts_with("http://127.0.0.1:")).expect("an address");
    let drained = std::thread::spawn(move || lines.count());
    if let Some(browser) = browser() {
        let opened = Opened::new(&browser, &url);
        opened.key("ArrowLeft");
        assert!(opened.text("#says").contains("step 2"), "{}", opened.text("#says"));
        let until = |words: &str| {
            let wait = format!(
                "new Promise((done) => {{ const look = () => document.body.innerText.includes({words:?}) ? done(true) : setTimeout(look, 50); look(); }})"
            );
            // A page that reloads meanwhile ends the promise; the next asks again.
            for _ in 0..40 {
                if opened.tab.evaluate(&wait, true).is_ok_and(|found| found.value == Some(Value::Bool(true)))
                {
                    return;
                }
            }
            panic!("{words} never came: {}", opened.text("body"));
        };
        fs::write(&graph, "input x = 2\ny = x * 40\n").unwrap();
        until("80");
        assert!(opened.hash().contains("step=2"), "{}", opened.hash());
        fs::write(&graph, "input x = 2\ny = z * 40\n").unwrap();
        until("unknown name `z`");
        fs::write(&graph, "input x = 3\ny = x * 40\n").unwrap();
        until("120");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drained.join().unwrap();
}
