//! A card's formula with other words in place of its names: `upstream * b`
//! becomes `upstream × apple_price`, and then `1 × 200`.

use std::collections::HashMap;

/// Functions that a formula may call on numbers.
const FUNCTIONS: &[&str] = &[
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "erf", "exp", "floor", "ln",
    "max", "min", "round", "sigmoid", "sin", "sinh", "sqrt", "tan", "tanh",
];

/// The right side of `y = a * b`, or of `upstream * y * ln(a), and 0 where …`, up
/// to such a remark.
pub fn expression(formula: &str) -> &str {
    let right =
        formula.split_once(" = ").filter(|(left, _)| is_name(left)).map_or(formula, |(_, right)| right);
    right.split_once(", and 0 where ").map_or(right, |(head, _)| head)
}

/// The formula says what one number is of other numbers at the same place: names
/// from `known`, numbers, signs and functions; no sums, no words.
pub fn is_pointwise(formula: &str, known: impl Fn(&str) -> bool) -> bool {
    let pieces = pieces(formula);
    let mut depth = 0usize;
    pieces.iter().enumerate().all(|(at, &piece)| match piece {
        "(" => {
            depth += 1;
            true
        }
        ")" => {
            depth = depth.saturating_sub(1);
            true
        }
        "," => depth > 0,
        piece if is_name(piece) => {
            let called = pieces.get(at + 1) == Some(&"(");
            if called { FUNCTIONS.contains(&piece) } else { known(piece) }
        }
        piece => !piece.contains(['@', 'Σ', 'ᵀ', '=', '<', '>', ';', '[', ']', '…', ':']),
    })
}

/// A formula with a name for each word of several signs, `softmax(x)`, and what all
/// names of the words stand for.
pub fn with_names(formula: &str, words: &[(&'static str, f64)]) -> (String, HashMap<String, f64>) {
    let mut formula = formula.replace('−', "-");
    let mut numbers = HashMap::new();
    for (at, &(word, value)) in words.iter().enumerate() {
        let is_name = word.chars().all(char::is_alphanumeric);
        let name = if is_name { word.to_string() } else { format!("word{at}") };
        formula = if is_name { formula } else { formula.replace(word, &name) };
        numbers.insert(name, value);
    }
    (formula, numbers)
}

/// Puts words in place of names; a product is written ×, a power ^. What is negative
/// or has signs of its own gets parentheses where it needs them.
pub fn filled(formula: &str, word: impl Fn(&str) -> Option<String>) -> String {
    let formula = formula.replace(" ** ", "^");
    let pieces = pieces(&formula);
    let mut out = String::new();
    for (at, &piece) in pieces.iter().enumerate() {
        let next = pieces.get(at + 1).copied().unwrap_or("");
        let replaced = (is_name(piece) && next != "(").then(|| word(piece)).flatten();
        match replaced {
            None if piece == "*" => out.push('×'),
            None => out.push_str(piece),
            Some(word) => {
                let before = out.trim_end().chars().last();
                let opened = matches!(before, None | Some('(' | '|' | ','));
                let closed = matches!(next, "" | ")" | "|" | ",");
                let raised = matches!(next, "²" | "^");
                let signed = word.starts_with('-') && !opened || word.contains(' ') && !(opened && closed);
                let small = raised && (word.contains('e') && word.starts_with(|c: char| c.is_ascii_digit()));
                let minus = raised && word.starts_with('-');
                match signed || small || minus {
                    true => out.push_str(&format!("({word})")),
                    false => out.push_str(&word),
                }
            }
        }
    }
    out
}

/// One case of `upstream where x > 0, else 0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case<'a> {
    pub expression: &'a str,
    /// The left side, the sign and the right side; `None` for what is else.
    pub condition: Option<(&'a str, Sign, &'a str)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Less,
    Equal,
    Greater,
}

impl Sign {
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::Equal => left == right,
            Self::Greater => left > right,
        }
    }
}

/// The cases of a formula that is all cases.
pub fn cases(formula: &str) -> Option<Vec<Case<'_>>> {
    if !formula.contains(" where ") {
        return None;
    }
    formula.split(", ").map(case).collect()
}

fn case(text: &str) -> Option<Case<'_>> {
    if let Some(expression) = text.strip_prefix("else ") {
        return Some(Case { expression, condition: None });
    }
    let (expression, condition) = text.split_once(" where ")?;
    let signs = [(" < ", Sign::Less), (" = ", Sign::Equal), (" > ", Sign::Greater)];
    signs.into_iter().find_map(|(written, sign)| {
        let (left, right) = condition.split_once(written)?;
        let operand = |text: &str| is_name(text) || text.parse::<f64>().is_ok();
        (operand(left) && operand(right)).then_some(Case { expression, condition: Some((left, sign, right)) })
    })
}

/// A factor of a matrix product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor<'a> {
    pub name: &'a str,
    pub transposed: bool,
}

/// `left @ right`, and what is added to it.
pub fn product(formula: &str) -> Option<(Factor<'_>, Factor<'_>, Option<&str>)> {
    let (head, bias) = formula.split_once(" + ").map_or((formula, None), |(head, bias)| (head, Some(bias)));
    let (left, right) = head.split_once(" @ ")?;
    let factor = |text| {
        let (name, transposed) = match str::strip_suffix(text, 'ᵀ') {
            Some(name) => (name, true),
            None => (text, false),
        };
        is_name(name).then_some(Factor { name, transposed })
    };
    match bias {
        Some(bias) if !is_name(bias) => None,
        bias => Some((factor(left)?, factor(right)?, bias)),
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_word)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Names and numbers whole, every other character for itself.
fn pieces(formula: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut in_word = false;
    for (at, character) in formula.char_indices() {
        if !(in_word && is_word(character)) && at > start {
            pieces.push(&formula[start..at]);
            start = at;
        }
        in_word = is_word(character);
    }
    if start < formula.len() {
        pieces.push(&formula[start..]);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(name: &str) -> Option<String> {
        let text = match name {
            "upstream" => "1",
            "b" => "-2.5",
            "tiny" => "1e-7",
            "sum" => "1 + 2",
            _ => return None,
        };
        Some(text.to_string())
    }

    #[test]
    fn names_become_numbers() {
        let texts = [
            "-upstream * a / b²",
            "b * b",
            "exp(-b) + |b|",
            "tiny² / tiny",
            "b ** (b - 1)",
            "exp(sum) * sum",
        ];
        let filled: Vec<String> = texts.map(|text| filled(text, numbers)).into();
        let wanted = [
            "-1 × a / (-2.5)²",
            "-2.5 × (-2.5)",
            "exp(-(-2.5)) + |-2.5|",
            "(1e-7)² / 1e-7",
            "(-2.5)^(-2.5 - 1)",
            "exp(1 + 2) × (1 + 2)",
        ];
        assert_eq!(filled, wanted);
    }

    #[test]
    fn only_formulas_of_one_place_are_pointwise() {
        let known = |name: &str| ["upstream", "x", "y"].contains(&name);
        for yes in ["upstream * cos(x)", "max(0, x)", "1 / (1 + exp(-x))", "|x|", "√x", "upstream * (1 - y²)"]
        {
            assert!(is_pointwise(yes, known), "{yes}");
        }
        for no in [
            "upstream where x > 0, else 0",
            "y * (upstream − Σ upstream * y)",
            "upstream / n",
            "max x",
            "xᵀ @ y",
        ] {
            assert!(!is_pointwise(no, known), "{no}");
        }
    }

    #[test]
    fn cases_tell_their_conditions() {
        let cases = cases("upstream where x > 0, else slope * upstream").unwrap();
        assert_eq!(cases[0].condition, Some(("x", Sign::Greater, "0")));
        assert_eq!((cases[1].expression, cases[1].condition), ("slope * upstream", None));
        assert!(super::cases("the part of upstream where x lies in y").is_none());
    }

    #[test]
    fn products_tell_their_sides() {
        let (left, right, bias) = product("x @ Wᵀ + b").unwrap();
        assert_eq!((left.name, left.transposed, right.name, right.transposed), ("x", false, "W", true));
        assert_eq!(bias, Some("b"));
        assert!(product("upstream * b").is_none());
    }

    #[test]
    fn remarks_are_no_part_of_an_expression() {
        assert_eq!(expression("y = a * b"), "a * b");
        assert_eq!(expression("upstream * y * ln(a), and 0 where a = 0 and b >= 0"), "upstream * y * ln(a)");
    }
}
