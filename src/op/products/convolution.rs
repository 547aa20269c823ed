//! Products of what windows see with weights, of which `conv` and `conv_transpose` are made.

use crate::op::{Float, Windows, matrix, matrix_mut};
use ndarray::{ArrayView2, s};
use std::ops::Range;

/// So many elements of columns are made at a time: they stay near the processor, and take little memory.
const COLUMNS: usize = 1 << 16;

/// Images `[batch, groups · image_channels, …]`, weights `[groups · output_channels, image_channels, …]`
/// and outputs `[batch, groups · output_channels, …]`, one element for each window.
#[derive(Debug)]
pub struct Convolution {
    pub windows: Windows,
    pub batch: usize,
    pub groups: usize,
    pub image_channels: usize,
    pub output_channels: usize,
}

/// Where one group of one image of a batch lies.
struct Place {
    image: Range<usize>,
    weights: Range<usize>,
    output: Range<usize>,
}

impl Convolution {
    /// `output = weights · image + beta · output`.
    pub fn apply<F: Float>(&self, image: &[F], weights: &[F], beta: F, output: &mut [F]) {
        let mut buffer = Vec::new();
        self.each(&mut |place, windows| {
            let mut output =
                matrix_mut(&mut output[place.output], self.output_channels, self.windows.output());
            let mut part = output.slice_mut(s![.., windows.clone()]);
            let columns = self.columns(&image[place.image], windows, &mut buffer);
            F::matmul(self.weights(&weights[place.weights]), columns, beta, &mut part);
        });
    }

    /// Adds to an image what an output sends back through the weights.
    pub fn add_to_image<F: Float>(&self, weights: &[F], output: &[F], image: &mut [F]) {
        let (rows, mut buffer) = (self.rows(), Vec::new());
        self.each(&mut |place, windows| {
            let weights = self.weights(&weights[place.weights]);
            let output = matrix(&output[place.output], self.output_channels, self.windows.output());
            let (output, image) = (output.slice_move(s![.., windows.clone()]), &mut image[place.image]);
            if self.windows.are_points() {
                return F::matmul(weights.t(), output, F::one(), &mut matrix_mut(image, rows, windows.len()));
            }
            buffer.resize(rows * windows.len(), F::zero());
            F::matmul(weights.t(), output, F::zero(), &mut matrix_mut(&mut buffer, rows, windows.len()));
            self.windows.add_columns(self.image_channels, &buffer, windows, image);
        });
    }

    /// Adds to weights what an output sends back through an image.
    pub fn add_to_weights<F: Float>(&self, image: &[F], output: &[F], weights: &mut [F]) {
        let mut buffer = Vec::new();
        self.each(&mut |place, windows| {
            let output = matrix(&output[place.output], self.output_channels, self.windows.output());
            let output = output.slice_move(s![.., windows.clone()]);
            let columns = self.columns(&image[place.image], windows, &mut buffer);
            let mut weights = matrix_mut(&mut weights[place.weights], self.output_channels, self.rows());
            F::matmul(output, columns.t(), F::one(), &mut weights);
        });
    }

    pub fn flops(&self) -> usize {
        let channels = self.groups * self.output_channels * self.batch;
        2usize.saturating_mul(channels).saturating_mul(self.rows()).saturating_mul(self.windows.output())
    }

    /// One for each channel of a group and tap.
    fn rows(&self) -> usize {
        self.image_channels.saturating_mul(self.windows.taps())
    }

    fn weights<'a, F>(&self, weights: &'a [F]) -> ArrayView2<'a, F> {
        matrix(weights, self.output_channels, self.rows())
    }

    /// What some windows see.
    fn columns<'a, F: Float>(
        &self,
        image: &'a [F],
        windows: Range<usize>,
        buffer: &'a mut Vec<F>,
    ) -> ArrayView2<'a, F> {
        let (rows, columns) = (self.rows(), windows.len());
        if self.windows.are_points() {
            return matrix(image, rows, columns);
        }
        buffer.resize(rows * columns, F::zero());
        self.windows.columns(self.image_channels, image, windows, buffer);
        matrix(buffer, rows, columns)
    }

    /// Calls `visit` for each image and group, with some windows at a time.
    fn each(&self, visit: &mut dyn FnMut(Place, Range<usize>)) {
        let (windows, rows) = (self.windows.output(), self.rows());
        if self.output_channels == 0 {
            // However long the other axes are: there is nothing to go through.
            return;
        }
        let sizes = [
            self.image_channels.saturating_mul(self.windows.input()),
            self.output_channels.saturating_mul(rows),
            self.output_channels.saturating_mul(windows),
        ];
        let range = |at: usize, size: usize| at * size..(at + 1) * size;
        let few = if self.windows.are_points() { windows } else { (COLUMNS / rows.max(1)).max(1) };
        for image in 0..self.batch {
            for group in 0..self.groups {
                let at = image * self.groups + group;
                for start in (0..windows).step_by(few.max(1)) {
                    let place = Place {
                        image: range(at, sizes[0]),
                        weights: range(group, sizes[1]),
                        output: range(at, sizes[2]),
                    };
                    visit(place, start..windows.min(start.saturating_add(few)));
                }
            }
        }
    }
}
