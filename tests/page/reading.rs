//! What a page says of its graph, right or wrong.

use crate::{
    browser::Browser,
    opened::Opened,
    pages::{floats, graphs, page, report, written},
};
use serde_json::Value;

/// The numbers that the panel shows in one colour.
fn shown(opened: &Opened, kind: &str) -> Vec<f64> {
    let expression = format!(
        "[...document.querySelectorAll('#panel table.{kind} td, #panel p.numbers.{kind}')].map((cell) => cell.textContent)"
    );
    let texts = opened.get(&expression);
    texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().parse().unwrap()).collect()
}

pub fn every_example_opens_without_a_fault_and_shows_the_reports_numbers(browser: &Browser) {
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
        let opened = Opened::new(browser, &page(folder.path(), &graph, &["--check"]));
        let report = report(&graph);
        opened.key("End");
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

pub fn wrong_blocks_and_kinks_are_marked(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let graph = graphs().join("wrong/missing_path.graph");
    let opened = Opened::new(browser, &page(folder.path(), &graph, &["--check"]));
    assert!(opened.seen(".group.wrong, .folded .shape.wrong") >= 1);
    assert!(opened.text("#panel").contains("the fault is in this block"));
    let kink = written(folder.path(), "kink.graph", "input x = [0, 1]\ny = sum(relu(x))\n");
    let opened = Opened::new(browser, &page(folder.path(), &kink, &["--check"]));
    assert!(opened.seen(".shape.kink") >= 1);
    opened.has_no_faults("marks");
}

pub fn hostile_names_and_texts_stay_text(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let text = "title \"</script><script>faults.push('title')</script><!-- <b>\"\ninput x = 2\n\
                y = x * 3 # </script><img src=x onerror=\"faults.push('comment')\">\n";
    let graph = written(folder.path(), "a.graph", text);
    let opened = Opened::new(browser, &page(folder.path(), &graph, &[]));
    assert!(opened.text("h1").starts_with("</script>"), "{}", opened.text("h1"));
    opened.key("ArrowUp");
    assert_eq!(opened.text("#panel h2"), "y");
    opened.has_no_faults("hostile");
}
