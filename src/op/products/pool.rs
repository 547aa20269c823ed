//! Pooling: one number for every window of every channel.

use crate::op::{Attribute, AttributeKind, Call, Misuse, Subject, Windows};
use crate::shape::Shape;

/// The windows of every channel of every image of a batch.
#[derive(Debug)]
pub struct Pool {
    windows: Windows,
    channels: usize,
}

impl Pool {
    pub const STRIDE: Attribute = Attribute {
        name: "stride",
        kind: AttributeKind::Ints,
        default: Some(""),
        doc: "how far windows are apart; one number, or one for each axis; as far as kernel without it",
    };

    /// The windows that a call asks for, and the shape of the output.
    ///
    /// # Errors
    /// Attributes that do not fit, and windows that do not.
    pub fn of(call: &Call, op: &str) -> Result<(Self, Shape), Misuse> {
        let (x, image) = (call.shape(0), Windows::image(call, op)?);
        let kernel = Windows::for_each_axis(call, "kernel", image.len(), 1)?.unwrap_or_default();
        let axes = Windows::along(call, image, &kernel)?;
        if let Some(axis) = axes.iter().find(|axis| axis.padding > axis.kernel / 2) {
            let (padding, kernel) = (axis.padding, axis.kernel);
            let message = format!("padding of {padding} is more than half of kernel, {kernel}");
            return Err(Misuse::new(Subject::Attribute("padding"), message)
                .help("there would be windows that see nothing but padding"));
        }
        let shape = x[..2].iter().copied().chain(axes.iter().map(|axis| axis.output)).collect();
        Ok((Self { windows: Windows::new(&axes), channels: Shape::new(&x[..2]).size() }, shape))
    }

    /// How many elements a window sees, with those of the padding.
    pub fn taps(&self) -> usize {
        self.windows.taps()
    }

    /// Calls `visit` with every output element and the elements that it is made of, in order.
    pub fn each(&self, visit: &mut dyn FnMut(usize, &[usize])) {
        let (input, output) = (self.windows.input(), self.windows.output());
        let mut places = Vec::new();
        for channel in 0..self.channels {
            self.windows.each(&mut |window, seen| {
                places.clear();
                places.extend(seen.iter().map(|at| channel * input + at));
                visit(channel * output + window, &places);
            });
        }
    }
}
