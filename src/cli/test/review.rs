//! `--bless --review`: every change is shown, and asked for.

use crate::{escape, regress::Change, report::regression::change};
use std::io::{self, BufRead, IsTerminal, Write};

/// Whether somebody can be asked.
pub fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks, until an answer holds for all the rest.
pub struct Review<I, O> {
    answers: I,
    questions: O,
    rest: Option<bool>,
}

impl<I: BufRead, O: Write> Review<I, O> {
    pub fn new(answers: I, questions: O) -> Self {
        Self { answers, questions, rest: None }
    }

    /// Whether a change of a file is taken.
    pub fn takes(&mut self, path: &str, of: &Change) -> bool {
        if let Some(rest) = self.rest {
            return rest;
        }
        let question = format!("{path}  {}", escape::line(&change(of)));
        loop {
            let mut answer = String::new();
            let asked = write!(self.questions, "{question}\nbless it? yes, no, all, quit [y/n/a/q] ")
                .and_then(|()| self.questions.flush())
                .and_then(|()| self.answers.read_line(&mut answer));
            let taken = match (asked, answer.trim().to_lowercase().as_str()) {
                // Nobody answers any more.
                (Err(_) | Ok(0), _) => false,
                (_, "y" | "yes") => return true,
                (_, "n" | "no") => return false,
                (_, "a" | "all") => true,
                (_, "q" | "quit") => false,
                _ => continue,
            };
            self.rest = Some(taken);
            return taken;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::ValueId,
        regress::{Place, Stated},
        shape::Shape,
    };

    fn taken(answers: &str, changes: usize) -> (Vec<bool>, String) {
        let mut asked = Vec::new();
        let mut review = Review::new(answers.as_bytes(), &mut asked);
        let shape = Stated::Shape(Shape::new(&[2]));
        let change = Change::new("y".into(), Place::Value(ValueId(0)), None, shape);
        let taken = (0..changes).map(|_| review.takes("a.graph", &change)).collect();
        (taken, String::from_utf8(asked).unwrap())
    }

    #[test]
    fn answers_hold_for_one_or_for_the_rest() {
        assert_eq!(taken("y\nn\nyes\n", 3).0, [true, false, true]);
        assert_eq!(taken("n\nA\n", 4).0, [false, true, true, true]);
        assert_eq!(taken("y\nq\n", 4).0, [true, false, false, false]);
        assert_eq!(taken("y\n", 3).0, [true, false, false], "the end of all answers is a no");
        let (answers, asked) = taken("perhaps\n\ny\n", 1);
        assert_eq!((answers, asked.matches("bless it?").count()), (vec![true], 3));
    }
}
