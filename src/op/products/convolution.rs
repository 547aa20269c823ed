//! Products of what windows see with weights, of which `conv` and `conv_transpose` are made.

use super::plane::Plane;
use crate::op::{Float, Windows, in_parts, matrix, matrix_mut};
use ndarray::{ArrayView2, s};
use std::ops::Range;

/// So many elements of columns are made at a time: they stay near the processor, and take little memory.
const COLUMNS: usize = 1 << 16;

/// Of so many output channels in a group, a product of matrices is worth the columns that it wants.
const WORTH_COLUMNS: usize = 4;

/// Images `[batch, groups · image_channels, …]`, weights `[groups · output_channels, image_channels, …]`
/// and outputs `[batch, groups · output_channels, …]`, one element for each window.
#[derive(Debug)]
pub struct Convolution {
    windows: Windows,
    batch: usize,
    groups: usize,
    image_channels: usize,
    output_channels: usize,
    /// Where groups are computed without columns.
    plane: Option<Plane>,
}

impl Convolution {
    /// `image_channels` and `output_channels` are those of each group.
    pub fn new(
        windows: Windows,
        batch: usize,
        groups: usize,
        image_channels: usize,
        output_channels: usize,
    ) -> Self {
        let is_thin = image_channels > 0 && output_channels < WORTH_COLUMNS && !windows.are_points();
        let plane = is_thin.then(|| Plane::of(windows.axes())).flatten();
        Self { windows, batch, groups, image_channels, output_channels, plane }
    }

    /// `output = weights · image + beta · output`.
    pub fn apply<F: Float>(&self, image: &[F], weights: &[F], beta: F, output: &mut [F]) {
        in_parts(output, self.of_output().max(1), &|at, output| {
            let (image, weights) = (self.image(image, at), self.weights(weights, at % self.groups));
            if let Some(plane) = &self.plane {
                return plane.apply(self.image_channels, image, weights, beta, output);
            }
            let mut output = matrix_mut(output, self.output_channels, self.windows.output());
            let mut buffer = Vec::new();
            for windows in self.runs() {
                let mut part = output.slice_mut(s![.., windows.clone()]);
                let columns = self.columns(image, windows, &mut buffer);
                F::matmul(self.rows_of(weights), columns, beta, &mut part);
            }
        });
    }

    /// Adds to an image what an output sends back through the weights.
    pub fn add_to_image<F: Float>(&self, weights: &[F], output: &[F], image: &mut [F]) {
        in_parts(image, self.of_image().max(1), &|at, image| {
            let (weights, output) = (self.weights(weights, at % self.groups), self.output(output, at));
            if let Some(plane) = &self.plane {
                return plane.add_to_image(self.image_channels, weights, output, image);
            }
            let output = matrix(output, self.output_channels, self.windows.output());
            let (rows, weights, mut buffer) = (self.rows(), self.rows_of(weights), Vec::new());
            for windows in self.runs() {
                let output = output.slice(s![.., windows.clone()]);
                if self.windows.are_points() {
                    let mut image = matrix_mut(image, rows, windows.len());
                    F::matmul(weights.t(), output, F::one(), &mut image);
                    continue;
                }
                buffer.resize(rows * windows.len(), F::zero());
                F::matmul(weights.t(), output, F::zero(), &mut matrix_mut(&mut buffer, rows, windows.len()));
                self.windows.add_columns(self.image_channels, &buffer, windows, image);
            }
        });
    }

    /// Adds to weights what an output sends back through an image.
    pub fn add_to_weights<F: Float>(&self, image: &[F], output: &[F], weights: &mut [F]) {
        in_parts(weights, self.of_weights().max(1), &|group, weights| {
            let mut buffer = Vec::new();
            for at in (0..self.batch).map(|batch| batch * self.groups + group) {
                let (image, output) = (self.image(image, at), self.output(output, at));
                if let Some(plane) = &self.plane {
                    plane.add_to_weights(self.image_channels, image, output, weights);
                    continue;
                }
                let output = matrix(output, self.output_channels, self.windows.output());
                let mut weights = matrix_mut(weights, self.output_channels, self.rows());
                for windows in self.runs() {
                    let output = output.slice(s![.., windows.clone()]);
                    let columns = self.columns(image, windows, &mut buffer);
                    F::matmul(output, columns.t(), F::one(), &mut weights);
                }
            }
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

    /// How many elements one group of one image has.
    fn of_image(&self) -> usize {
        self.image_channels.saturating_mul(self.windows.input())
    }

    fn of_weights(&self) -> usize {
        self.output_channels.saturating_mul(self.rows())
    }

    fn of_output(&self) -> usize {
        self.output_channels.saturating_mul(self.windows.output())
    }

    /// One group of one image, counted through all of a batch.
    fn image<'a, F>(&self, image: &'a [F], at: usize) -> &'a [F] {
        &image[at * self.of_image()..][..self.of_image()]
    }

    fn weights<'a, F>(&self, weights: &'a [F], group: usize) -> &'a [F] {
        &weights[group * self.of_weights()..][..self.of_weights()]
    }

    fn output<'a, F>(&self, output: &'a [F], at: usize) -> &'a [F] {
        &output[at * self.of_output()..][..self.of_output()]
    }

    fn rows_of<'a, F>(&self, weights: &'a [F]) -> ArrayView2<'a, F> {
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

    /// All windows, some at a time.
    fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        let windows = self.windows.output();
        let few = if self.windows.are_points() { windows } else { COLUMNS / self.rows().max(1) }.max(1);
        (0..windows).step_by(few).map(move |start| start..windows.min(start.saturating_add(few)))
    }
}
