//! Tensors that lie side by side in an output: concat and stack.

use crate::op::{
    Call, Cone, Dirty, Float, Inputs, Misuse, Output, Subject,
    cone::{Change, across},
};
use std::ops::Range;

/// Where every input lies in the rows of an output.
#[derive(Debug, Default)]
pub struct Joined {
    /// How many elements a row of the output has, from the joined axis inwards.
    row: usize,
    /// Which of them come from each input.
    places: Vec<Range<usize>>,
}

impl Joined {
    /// Puts the next input behind the others, with so many elements a row.
    pub fn push(&mut self, elements: usize) {
        let end = self.row.saturating_add(elements);
        self.places.push(self.row..end);
        self.row = end;
    }

    pub fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        match y {
            Output::Float(y) => (0..x.count()).for_each(|input| self.place(input, x.float(input), y)),
            Output::Int(y) => (0..x.count()).for_each(|input| self.place(input, x.int(input), y)),
        }
    }

    fn place<T: Copy>(&self, input: usize, x: &[T], y: &mut [T]) {
        let place = self.places[input].clone();
        for (x, row) in x.chunks_exact(place.len().max(1)).zip(y.chunks_exact_mut(self.row.max(1))) {
            row[place.clone()].copy_from_slice(x);
        }
    }

    pub fn backward<F: Float>(&self, input: usize, upstream: &[F], gradient: &mut [F]) {
        let place = self.places[input].clone();
        let rows = upstream.chunks_exact(self.row.max(1));
        for (part, row) in gradient.chunks_exact_mut(place.len().max(1)).zip(rows) {
            part.iter_mut().zip(&row[place.clone()]).for_each(|(part, &up)| *part += up);
        }
    }

    pub fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        if (0..x.count()).any(|input| x.is_int(input)) {
            return None;
        }
        Some(Box::new(move |change: &Change, y: &mut Dirty| {
            for (input, place) in self.places.iter().enumerate() {
                let x = change.float(input);
                for &at in change.of(input) {
                    let at = at as usize;
                    let to = at / place.len() * self.row + place.start + at % place.len();
                    y.set(to, across(x, at));
                }
            }
        }))
    }

    /// Refuses floats beside ints.
    ///
    /// # Errors
    /// The first input of another kind than input 0.
    pub fn of_one_kind(call: &Call) -> Result<(), Misuse> {
        let kind = call.kind(0);
        let Some(input) = (0..call.inputs.len()).find(|&input| call.kind(input) != kind) else {
            return Ok(());
        };
        let (first, this) = (kind.word(), call.kind(input).word());
        let message = format!("tensors of one kind are joined: the first is {first}, this is {this}");
        Err(Misuse::new(Subject::Input(input), message).help("write 3.0 for a float, 3 for an int"))
    }

    /// From the least to the greatest of all ints, where all are known.
    pub fn range(call: &Call) -> Option<(i64, i64)> {
        let ranges = call.inputs.iter().map(|argument| argument.range);
        ranges.reduce(|all, next| all.zip(next).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)))).flatten()
    }
}
