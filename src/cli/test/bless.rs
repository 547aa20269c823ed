//! `graphrun test --bless`: what came out is written into the file, and what changes is shown,
//! expectation by expectation and line by line.

use super::{
    Arguments,
    review::{Review, is_possible},
};
use crate::{
    cli::{
        Outcome,
        voice::{complain, say},
    },
    escape,
    regress::{self, Blessed, Blessing, Change, Failure, NotBlessed, Subject},
    report::{
        Style,
        regression::{Entry, change},
    },
    resolve::Request,
};
use std::io::{self, BufReader, Stderr, Stdin};

/// What is done with the changes of a run.
pub struct Blesser {
    what: Blessing,
    dry_run: bool,
    review: Option<Review<BufReader<Stdin>, Stderr>>,
    style: Style,
    /// Files that were changed, or would be.
    files: usize,
}

impl Blesser {
    /// Whether blessing is asked for where it must not be, which is said.
    pub fn refused(arguments: &Arguments) -> Option<Outcome> {
        arguments.bless?;
        if std::env::var_os("CI").is_some() && !arguments.bless_in_ci && !arguments.dry_run {
            let help =
                "bless on your own machine, or say `--bless-in-ci`; `--dry-run` shows what would change";
            complain("nothing is blessed where the variable CI is set", help);
            return Some(Outcome::Refused);
        }
        if arguments.review && !is_possible() {
            complain("--review asks on a terminal, and there is none", "see the changes with `--dry-run`");
            return Some(Outcome::Refused);
        }
        None
    }

    pub fn of(arguments: &Arguments, style: Style) -> Option<Self> {
        let review = arguments.review.then(|| Review::new(BufReader::new(io::stdin()), io::stderr()));
        let (what, dry_run) = (arguments.bless?.into(), arguments.dry_run);
        Some(Self { what, dry_run, review, style, files: 0 })
    }

    /// Blesses one file; what was mended no longer counts as failed.
    pub fn bless(&mut self, request: &Request, entry: &mut Entry) {
        let tested = &entry.tested;
        let (Some(graph), Some(source)) = (&tested.graph, &tested.source) else { return };
        let path = entry.case.path.display().to_string();
        let path = escape::line(&path);
        let subject = Subject {
            case: &entry.case,
            graph,
            sources: &tested.sources,
            source,
            comparison: tested.comparison.as_ref(),
            failures: &tested.failures,
            is_expected_to_fail: tested.xfail.is_some(),
            request,
        };
        let mut take = |change: &Change| match &mut self.review {
            Some(review) => review.takes(&path, change),
            None => true,
        };
        let blessed = regress::bless(&subject, self.what, &mut take);
        for formula in formulas(&tested.failures) {
            say(format_args!("{path}  not blessed: {}\n", escape::line(&formula)));
        }
        match blessed {
            Ok(None) => {}
            Ok(Some(blessed)) => {
                self.files += 1;
                self.show(&blessed);
                if !self.dry_run {
                    write(&blessed, entry, self.style);
                }
            }
            Err(NotBlessed::Failed(why)) => fail(entry, self.style, why),
            Err(NotBlessed::Unfit(why)) => say(format_args!("{path}  {}\n", escape::line(&why))),
        }
    }

    /// Says what changes, and by how much.
    fn show(&self, blessed: &Blessed) {
        let name = blessed.case.path.display().to_string();
        // Whoever was asked has seen them.
        if self.review.is_none() {
            for one in &blessed.changes {
                say(format_args!("{}  {}\n", escape::line(&name), escape::line(&change(one))));
            }
        }
        let mut diff = diffy::DiffOptions::new();
        diff.set_context_len(1).set_original_filename(name.clone()).set_modified_filename(name);
        let patch = diff.create_patch(&blessed.before, &blessed.after).to_string();
        say(escape::text(&patch));
        if let Some(arrays) = &blessed.arrays {
            say(format_args!("and arrays in {}\n", escape::line(&arrays.path.to_string_lossy())));
        }
    }

    /// Says how many files there were; whether any would change and has not.
    pub fn end(&self) -> bool {
        let files = if self.files == 1 { "file" } else { "files" };
        if self.dry_run {
            say(format_args!("{} {files} would change; nothing was written\n", self.files));
        }
        self.dry_run && self.files > 0
    }
}

/// Failures that no blessing mends.
fn formulas(failures: &[Failure]) -> Vec<String> {
    let formula = |failure: &Failure| match failure {
        Failure::Mismatch(mismatch) => {
            let formula = mismatch.formula.as_ref()?;
            Some(format!("`{} = {formula}` is a formula; mend it, or what it is about", mismatch.name))
        }
        _ => None,
    };
    failures.iter().filter_map(formula).collect()
}

fn write(blessed: &Blessed, entry: &mut Entry, style: Style) {
    match blessed.write() {
        Ok(()) => {
            let is_mended = |failure: &Failure| {
                let span = failure.blessable();
                span.is_some() && blessed.changes.iter().any(|change| change.span == span)
            };
            entry.tested.failures.retain(|failure| !is_mended(failure));
        }
        Err(words) => fail(entry, style, words),
    }
}

/// What was asked for and is not done is a failure.
fn fail(entry: &mut Entry, style: Style, words: String) {
    let name = entry.case.path.display().to_string();
    say(format_args!("{}  {}  {}\n", style.bad("FAIL"), escape::line(&name), escape::line(&words)));
    entry.tested.failures.push(Failure::NotBlessed(words));
}
