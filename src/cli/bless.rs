//! `graphrun test --bless`: what came out is written into the file, and the difference
//! is shown.

use crate::{
    diagnostic::{Diagnostic, Refusal},
    escape,
    regress::{self, Blessing, Failure, NotBlessed, Subject},
    report::{
        Style,
        regression::{Counts, Entry},
    },
    resolve::Request,
};
use std::io::{self, Write};

/// Blesses one file; what was mended no longer counts as failed.
pub fn bless(
    blessing: Blessing,
    request: &Request,
    entry: &mut Entry,
    counts: &mut Counts,
    style: Style,
) -> io::Result<()> {
    let tested = &entry.tested;
    let (Some(graph), Some(source)) = (&tested.graph, &tested.source) else { return Ok(()) };
    let path = &entry.case.path;
    let subject = Subject {
        case: &entry.case,
        graph,
        sources: &tested.sources,
        source,
        comparison: tested.comparison.as_ref(),
        failures: &tested.failures,
        request,
    };
    let mut said = io::stderr().lock();
    match regress::bless(&subject, blessing) {
        Ok(None) => {}
        Ok(Some(blessed)) => {
            let name = path.display().to_string();
            let mut diff = diffy::DiffOptions::new();
            diff.set_context_len(1).set_original_filename(name.clone()).set_modified_filename(name.clone());
            write!(
                said,
                "{}",
                escape::text(&diff.create_patch(&blessed.before, &blessed.after).to_string())
            )?;
            if let Some(arrays) = &blessed.arrays {
                writeln!(said, "and arrays in {}", escape::line(&arrays.path.to_string_lossy()))?;
            }
            match blessed.write() {
                Ok(()) if blessing == Blessing::All => {
                    let was = tested.outcome();
                    entry.tested.failures.retain(|failure| !matches!(failure, Failure::Mismatch(_)));
                    if was == regress::Outcome::Failed && entry.tested.outcome() == regress::Outcome::Passed {
                        counts.failed -= 1;
                        counts.passed += 1;
                    }
                }
                Ok(()) => {}
                Err(words) => fail(entry, counts, style, &words)?,
            }
        }
        Err(NotBlessed::Failed(why)) => fail(entry, counts, style, &why)?,
        Err(NotBlessed::Unfit(why)) => {
            writeln!(said, "{}  {}", escape::line(&path.to_string_lossy()), escape::line(&why))?;
        }
    }
    Ok(())
}

/// What was asked for and is not done is a failure.
fn fail(entry: &mut Entry, counts: &mut Counts, style: Style, words: &str) -> io::Result<()> {
    let name = entry.case.path.display().to_string();
    writeln!(io::stderr(), "{}  {}  {}", style.bad("FAIL"), escape::line(&name), escape::line(words))?;
    if entry.tested.outcome() == regress::Outcome::Passed {
        counts.passed -= 1;
        counts.failed += 1;
    }
    let fault = Diagnostic::error(format!("{name}: {words}"));
    entry.tested.failures.push(Failure::Refused(Refusal::from(fault)));
    Ok(())
}
