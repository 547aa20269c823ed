//! Windows without columns: what a product of few rows takes is computed in long loops over the padded image.

use super::windows::Axis;
use crate::op::{Float, vector};

/// Numbers that go through a loop side by side.
const ABREAST: usize = 64;

/// So many times the elements of image or output a padded image may have.
const SPARSE: usize = 4;

/// A padded image laid out flat. What one tap sees lies equally far from the place of its window, for all windows.
#[derive(Debug)]
pub struct Plane {
    image: Rows,
    windows: Rows,
    /// How far from the place of a window each of its taps sees, and the farthest.
    taps: Vec<usize>,
    reach: usize,
    size: usize,
    /// From the first window to behind the last.
    span: usize,
}

/// Elements among those of a padded image, row by row: each row begins somewhere, and all are alike.
#[derive(Debug)]
struct Rows {
    starts: Vec<usize>,
    length: usize,
    stride: usize,
}

impl Rows {
    fn count(&self) -> usize {
        self.starts.len() * self.length
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        self.starts.iter().flat_map(move |start| (0..self.length).map(move |at| start + at * self.stride))
    }

    fn put<F: Copy>(&self, elements: &[F], padded: &mut [F]) {
        for (&start, row) in self.starts.iter().zip(elements.chunks(self.length.max(1))) {
            let places = padded[start..].iter_mut().step_by(self.stride);
            places.zip(row).for_each(|(place, &element)| *place = element);
        }
    }

    fn add<F: Float>(&self, padded: &[F], elements: &mut [F]) {
        for (&start, row) in self.starts.iter().zip(elements.chunks_mut(self.length.max(1))) {
            let places = padded[start..].iter().step_by(self.stride);
            row.iter_mut().zip(places).for_each(|(element, &more)| *element += more);
        }
    }
}

impl Plane {
    /// `None` where windows are so far apart, or padding is so wide, that most of it would be computed in vain.
    pub fn of(axes: &[Axis; 3]) -> Option<Self> {
        let product = |lengths: [usize; 3]| lengths.into_iter().fold(1usize, usize::saturating_mul);
        let span = |axis: &Axis| (axis.output - 1).saturating_mul(axis.stride);
        let lengths = axes
            .each_ref()
            .map(|axis| (axis.padding + axis.input).max(span(axis).saturating_add(axis.reach())));
        let size = product(lengths);
        let used = product(axes.map(|axis| axis.input)).max(product(axes.map(|axis| axis.output)));
        if size / SPARSE > used {
            return None;
        }
        let at = |[z, y, x]: [usize; 3]| (z * lengths[1] + y) * lengths[2] + x;
        let each = |counts: [usize; 3], place: &dyn Fn([usize; 3]) -> [usize; 3]| -> Vec<usize> {
            let [deep, high, wide] = counts;
            let all = (0..deep).flat_map(|z| (0..high).flat_map(move |y| (0..wide).map(move |x| [z, y, x])));
            all.map(|counted| at(place(counted))).collect()
        };
        let [deep, high, wide] = axes;
        let image = Rows {
            starts: each([deep.input, high.input, 1], &|[z, y, _]| {
                [z + deep.padding, y + high.padding, wide.padding]
            }),
            length: wide.input,
            stride: 1,
        };
        let windows = Rows {
            starts: each([deep.output, high.output, 1], &|[z, y, _]| [z * deep.stride, y * high.stride, 0]),
            length: wide.output,
            stride: wide.stride,
        };
        let taps = each(axes.map(|axis| axis.kernel), &|[z, y, x]| {
            [z * deep.dilation, y * high.dilation, x * wide.dilation]
        });
        let reach = taps.last().copied().unwrap_or(0);
        Some(Self { image, windows, taps, reach, size, span: at(axes.each_ref().map(span)) + 1 })
    }

    /// `output = weights · image + beta · output`, with a weight for each output, channel of the image and tap.
    /// A loop goes over windows, or over taps where there are more of them.
    pub fn apply<F: Float>(&self, channels: usize, image: &[F], weights: &[F], beta: F, output: &mut [F]) {
        let images = self.padded(channels, image);
        if beta.is_zero() {
            output.fill(F::zero());
        } else {
            output.iter_mut().for_each(|y| *y = beta * *y);
        }
        let outputs = output.chunks_mut(self.windows.count().max(1));
        let outputs = outputs.zip(weights.chunks((channels * self.taps.len()).max(1)));
        if self.taps.len() > self.windows.count() {
            let mut laid = vec![F::zero(); (self.reach + 1).next_multiple_of(ABREAST)];
            for (output, weights) in outputs {
                for (image, weights) in images.chunks(self.room()).zip(weights.chunks(self.taps.len())) {
                    self.taps.iter().zip(weights).for_each(|(&tap, &weight)| laid[tap] = weight);
                    for (y, window) in output.iter_mut().zip(self.windows.places()) {
                        *y += vector::run(Dot(&laid, &image[window..]));
                    }
                }
            }
            return;
        }
        let mut sums = vec![F::zero(); self.span];
        for (output, weights) in outputs {
            let sources =
                images.chunks(self.room()).flat_map(|image| self.taps.iter().map(|&tap| &image[tap..]));
            correlate(weights.iter().copied().zip(sources), &mut sums);
            self.windows.add(&sums, output);
        }
    }

    /// Adds to an image what an output sends back through the weights.
    pub fn add_to_image<F: Float>(&self, channels: usize, weights: &[F], output: &[F], image: &mut [F]) {
        let room = self.reach + self.size.next_multiple_of(ABREAST);
        let windows = self.windows.count().max(1);
        let mut upstreams = vec![F::zero(); output.len() / windows * room];
        for (output, upstream) in output.chunks(windows).zip(upstreams.chunks_mut(room)) {
            self.windows.put(output, &mut upstream[self.reach..]);
        }
        let mut sums = vec![F::zero(); self.size];
        let elements = self.image.count().max(1);
        for (channel, image) in image.chunks_mut(elements).enumerate() {
            let own = weights.chunks(self.taps.len()).skip(channel).step_by(channels);
            let terms = own.zip(upstreams.chunks(room)).flat_map(|(weights, upstream)| {
                let sources = self.taps.iter().map(|&tap| &upstream[self.reach - tap..]);
                weights.iter().copied().zip(sources)
            });
            correlate(terms, &mut sums);
            self.image.add(&sums, image);
        }
    }

    /// Adds to weights what an output sends back through an image.
    pub fn add_to_weights<F: Float>(&self, channels: usize, image: &[F], output: &[F], weights: &mut [F]) {
        let images = self.padded(channels, image);
        let windows = self.windows.count().max(1);
        let mut upstream = vec![F::zero(); self.span.next_multiple_of(ABREAST)];
        let of_output = weights.chunks_mut((channels * self.taps.len()).max(1));
        for (output, weights) in output.chunks(windows).zip(of_output) {
            self.windows.put(output, &mut upstream);
            for (image, weights) in images.chunks(self.room()).zip(weights.chunks_mut(self.taps.len())) {
                for (weight, &tap) in weights.iter_mut().zip(&self.taps) {
                    *weight += vector::run(Dot(&upstream, &image[tap..]));
                }
            }
        }
    }

    /// How many elements of a padded image the loops touch, with what fills their last rounds.
    fn room(&self) -> usize {
        self.size.max(self.span + self.reach + ABREAST)
    }

    fn padded<F: Float>(&self, channels: usize, image: &[F]) -> Vec<F> {
        let mut all = vec![F::zero(); channels * self.room()];
        let elements = self.image.count().max(1);
        for (image, padded) in image.chunks(elements).zip(all.chunks_mut(self.room())) {
            self.image.put(image, padded);
        }
        all
    }
}

/// `to[q] = Σ weight * source[q]`, in the order of the terms. A source has as many elements as `to`, and enough more
/// to fill the last round.
fn correlate<'a, F: Float>(terms: impl Iterator<Item = (F, &'a [F])>, to: &mut [F]) {
    vector::run(Correlate(&terms.collect::<Vec<_>>(), to));
}

struct Correlate<'a, F>(&'a [(F, &'a [F])], &'a mut [F]);

impl<F: Float> vector::Loop for Correlate<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self(terms, to) = self;
        for (round, to) in to.chunks_mut(ABREAST).enumerate() {
            let mut sums = [F::zero(); ABREAST];
            for &(weight, source) in terms {
                let Some(source) = source[round * ABREAST..].first_chunk::<ABREAST>() else { continue };
                for at in 0..ABREAST {
                    sums[at] += weight * source[at];
                }
            }
            to.copy_from_slice(&sums[..to.len()]);
        }
    }
}

/// The sum of products of two slices, the first a multiple of [`ABREAST`] long and the other no shorter.
struct Dot<'a, F>(&'a [F], &'a [F]);

impl<F: Float> vector::Loop for Dot<'_, F> {
    type Output = F;

    #[inline(always)]
    fn run(self) -> F {
        let mut sums = [F::zero(); ABREAST];
        for (a, b) in self.0.as_chunks::<ABREAST>().0.iter().zip(self.1.as_chunks::<ABREAST>().0) {
            for at in 0..ABREAST {
                sums[at] += a[at] * b[at];
            }
        }
        let mut half = ABREAST / 2;
        while half > 0 {
            for at in 0..half {
                let more = sums[at + half];
                sums[at] += more;
            }
            half /= 2;
        }
        sums[0]
    }
}
