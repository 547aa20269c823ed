use super::*;

#[test]
fn what_is_hidden_is_spelt_out_and_letters_stay() {
    assert_eq!(line("りんご é 🍎 ∂price/∂apple 4\u{202f}096"), "りんご é 🍎 ∂price/∂apple 4\u{202f}096");
    assert_eq!(line("a\u{1b}[31m\u{7}\u{9b}2J\u{7f}"), r"a\u{1b}[31m\u{7}\u{9b}2J\u{7f}");
    assert_eq!(line("a\u{202e}b\u{200b}c\u{2028}d\u{e0041}e"), r"a\u{202e}b\u{200b}c\u{2028}d\u{e0041}e");
    assert_eq!(line("a\nb\r\tc"), r"a\nb\r\tc");
    assert_eq!(text("a\nb\r\n"), "a\nb\\r\n");
}

#[test]
fn no_line_is_a_command_of_a_ci_server() {
    assert_eq!(line("::stop-commands::t"), r"\u{3a}:stop-commands::t");
    assert_eq!(line(" \u{3000}::error::t"), " \u{3000}\\u{3a}:error::t");
    assert_eq!(text("a ::b\n ::c\n-::d"), "a ::b\n \\u{3a}:c\n-::d");
    assert_eq!(line("a ##[group]b ##vso[c] ## d"), r"a \u{23}#[group]b \u{23}#vso[c] ## d");
    assert_eq!(command_data("50%\n::x"), r"50%25\n::x");
    assert_eq!(command_property("a:b,c"), "a%3Ab%2Cc");
}

#[test]
fn places_of_an_excerpt_move_with_what_stands_before_them() {
    let lines = "\tx = 1 # \u{202e}\r\ny = \u{1b}z\n";
    let shown = excerpt(lines);
    assert_eq!(shown.text, "\tx = 1 # \\u{202e}\r\ny = \\u{1b}z\n");
    for word in ["x", "#", "y", "z"] {
        assert_eq!(shown.place(lines.find(word).unwrap()), shown.text.find(word).unwrap(), "{word}");
    }
    assert_eq!(shown.place(lines.len()), shown.text.len());
}

#[test]
fn json_is_read_back_to_the_same_text() {
    let words = "a\u{202e}\u{1b}\u{7f}\u{9b}\u{2028}\u{e0041}</script>##[x] \"\\ りんご";
    for told in [json(&words), script(&words)] {
        assert!(told.chars().all(|c| !is_hidden(c)), "{told}");
        assert_eq!(serde_json::from_str::<String>(&told).unwrap(), words);
    }
    assert!(!script(&words).contains('<') && !json(&words).contains("##["));
    let mut out = Vec::new();
    json_lines(&[words], &mut out).unwrap();
    assert_eq!(out, format!("[{}]\n", json(&words)).into_bytes());
}

#[test]
fn markdown_is_left_without_signs() {
    let told = markdown("<img src=x>[a](http://b)|`c`\n@who a@b.example ![i](j) ##[k]");
    let signs = |text: &str| text.chars().any(|c| c.is_ascii_punctuation() && !"&#;,-./".contains(c));
    assert!(!signs(&told.replace("<wbr>", "")), "{told}");
    assert!(told.contains("&#64;<wbr>who"), "{told}");
}

#[test]
fn pictures_take_words_for_words() {
    assert_eq!(dot("a\"\\N&#8238;\nb"), r#""a\"\\N&amp;#8238;\nb""#);
    assert_eq!(dot_markup("<b>&\n\u{202e}"), r"&lt;b&gt;&amp;<br/>\u{202e}");
    assert_eq!(mermaid("\"`#%%{init}"), "#quot;#96;#35;#37;#37;#123;init#125;");
    assert_eq!(mermaid_title("%%{init}%%\n\""), r#""\u0025\u0025\u007binit\u007d\u0025\u0025\u005cn\u0022""#);
    assert_eq!(xml("<a b='c'>&\u{1b}\u{fffe}"), r"&lt;a b=&#39;c&#39;&gt;&amp;\u{1b}\u{fffe}");
}

#[test]
fn latex_reads_words_and_no_commands() {
    assert_eq!(
        tikz(r"\input{x}$#&_~^%"),
        r"\textbackslash{}input\{x\}\$\#\&\_\textasciitilde{}\textasciicircum{}\%"
    );
    // Other signs in the old encoding, and pairs that would become one.
    assert_eq!(tikz("a<b--c"), r"a\textless{}b{-}{-}c");
    assert_eq!(tikz("値\u{202e}\n"), r"\sign{5024}{値}\textbackslash{}u\{202e\}\textbackslash{}n");
}

#[test]
fn python_reads_texts_and_no_code() {
    assert_eq!(python("a\"b\\c\n\r\t"), r#""a\"b\\c\n\r\t""#);
    assert_eq!(
        python("\0\u{85}\u{202e}\u{2028}\u{e0041}\u{feff}"),
        r#""\x00\x85\u202e\u2028\U000e0041\ufeff""#
    );
    assert_eq!(python("りんご é 🍎 'x' {y} %s"), "\"りんご é 🍎 'x' {y} %s\"");
    assert_eq!(python_doc(r#"ends"""in\"#), r#"ends\"\"\"in\\"#);
}

#[cfg(unix)]
#[test]
fn paths_that_are_no_text_are_the_same_paths_in_python() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    assert_eq!(python_path(OsStr::from_bytes(b"a\xff\"/b").as_ref()), r#""a\udcff\"/b""#);
}
