//! The signs that textbooks draw ops with.

/// The sign in the circle of an elementwise op; `None` for an op that is drawn as
/// a box with its name.
pub fn sign(op: &str) -> Option<&'static str> {
    Some(match op {
        "mul" => "×",
        "add" => "+",
        "sub" => "−",
        "div" => "÷",
        "neg" => "−x",
        "pow" => "xⁿ",
        "square" => "x²",
        "sqrt" => "√",
        "reciprocal" => "1/x",
        "exp" => "exp",
        "log" => "log",
        "sin" => "sin",
        "cos" => "cos",
        "abs" => "|x|",
        "greater" => ">",
        "sum" => "Σ",
        "identity" => "=",
        _ => return None,
    })
}

/// The sides of the op do different things, so that a picture must tell them apart.
pub fn has_sides(op: &str) -> bool {
    !matches!(op, "mul" | "add")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops;

    #[test]
    fn every_sign_is_of_an_op_and_of_one_only() {
        let signs: Vec<&str> = ops::ALL.iter().filter_map(|op| sign(op.card.name)).collect();
        let mut once = signs.clone();
        once.sort();
        once.dedup();
        assert_eq!((signs.len(), once.len()), (17, 17));
    }
}
