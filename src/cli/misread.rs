//! Command lines whose first word is no command and no file: what was meant, and how
//! to type it.

use crate::{diagnostic::closest, escape, source::Spelling};
use std::{ffi::OsString, path::Path};

/// Words for what this program does under another name, and where the rest of the
/// command line goes.
const VERBS: &[(&str, &str)] = &[
    ("backward", "{} --backward"),
    ("bless", "test --bless {}"),
    ("check", "{} --check"),
    ("draw", "show {}"),
    ("eval", "{}"),
    ("forward", "{}"),
    ("gradcheck", "{} --check"),
    ("gradient", "{} --backward"),
    ("gradients", "{} --backward"),
    ("plot", "show {}"),
    ("profile", "{} --profile"),
    ("quick", "{} --quick"),
    ("run", "{}"),
    ("view", "show {}"),
    ("watch", "{} --watch"),
];

/// A command, and whether it is about a file.
pub struct Command {
    pub name: String,
    pub takes_file: bool,
}

/// The call that a command line was meant to be; none where its first word may be
/// what it says.
pub fn meant(words: &[OsString], commands: fn() -> Vec<Command>) -> Option<String> {
    let (typed, rest) = words.split_first()?;
    let typed = typed.to_str()?;
    if typed.starts_with('-') || Spelling::of(typed).is_some() || Path::new(typed).exists() {
        return None;
    }
    let commands = commands();
    if commands.iter().any(|command| command.name == typed) {
        return None;
    }
    let verbs = VERBS.iter().map(|&(verb, _)| verb);
    let known = closest(typed, verbs.chain(commands.iter().map(|command| &*command.name)))?;
    let verb = VERBS.iter().find(|(verb, _)| *verb == known);
    let takes_file = commands.iter().all(|command| command.name != known || command.takes_file);
    let mut rest: Vec<String> = rest.iter().map(|word| escape::shell(&word.to_string_lossy())).collect();
    if takes_file && rest.iter().all(|word| word.starts_with('-')) {
        rest.insert(0, "FILE".to_string());
    }
    let rest = rest.join(" ");
    let call = match verb {
        Some((_, place)) => place.replace("{}", &rest),
        None => format!("{known} {rest}"),
    };
    Some(format!("graphrun {}", call.trim_end()))
}
