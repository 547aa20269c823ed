//! Words in commands: of a shell, and of GitHub's logs.

use super::line;

/// A word as a shell takes it.
pub fn shell(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=,:@%+".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_string(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// The text behind a workflow command of GitHub, `::error::text`.
pub fn command_data(words: &str) -> String {
    line(words).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command of GitHub, `::error file=property::`.
pub fn command_property(words: &str) -> String {
    command_data(words).replace(':', "%3A").replace(',', "%2C")
}
