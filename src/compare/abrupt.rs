//! Changes that are as large however small the step: no slope is measured across them.

use super::measure::{Direction, LADDER, Line, rise};

impl Line<'_> {
    /// The narrowest step moves the outputs by much of what they are, and nearly as far as a wide one does: what
    /// lies within it no step shows. So it is with scores under a mask as large as numbers get.
    pub fn outruns(&mut self, direction: &Direction) -> bool {
        let here = self.base_outputs();
        let size: f64 = here.iter().map(|y| y.to_f64().abs()).sum();
        [1.0, -1.0].into_iter().any(|sign| {
            let [wide, narrow] = [1e-12, LADDER[LADDER.len() - 1]].map(|step| {
                let point = self.at(direction, sign * step);
                point.map_or(0.0, |point| rise(&here, &point.outputs).to_f64().abs())
            });
            narrow > 1e-10 * size && wide < 1e6 * narrow
        })
    }

    /// A step a million times smaller moves the outputs as far.
    pub fn jumps(&mut self, direction: &Direction) -> bool {
        let here = self.base_outputs();
        // What rounding leaves is as large at every step, too.
        let least = 1e-20 * here.iter().map(|y| y.to_f64().abs()).sum::<f64>();
        [1.0, -1.0].into_iter().any(|sign| {
            let rise = |line: &mut Self, step: f64| {
                line.at(direction, sign * step).map(|point| rise(&here, &point.outputs).to_f64().abs())
            };
            match (rise(self, 1e-6), rise(self, 1e-12)) {
                (Some(far), Some(near)) => far > least && near > 0.5 * far,
                _ => false,
            }
        })
    }
}
