//! What of the graph is on the screen, on a desk and on a phone.

use crate::{
    browser::Browser,
    opened::Opened,
    pages::{graphs, page},
};
use serde_json::Value;

const SCREENS: [(u32, u32); 2] = [(1280, 800), (390, 844)];
const EXAMPLES: [&str; 4] =
    ["buy_apple.toml", "digits.graph", "layers/batch_norm.graph", "wrong/forgotten_mean.graph"];

/// Every part that is seen lies on the stage, and the stage on the screen.
fn is_whole(opened: &Opened) -> bool {
    opened.get(
        "((stage) => stage.top >= 0 && stage.left >= 0 && stage.bottom <= innerHeight && stage.right <= innerWidth\
          && [...document.querySelectorAll('#world .item, #world .block, #world .use')].filter((it) => it.getClientRects().length)\
            .map((it) => it.getBoundingClientRect()).every((box) => box.left >= stage.left && box.right <= stage.right && box.top >= stage.top && box.bottom <= stage.bottom))\
         (document.getElementById('stage').getBoundingClientRect())",
    ) == Value::Bool(true)
}

fn view(opened: &Opened) -> Value {
    opened.get("document.getElementById('world').style.transform")
}

pub fn a_page_opens_whole_and_stays_so_while_it_is_stepped_through(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    for name in EXAMPLES {
        let url = page(folder.path(), &graphs().join(name), &[]);
        for (width, height) in SCREENS {
            let opened = Opened::sized(browser, &url, width, height);
            let what = format!("{name} at {width} by {height}");
            assert!(is_whole(&opened), "{what}");
            let first = view(&opened);
            for _ in 0..40 {
                opened.key("ArrowRight");
                assert_eq!(view(&opened), first, "{what}: {}", opened.text("#says"));
                if opened.text("#says").starts_with("all") {
                    break;
                }
            }
            assert!(opened.text("#says").starts_with("all"), "{what}");
            assert!(is_whole(&opened), "{what}");
            assert!(!opened.hash().contains("view"), "{what}: {}", opened.hash());
            opened.has_no_faults(&what);
        }
    }
}

pub fn a_view_that_one_chose_is_kept_and_fit_brings_back_the_whole(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let url = page(folder.path(), &graphs().join("digits.graph"), &[]);
    for (width, height) in SCREENS {
        let opened = Opened::sized(browser, &url, width, height);
        opened.run("document.getElementById('larger').click()");
        let zoom =
            |opened: &Opened| view(opened).as_str().unwrap().split("scale").nth(1).unwrap().to_string();
        let chosen = zoom(&opened);
        for _ in 0..10 {
            opened.key("ArrowRight");
            assert_eq!(zoom(&opened), chosen, "{}", opened.text("#says"));
        }
        opened.run("document.getElementById('fit').click()");
        assert!(is_whole(&opened));
        opened.key("Home");
        assert!(is_whole(&opened));
        opened.has_no_faults("views");
    }
}

pub fn the_panel_closes_and_opens(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let url = page(folder.path(), &graphs().join("layers/batch_norm.graph"), &[]);
    for (width, height) in SCREENS {
        let opened = Opened::sized(browser, &url, width, height);
        let stage = || opened.get("document.getElementById('stage').clientWidth").as_u64().unwrap();
        let before = stage();
        assert_eq!(opened.seen("#panel"), 1);
        opened.run("document.querySelector('#panel .close').click()");
        assert_eq!(opened.seen("#panel"), 0);
        assert_eq!(opened.get("document.getElementById('details').getAttribute('aria-expanded')"), "false");
        if width > 1000 {
            assert!(stage() > before + 300, "{} of {width}", stage());
        }
        // The picture has grown with the stage, a frame later.
        opened.until(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))",
        );
        assert!(is_whole(&opened));
        // Steps and choices leave it closed; its button opens it, and a new page has it.
        opened.key("ArrowRight");
        opened.key("ArrowDown");
        assert_eq!(opened.seen("#panel"), 0);
        opened.run("document.getElementById('details').click()");
        assert_eq!(opened.seen("#panel"), 1);
        opened.run("document.getElementById('details').click()");
        let again = Opened::sized(browser, &format!("{url}{}", opened.hash()), width, height);
        assert_eq!(again.seen("#panel"), 1);
        opened.has_no_faults("panel");
    }
}
