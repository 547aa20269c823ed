//! Forward and backward step by step, and from part to part, by key.

use crate::{
    browser::Browser,
    opened::Opened,
    pages::{graphs, page},
};
use serde_json::Value;

pub fn every_step_is_reached_by_key_and_says_what_explain_says(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(browser, &page(folder.path(), &graphs().join("buy_apple.toml"), &[]));
    // It starts at the beginning.
    assert!(opened.text("#says").starts_with("before the first of 4 steps"));
    assert_eq!(opened.hash(), "");
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
    assert_eq!((opened.text("#says").as_str(), opened.hash().as_str()), ("all 4 steps done", "#step=end"));
    opened.key("Home");
    assert_eq!(opened.hash(), "");
    opened.run("const scrub = document.getElementById('scrub'); scrub.value = 2; scrub.dispatchEvent(new Event('input'))");
    assert!(opened.text("#says").starts_with("step 2 of 4"));
    opened.has_no_faults("steps");
}

pub fn playing_ends_at_the_end(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(browser, &page(folder.path(), &graphs().join("buy_apple.toml"), &[]));
    opened.run("document.getElementById('speed').value = '16'; document.activeElement.blur()");
    opened.key(" ");
    assert_eq!(opened.text("#play").trim(), "Pause");
    opened.until("document.getElementById('play').innerText.trim() === 'Play'");
    assert_eq!(opened.text("#says"), "all 4 steps done");
    opened.has_no_faults("play");
}

pub fn keys_and_readers_of_the_screen_reach_every_part(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(browser, &page(folder.path(), &graphs().join("buy_apple.toml"), &[]));
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

pub fn nothing_is_told_before_a_step_makes_it_known(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(browser, &page(folder.path(), &graphs().join("buy_apple.toml"), &["--check"]));
    let click = |part: &str| {
        opened.run(&format!("document.getElementById('node-{part}').dispatchEvent(new MouseEvent('click', {{ bubbles: true }}))"));
    };
    let tip = |part: &str| {
        opened.run(&format!("document.querySelector('#node-{part} .shape').dispatchEvent(new PointerEvent('pointerover', {{ bubbles: true }}))"));
        opened.text("#tip")
    };
    // The panel and the tip, before forward, after it, and when backward has been there.
    for (presses, part, value, gradient) in [
        (0, "price", false, false),
        (0, "apple", true, false),
        (2, "price", true, false),
        (2, "apple", true, false),
        (3, "tax", true, true),
        (3, "apple", true, false),
        (4, "apple", true, true),
        (4, "apple_price", true, true),
    ] {
        opened.key("Home");
        opened.key("Escape");
        (0..presses).for_each(|_| opened.key("ArrowRight"));
        click(part);
        let numbers = |kind: &str| opened.seen(&format!("#panel .numbers.{kind}")) > 0;
        let what = format!("{part} after {presses} steps");
        assert_eq!((numbers("value"), numbers("gradient")), (value, gradient), "{what}");
        assert_eq!(opened.seen("#panel .sentence.gradient") > 0, gradient && part == "apple_price", "{what}");
        let told = tip(part);
        assert_eq!(
            (told.contains("value: "), told.contains("\ngradient: ")),
            (value, gradient),
            "{what}: {told}"
        );
    }
    // The panel goes with the steps, and what is on an edge too.
    opened.key("Home");
    assert_eq!(opened.text("#panel h2"), "apple_price");
    assert_eq!(opened.seen("#panel .numbers"), 0);
    let seen = "[...document.querySelectorAll('.use text.gradient')].filter((it) => getComputedStyle(it).visibility === 'visible').length";
    let mut gradients = Vec::new();
    for _ in 0..5 {
        gradients.push(opened.get(seen).as_u64().unwrap());
        opened.key("ArrowRight");
    }
    assert_eq!(gradients, [0, 0, 0, 3, 5]);
    opened.has_no_faults("what is not known yet");
}

pub fn a_folded_block_is_one_step_each_way(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let graph = graphs().join("layers/two_layer_net.graph");
    let opened = Opened::new(browser, &page(folder.path(), &graph, &["--depth", "0"]));
    let mut says = Vec::new();
    loop {
        opened.key("ArrowRight");
        let said = opened.text("#says");
        if said.starts_with("all") {
            break;
        }
        assert_eq!(opened.seen(".item.lit"), 1, "{said}");
        assert!(opened.seen(".use.lit") > 0, "{said}");
        says.push(said);
    }
    // Four layers, forward and back.
    assert_eq!(says.len(), 8, "{says:#?}");
    assert!(says[0].contains("scores.affine_layer1[0, 2] = affine_layer(x, W1, b1) = "), "{}", says[0]);
    assert!(says[7].contains("gradient to W1[5, 2], through affine_layer: "), "{}", says[7]);
    assert!(opened.text("#says").starts_with("all 8 steps done"));
    // Opened, every node is a step; and the present one is kept.
    opened.key("ArrowLeft");
    opened.run("document.getElementById('open-all').click()");
    assert!(opened.text("#says").starts_with("step 20 of 20, backward"), "{}", opened.text("#says"));
    opened.has_no_faults("folded steps");
}

pub fn one_entry_is_followed_through_all_steps(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let graph = graphs().join("layers/two_layer_net.graph");
    let opened = Opened::new(browser, &page(folder.path(), &graph, &["--depth", "9"]));
    let steps = opened.get(
        "JSON.parse(document.getElementById('data').textContent).steps.filter((step) => !step.back).map((step) => step.says[0].split(' = ')[0])",
    );
    let places: Vec<&str> = steps.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(places.len() > 12, "{places:?}");
    for place in places.iter().filter(|place| place.contains('[')) {
        // A row of the batch, and of what is summed over the classes its only column.
        let entry = if place.contains("max1") || place.contains("sum1") { "[0, 0]" } else { "[0, 2]" };
        assert!(place.ends_with(entry), "{places:?}");
    }
}
