//! Numbers as people read them.

use crate::shape;

/// The shortest decimal that reads back to the same bits: `220.00000000000003`,
/// `200`, `1e-7`.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let text = format!("{value:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_string)
}

/// A figure of merit, to two digits: `2.3e-13`, `0.21`.
pub fn figure(value: f64) -> String {
    match value {
        0.0 => "0".to_string(),
        v if !v.is_finite() => number(v),
        v if (1e-3..1e4).contains(&v.abs()) => {
            let digits = (1 - v.abs().log10().floor() as i32).max(0) as usize;
            format!("{v:.digits$}")
        }
        v => format!("{v:.1e}"),
    }
}

/// A number of which `error` is not known: the shortest decimal within ten times that.
pub fn known(value: f64, error: f64) -> String {
    let within = |digits: &usize| {
        let short: f64 = format!("{value:.digits$e}").parse().unwrap_or(value);
        (short - value).abs() <= 10.0 * error
    };
    match (0..17).find(within) {
        Some(digits) if error > 0.0 => number(format!("{value:.digits$e}").parse().unwrap_or(value)),
        _ => number(value),
    }
}

/// A count with its thousands apart: `39 760`.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// The index of a row-major offset, as it is written behind a name: `[412, 17]`;
/// nothing for a scalar.
pub fn index(offset: usize, shape: &[usize]) -> String {
    if shape.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = indices(offset, shape).iter().map(usize::to_string).collect();
    format!("[{}]", parts.join(", "))
}

/// The index tuple of a row-major offset.
pub fn indices(offset: usize, shape: &[usize]) -> Vec<usize> {
    shape::indices(shape, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact() {
        let texts: Vec<String> = [220.00000000000003, 200.0, -0.5, 1e-7, 1e300, f64::NAN].map(number).into();
        assert_eq!(texts, ["220.00000000000003", "200", "-0.5", "1e-7", "1e300", "nan"]);
    }

    #[test]
    fn figures_have_two_digits() {
        assert_eq!([0.213, 2.345e-13, 12.0, 0.0].map(figure), ["0.21", "2.3e-13", "12", "0"]);
    }

    #[test]
    fn offsets_become_indices() {
        assert_eq!(index(412 * 50 + 17, &[784, 50]), "[412, 17]");
        assert_eq!(index(0, &[]), "");
    }
}
