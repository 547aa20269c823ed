//! Which columns of a table are meant: `"0:4"`, `"1, -1"`, `"width, height"`.

use crate::{diagnostic::closest, initializers::unreadable::Unreadable};

/// Columns of a table.
#[derive(Debug, PartialEq)]
pub(super) struct Columns {
    /// Counted from 0, in the order asked for.
    pub chosen: Vec<usize>,
    /// One column, named alone: the axis is dropped, as an index does.
    pub single: bool,
}

impl Columns {
    pub fn all(width: usize) -> Self {
        Self { chosen: (0..width).collect(), single: false }
    }

    /// Reads a choice out of `width` columns; `names` is empty without a header.
    ///
    /// # Errors
    /// A column that is not there, or that is asked for twice.
    pub fn parse(text: &str, width: usize, names: &[String]) -> Result<Self, Unreadable> {
        let mut chosen = Vec::new();
        for part in text.split(',').map(str::trim) {
            let range = one(part, width, names)?;
            if range.is_empty() {
                return Err(Unreadable::new(format!("has no column in the range {part}: it has {width}"))
                    .of("columns"));
            }
            for column in range {
                if chosen.contains(&column) {
                    return Err(
                        Unreadable::new(format!("has its column {column} asked for twice")).of("columns")
                    );
                }
                chosen.push(column);
            }
        }
        Ok(Self { single: chosen.len() == 1 && !text.contains(',') && !is_range(text, names), chosen })
    }
}

fn is_range(text: &str, names: &[String]) -> bool {
    text.contains(':') && !names.iter().any(|name| name == text.trim())
}

/// The columns of one part: a name, a number, or a range of numbers.
fn one(part: &str, width: usize, names: &[String]) -> Result<std::ops::Range<usize>, Unreadable> {
    if let Some(column) = names.iter().position(|name| name == part) {
        return Ok(column..column + 1);
    }
    let unknown = || {
        let kinds = if names.is_empty() { "a number or a range" } else { "a name, a number or a range" };
        let fault = Unreadable::new(format!("has no column {part:?}: {kinds} can stand here")).of("columns");
        match closest(part, names.iter().map(String::as_str)) {
            Some(name) => fault.help(format!("did you mean {name:?}?")),
            None => fault.help("columns count from 0, or from the end when negative: \"0:4\", \"-1\""),
        }
    };
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| unknown());
    let from_end = |at: i64| if at < 0 { at.saturating_add(width as i64) } else { at };
    if let Some((start, stop)) = part.split_once(':') {
        let bound = |text: &str, open: i64| if text.trim().is_empty() { Ok(open) } else { number(text) };
        let inside = |at: i64| from_end(at).clamp(0, width as i64) as usize;
        return Ok(inside(bound(start, 0)?)..inside(bound(stop, width as i64)?));
    }
    let at = number(part)?;
    match usize::try_from(from_end(at)).ok().filter(|&column| column < width) {
        Some(column) => Ok(column..column + 1),
        None => Err(Unreadable::new(format!(
            "has no column {at}: it has {width}, 0 to {}",
            width.saturating_sub(1)
        ))
        .of("columns")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(Vec<usize>, bool), String> {
        let names = ["a".to_string(), "b:c".to_string(), "3".to_string(), "d".to_string()];
        Columns::parse(text, 4, &names)
            .map(|columns| (columns.chosen, columns.single))
            .map_err(|fault| fault.in_file("f").message)
    }

    #[test]
    fn places_ranges_and_names() {
        assert_eq!(parse("0"), Ok((vec![0], true)));
        assert_eq!(parse("-1"), Ok((vec![3], true)));
        assert_eq!(parse("1:"), Ok((vec![1, 2, 3], false)));
        assert_eq!(parse(":-3"), Ok((vec![0], false)));
        assert_eq!(parse("d, 0:2"), Ok((vec![3, 0, 1], false)));
        assert_eq!(parse("b:c"), Ok((vec![1], true)));
        // A name wins over a number.
        assert_eq!(parse("3"), Ok((vec![2], true)));
    }

    #[test]
    fn what_is_not_there_is_refused() {
        assert!(parse("4").unwrap_err().contains("has no column 4: it has 4, 0 to 3"));
        assert!(parse("-5").unwrap_err().contains("has no column -5"));
        assert!(parse("2:2").unwrap_err().contains("no column in the range 2:2"));
        assert!(parse("0, a").unwrap_err().contains("column 0 asked for twice"));
        assert!(parse("").unwrap_err().contains("has no column \"\""));
        assert!(parse("x").unwrap_err().contains("a name, a number or a range"));
    }
}
