//! A graph of hundreds of parts, of which only those near are in the tree.

use crate::{
    browser::Browser,
    opened::Opened,
    pages::{floats, page, report, written},
};
use serde_json::Value;

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

pub fn every_step_of_a_large_graph_is_reached_while_only_what_is_near_is_in_the_tree(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "large.graph", &large());
    let opened = Opened::new(browser, &page(folder.path(), &graph, &[]));
    let report = report(&graph);
    assert!(is_on_stage(&opened, "document.getElementById('node-n0')"), "one begins at the first part");
    opened.key("Home");
    let steps = opened.get(
        "(() => { const steps = [];\
           const texts = (selector) => [...document.querySelectorAll(selector)].map((it) => it.textContent);\
           const numbers = (kind) => texts(`#panel p.numbers.${kind}`).map(Number);\
           for (let at = 0; at < Number(document.getElementById('scrub').max); at++) {\
             document.getElementById('forth').click();\
             steps.push({ is_back: document.getElementById('says').textContent.includes('backward'), name: texts('#panel h2')[0], lit: texts('.item.lit').length, ahead: texts('.item.lit.ahead').length,\
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
        // Forward tells of no gradient.
        let back = report["gradients"].get(name).filter(|_| step["is_back"] == Value::Bool(true));
        let gradient = back.map_or(Vec::new(), floats);
        assert_eq!(floats(&step["gradient"]), gradient, "{step}");
    }
    opened.has_no_faults("steps of a large graph");
}

pub fn far_parts_of_a_large_graph_come_in_by_key_and_by_search(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "large.graph", &large());
    let opened = Opened::new(browser, &page(folder.path(), &graph, &[]));
    let part = |name: &str| format!("document.getElementById('node-{name}')");
    for (name, find) in [
        ("n899", &(|| opened.key("ArrowUp")) as &dyn Fn()),
        ("n450", &|| {
            opened.key("/");
            opened.type_in("n450");
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

pub fn a_large_graph_is_a_sketch_from_afar(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "large.graph", &large());
    let opened = Opened::new(browser, &page(folder.path(), &graph, &[]));
    let painted = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => { const canvas = document.getElementById('sketch');\
        done(canvas.hidden ? 0 : canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.filter((byte) => byte > 0).length); })))";
    let painted = || opened.get(painted).as_u64().unwrap();
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
