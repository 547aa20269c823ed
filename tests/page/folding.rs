//! Blocks that fold and open, and what is found in them.

use crate::{
    browser::Browser,
    opened::Opened,
    pages::{page, report, written},
};

const BLOCKS: &str = "block inner(x) {\n y = tanh(x)\n output y\n}\n\
    block outer(x; by = 2) {\n a = inner(x * by)\n y = a + x\n output y\n}\n\
    block other(x) {\n y = x * x\n output y\n backward x = upstream * 2 * x\n}\n\
    input x = 0.5\nparam w = 3\nh = outer(x * w)\nloss = other(h) / 4\n";

pub fn blocks_fold_and_open_and_the_address_keeps_it(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "blocks.graph", BLOCKS);
    let url = page(folder.path(), &graph, &["--depth", "9"]);
    let opened = Opened::new(browser, &url);
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
    let again = Opened::new(browser, &format!("{url}{}", opened.hash()));
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

pub fn a_block_that_puts_out_what_a_block_inside_makes_folds_apart_from_it(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let text = "block unit(x) {\n y = tanh(x)\n output y\n}\nblock two(x) {\n q = unit(x * 2)\n output q\n}\n\
        input x = 0.3\nh = two(x)\noutput h\n";
    let url = page(folder.path(), &written(folder.path(), "same.graph", text), &["--depth", "9"]);
    let opened = Opened::new(browser, &url);
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

pub fn search_finds_what_is_folded_away(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "blocks.graph", BLOCKS);
    let opened = Opened::new(browser, &page(folder.path(), &graph, &["--depth", "0"]));
    assert_eq!(opened.seen(".block"), 0);
    opened.key("/");
    assert_eq!(opened.get("document.activeElement.id"), "search");
    opened.type_in("tanh");
    assert_eq!(opened.seen("#hits li"), 1);
    opened.key("Enter");
    assert!(opened.text("#panel h2").starts_with("h."), "{}", opened.text("#panel h2"));
    assert_eq!(opened.seen(".block"), 2, "the blocks around it are open");
    assert!(opened.hash().contains("part=h."), "{}", opened.hash());
    opened.has_no_faults("search");
}

pub fn many_nodes_start_folded(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("input x = 1\nn0 = x + 1\n");
    for at in 1..800 {
        text.push_str(&format!("n{at} = n{} * 1.5 + tanh(n{}) - 1 / (2 + n{0})\n", at - 1, at - 1));
    }
    let url = page(folder.path(), &written(folder.path(), "long.graph", &text), &[]);
    let opened = Opened::new(browser, &url);
    assert!(opened.text(".legend").contains("folded"), "{}", opened.text(".legend"));
    opened.key("Home");
    opened.key("ArrowRight");
    assert!(opened.text("#says").starts_with("step 1 of"));
    assert_eq!(opened.seen(".item.lit"), 1);
    opened.has_no_faults("large");
}
