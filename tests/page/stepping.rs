//! Forward and backward step by step, and from part to part, by key.

use crate::{
    browser::Browser,
    opened::Opened,
    pages::{graphs, page},
};

pub fn every_step_is_reached_by_key_and_says_what_explain_says(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(browser, &page(folder.path(), &graphs().join("buy_apple.toml"), &[]));
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
