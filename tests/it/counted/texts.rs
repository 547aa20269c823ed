//! Graph files as texts, and the errors in them.

use super::{Folder, refused};

#[test]
fn errors_are_kept_up_to_a_limit_and_counted() {
    let text: String = (0..300).map(|n| format!("y{n} = nope{n} + 1\n")).collect();
    let folder = Folder::new(&[
        ("a.graph", text.as_bytes()),
        ("b.graph", "x\n".repeat(300).as_bytes()),
        (
            "c.toml",
            format!("[nodes]\n{}", (0..300).map(|n| format!("y{n} = \"(\"\n")).collect::<String>())
                .as_bytes(),
        ),
    ]);
    for file in ["a.graph", "b.graph", "c.toml"] {
        folder.refused(&[file, "--limit", "errors=20"], &["… and 280 more errors"]);
        folder.refused(&[file], &["… and 280 more errors"]);
    }
}

#[test]
fn a_text_is_counted_before_it_is_read() {
    let literal = ["1"; 30_000].join(",");
    let folder = Folder::new(&[
        ("a.graph", format!("input x = [{literal}]\ny = sum(x)\n").as_bytes()),
        ("a.toml", format!("[inputs]\nx = [{literal}]\n[nodes]\ny = \"sum(x)\"\n").as_bytes()),
    ]);
    for file in ["a.graph", "a.toml"] {
        assert_eq!(folder.run(&[file]).code, 0);
        folder.refused(
            &[file, "--limit", "bytes=10MB"],
            &["too long, reading it may take", "the limit is 10.0 MB"],
        );
        folder.refused(
            &[file, "--limit", "file=50kB"],
            &["is too long, 60.0 kB: the limit is 50.0 kB", "--limit file=61kB"],
        );
    }
    let deep = |open: &str, close: &str| {
        format!("[inputs]\nx = {}1{}\n", open.repeat(100_000), close.repeat(100_000))
    };
    for text in [deep("[", "]"), deep("{a=", "}"), format!("[{}]\nx = 1\n", ["a"; 100_000].join("."))] {
        Folder::new(&[("a.toml", text.as_bytes())]).refused(&["a.toml"], &["nested"]);
    }
    refused(
        "input x = [99999999999999999999999999999999999999]\ny = x[[99999999999999999999999999999999999999]]\n",
        &["error"],
    );
}
