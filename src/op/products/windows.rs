//! Windows over the last axes of an image: which of its elements each window sees.

use crate::op::{Attribute, AttributeKind, Call, Float, Misuse, Subject};
use crate::shape::Shape;
use std::ops::Range;

/// No stride, padding or dilation is greater, so that no place overflows.
const GREATEST: i64 = u32::MAX as i64;

/// The windows along one axis.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    /// How many elements the image has.
    pub input: usize,
    /// How many taps a window has, and how far they are apart.
    pub kernel: usize,
    pub dilation: usize,
    /// How far windows are apart, and how far the first one begins before the image.
    pub stride: usize,
    pub padding: usize,
    /// How many windows there are.
    pub output: usize,
}

impl Axis {
    const NONE: Self = Self { input: 1, kernel: 1, dilation: 1, stride: 1, padding: 0, output: 1 };

    /// As many windows as fit into the padded image; `None` where not one does.
    pub fn fitting(self) -> Option<Self> {
        let room = self.input as i128 + 2 * self.padding as i128 - self.reach() as i128;
        let output = usize::try_from(room.checked_div(self.stride as i128)? + 1).ok()?;
        (room >= 0).then_some(Self { output, ..self })
    }

    /// How many elements lie from the first tap of a window to the last.
    pub fn reach(&self) -> usize {
        self.dilation.saturating_mul(self.kernel.saturating_sub(1)).saturating_add(1)
    }

    /// How long an image is whose windows these many elements are, with `more` at its end.
    pub fn spread(&self, more: usize) -> i128 {
        let (input, padding) = (self.input as i128, self.padding as i128);
        (input - 1) * self.stride as i128 - 2 * padding + self.reach() as i128 + more as i128
    }

    /// The element that a tap of a window sees, if it is none of the padding.
    #[inline(always)]
    fn at(&self, window: usize, tap: usize) -> Option<usize> {
        let at = (window * self.stride + tap * self.dilation).checked_sub(self.padding)?;
        (at < self.input).then_some(at)
    }

    /// The windows of which a tap sees the image.
    fn windows(&self, tap: usize) -> Range<usize> {
        let before = |place: usize| place.saturating_sub(tap * self.dilation).div_ceil(self.stride);
        before(self.padding).min(self.output)..before(self.padding + self.input).min(self.output)
    }

    /// The taps of a window that see the image.
    fn taps(&self, window: usize) -> Range<usize> {
        let before = |place: usize| place.saturating_sub(window * self.stride).div_ceil(self.dilation);
        before(self.padding).min(self.kernel)..before(self.padding + self.input).min(self.kernel)
    }
}

/// Windows over an image of one to three axes, which are the last of three here.
#[derive(Debug, Clone)]
pub struct Windows([Axis; 3]);

/// A run of neighbouring windows, and what one tap of each sees.
struct Line {
    /// Where it begins among the columns, and its length.
    to: usize,
    length: usize,
    /// Those that see the image, from this element of it on; the others see padding.
    inside: Range<usize>,
    from: usize,
}

impl Windows {
    pub fn new(axes: &[Axis]) -> Self {
        let mut all = [Axis::NONE; 3];
        all[3 - axes.len()..].copy_from_slice(axes);
        Self(all)
    }

    /// Those of the image, the last of three; the others have one element.
    pub fn axes(&self) -> &[Axis; 3] {
        &self.0
    }

    fn product(&self, length: impl Fn(&Axis) -> usize) -> usize {
        Shape::new(&self.0.each_ref().map(length)).size()
    }

    /// How many elements the image has.
    pub fn input(&self) -> usize {
        self.product(|axis| axis.input)
    }

    /// How many taps a window has.
    pub fn taps(&self) -> usize {
        self.product(|axis| axis.kernel)
    }

    /// How many windows there are.
    pub fn output(&self) -> usize {
        self.product(|axis| axis.output)
    }

    /// How many elements such an image of so many channels has, and how many all of its columns.
    pub fn sizes(&self, channels: usize) -> [usize; 2] {
        let columns = self.taps().saturating_mul(self.output());
        // At least 1, to part a tensor by: one without channels has no elements.
        [self.input(), columns].map(|size| size.saturating_mul(channels).max(1))
    }

    /// Every window sees one element, in their order.
    pub fn are_points(&self) -> bool {
        self.0.iter().all(|axis| axis.kernel == 1 && axis.padding == 0 && axis.input == axis.output)
    }

    /// Calls `visit` with the number of every window and the elements that it sees, in order.
    pub fn each(&self, visit: &mut dyn FnMut(usize, &[usize])) {
        let [deep, high, wide] = &self.0;
        let (mut window, mut seen) = (0, Vec::new());
        for d in 0..deep.output {
            for h in 0..high.output {
                for w in 0..wide.output {
                    seen.clear();
                    for z in deep.taps(d).filter_map(|tap| deep.at(d, tap)) {
                        for y in high.taps(h).filter_map(|tap| high.at(h, tap)) {
                            let row = (z * high.input + y) * wide.input;
                            seen.extend(wide.taps(w).filter_map(|tap| wide.at(w, tap)).map(|x| row + x));
                        }
                    }
                    visit(window, &seen);
                    window += 1;
                }
            }
        }
    }

    /// What the taps of some windows see of every channel: a row for each channel and tap, a column
    /// for each window.
    #[inline(always)]
    fn lines(&self, channels: usize, windows: Range<usize>, mut visit: impl FnMut(Line)) {
        let [deep, high, wide] = &self.0;
        let mut parts = Vec::new();
        let mut at = windows.start;
        while at < windows.end {
            let first = at % wide.output;
            let length = (wide.output - first).min(windows.end - at);
            let row = at / wide.output;
            parts.push((row / high.output, row % high.output, first..first + length));
            at += length;
        }
        let mut to = 0;
        for channel in 0..channels {
            for tap_d in 0..deep.kernel {
                for tap_h in 0..high.kernel {
                    for tap_w in 0..wide.kernel {
                        let sees = wide.windows(tap_w);
                        for (d, h, part) in &parts {
                            let (start, length) = (part.start, part.len());
                            let mut line = Line { to, length, inside: 0..0, from: 0 };
                            to += length;
                            if let (Some(z), Some(y)) = (deep.at(*d, tap_d), high.at(*h, tap_h)) {
                                let inside = sees.start.max(start)..sees.end.min(part.end);
                                if let Some(x) = (!inside.is_empty()).then(|| wide.at(inside.start, tap_w)) {
                                    let row = (channel * deep.input + z) * high.input + y;
                                    line.from = row * wide.input + x.unwrap_or(0);
                                    line.inside = inside.start - start..inside.end - start;
                                }
                            }
                            visit(line);
                        }
                    }
                }
            }
        }
    }

    /// Writes what some windows see: a row for each channel and tap, a column for each window.
    pub fn columns<F: Float>(&self, channels: usize, image: &[F], windows: Range<usize>, columns: &mut [F]) {
        let stride = self.0[2].stride;
        self.lines(channels, windows, |Line { to, length, inside, from }| {
            let line = &mut columns[to..][..length];
            line[..inside.start].fill(F::zero());
            line[inside.end..].fill(F::zero());
            let line = &mut line[inside];
            match stride {
                1 => line.copy_from_slice(&image[from..][..line.len()]),
                _ => line.iter_mut().zip(image[from..].iter().step_by(stride)).for_each(|(to, x)| *to = *x),
            }
        });
    }

    /// Adds such columns to the elements that the windows see.
    pub fn add_columns<F: Float>(
        &self,
        channels: usize,
        columns: &[F],
        windows: Range<usize>,
        image: &mut [F],
    ) {
        let stride = self.0[2].stride;
        self.lines(channels, windows, |Line { to, length, inside, from }| {
            let line = &columns[to..][..length][inside];
            match stride {
                1 => image[from..][..line.len()].iter_mut().zip(line).for_each(|(x, &more)| *x += more),
                _ => image[from..].iter_mut().step_by(stride).zip(line).for_each(|(x, &more)| *x += more),
            }
        });
    }
}

/// What ops of windows are asked for.
impl Windows {
    pub const STRIDE: Attribute = Attribute {
        name: "stride",
        kind: AttributeKind::Ints,
        default: Some("1"),
        doc: "how far windows are apart; one number, or one for each axis",
    };

    pub const PADDING: Attribute = Attribute {
        name: "padding",
        kind: AttributeKind::Ints,
        default: Some("0"),
        doc: "how many elements are thought before and behind each axis; one number, or one for each axis",
    };

    pub const DILATION: Attribute = Attribute {
        name: "dilation",
        kind: AttributeKind::Ints,
        default: Some("1"),
        doc: "how far the elements that a window sees are apart; one number, or one for each axis",
    };

    pub const GROUPS: Attribute = Attribute {
        name: "groups",
        kind: AttributeKind::Int,
        default: Some("1"),
        doc: "into how many groups the channels are parted, each with weights of its own",
    };

    pub const KERNEL: Attribute = Attribute {
        name: "kernel",
        kind: AttributeKind::Ints,
        default: None,
        doc: "how many elements a window sees; one number, or one for each axis",
    };

    /// The lengths of the axes of input 0 behind [batch, channels].
    ///
    /// # Errors
    /// An input with fewer than one such axis, or more than three.
    pub fn image<'a>(call: &'a Call, op: &str) -> Result<&'a [usize], Misuse> {
        let x = call.shape(0);
        if (3..=5).contains(&x.rank()) {
            return Ok(&x[2..]);
        }
        let message =
            format!("x has shape {x}; {op} takes [batch, channels, …] with one to three axes behind");
        Err(Misuse::new(Subject::Input(0), message)
            .help("`unsqueeze(x, axis = 0)` adds the axis of a batch or of channels"))
    }

    /// The lengths of the windows, from weights of as many axes as input 0.
    ///
    /// # Errors
    /// Weights of another rank, or with an empty window.
    pub fn kernel_in<'a>(call: &'a Call, input: usize) -> Result<&'a [usize], Misuse> {
        let (x, w) = (call.shape(0), call.shape(input));
        let message = match w.rank() == x.rank() {
            false => format!("w has shape {w}; it needs as many axes as x, which has shape {x}"),
            true if w[2..].contains(&0) => format!("w has shape {w}; its windows have no elements"),
            true => return Ok(&w[2..]),
        };
        Err(Misuse::new(Subject::Input(input), message))
    }

    /// The attribute `groups`.
    ///
    /// # Errors
    /// Fewer than one.
    pub fn groups(call: &Call) -> Result<usize, Misuse> {
        let asked = call.int("groups").unwrap_or(1);
        usize::try_from(asked).ok().filter(|&groups| groups > 0).ok_or_else(|| {
            let message = format!("groups is {asked}; there must be one or more");
            Misuse::new(Subject::Attribute("groups"), message)
        })
    }

    /// An attribute of one number, or of one for each of so many axes, none less than `least`.
    ///
    /// # Errors
    /// Another count of numbers, and numbers that are too small or too great.
    pub fn for_each_axis(
        call: &Call,
        name: &'static str,
        axes: usize,
        least: i64,
    ) -> Result<Option<Vec<usize>>, Misuse> {
        let Some(given) = call.ints(name) else { return Ok(None) };
        let refuse = |message: String| Err(Misuse::new(Subject::Attribute(name), message));
        if given.len() != 1 && given.len() != axes {
            let numbers = if axes == 1 { "one number".to_string() } else { format!("one number or {axes}") };
            let found = given.len();
            return refuse(format!("{name} has {found} numbers; it is {numbers}, one for each axis"));
        }
        if let Some(wrong) = given.iter().find(|&&number| number < least) {
            return refuse(format!("{name} is {wrong}; it must be {least} or more"));
        }
        if let Some(wrong) = given.iter().find(|&&number| number > GREATEST) {
            return refuse(format!("{name} is {wrong}; it must be {GREATEST} or less"));
        }
        Ok(Some((0..axes).map(|axis| given[axis % given.len()] as usize).collect()))
    }

    /// The axes of an image with what a call says of stride, padding and dilation, and no windows yet.
    ///
    /// # Errors
    /// Attributes that do not fit.
    pub fn asked(call: &Call, image: &[usize], kernel: &[usize]) -> Result<Vec<Axis>, Misuse> {
        let of = |name, least| Self::for_each_axis(call, name, image.len(), least);
        // Windows that are not told how far apart they are lie side by side.
        let stride = of("stride", 1)?.unwrap_or_else(|| kernel.to_vec());
        let padding = of("padding", 0)?.unwrap_or_else(|| vec![0; image.len()]);
        let dilation = of("dilation", 1)?.unwrap_or_else(|| vec![1; image.len()]);
        let axis = |at: usize| Axis {
            input: image[at],
            kernel: kernel[at],
            dilation: dilation[at],
            stride: stride[at],
            padding: padding[at],
            output: 0,
        };
        Ok((0..image.len()).map(axis).collect())
    }

    /// The windows of a call over an image.
    ///
    /// # Errors
    /// Attributes that do not fit, and windows that do not.
    pub fn along(call: &Call, image: &[usize], kernel: &[usize]) -> Result<Vec<Axis>, Misuse> {
        let asked = Self::asked(call, image, kernel)?.into_iter().enumerate();
        let fitting = |(at, axis): (usize, Axis)| {
            axis.fitting().ok_or_else(|| {
                let (reach, room) = (axis.reach(), axis.input.saturating_add(2 * axis.padding));
                let at = at + 2;
                let message = format!(
                    "a window of {reach} does not fit into axis {at} of x, which has {room} with its padding"
                );
                Misuse::new(Subject::Call, message).help("a smaller kernel or dilation fits, or more padding")
            })
        };
        asked.map(fitting).collect()
    }
}

/// `1 channel`, `2 channels`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// How many channels each group has.
///
/// # Errors
/// They do not part evenly; `input` has them.
pub fn in_groups(channels: usize, groups: usize, what: &str, input: usize) -> Result<usize, Misuse> {
    if channels.is_multiple_of(groups) {
        return Ok(channels / groups);
    }
    let verb = if channels == 1 { "does" } else { "do" };
    let message = format!("{} {verb} not part into {groups} groups", counted(channels, what));
    Err(Misuse::new(Subject::Input(input), message))
}
