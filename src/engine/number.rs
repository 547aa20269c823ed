//! Which of a kernel's entrances a number type goes through.

use crate::op::{BackwardCalls, Complex, Float, Inputs, Kernel, Output, ScalarBatch};

/// A number type that forward runs on.
pub trait Number: Float {
    fn forward(kernel: &dyn Kernel, x: &Inputs<Self>, y: Output<Self>);

    /// Runs many calls on single numbers, if there is a way to run them as one.
    fn forward_scalars(_singles: &dyn ScalarBatch, _from: &[u32], _x: &[Self], _y: &mut [Self]) -> bool {
        false
    }
}

/// A number type that backward runs on too.
pub trait Real: Number {
    fn backward(
        kernel: &dyn Kernel,
        input: usize,
        x: &Inputs<Self>,
        y: &[Self],
        upstream: &[Self],
        gradient: &mut [Self],
    );

    fn backward_scalars(scalar_batch: &dyn ScalarBatch, calls: &BackwardCalls<Self>, gradients: &mut [Self]);

    /// The f64 whose shortest decimal is this number's shortest decimal.
    fn shortest(self) -> f64;
}

impl Number for f64 {
    fn forward(kernel: &dyn Kernel, x: &Inputs<Self>, y: Output<Self>) {
        kernel.forward_f64(x, y);
    }

    fn forward_scalars(scalar_batch: &dyn ScalarBatch, from: &[u32], x: &[Self], y: &mut [Self]) -> bool {
        scalar_batch.forward_f64(from, x, y);
        true
    }
}

impl Real for f64 {
    fn backward(
        kernel: &dyn Kernel,
        input: usize,
        x: &Inputs<Self>,
        y: &[Self],
        upstream: &[Self],
        gradient: &mut [Self],
    ) {
        kernel.backward_f64(input, x, y, upstream, gradient);
    }

    fn backward_scalars(scalar_batch: &dyn ScalarBatch, calls: &BackwardCalls<Self>, gradients: &mut [Self]) {
        scalar_batch.backward_f64(calls, gradients);
    }

    fn shortest(self) -> f64 {
        self
    }
}

impl Number for f32 {
    fn forward(kernel: &dyn Kernel, x: &Inputs<Self>, y: Output<Self>) {
        kernel.forward_f32(x, y);
    }

    fn forward_scalars(scalar_batch: &dyn ScalarBatch, from: &[u32], x: &[Self], y: &mut [Self]) -> bool {
        scalar_batch.forward_f32(from, x, y);
        true
    }
}

impl Real for f32 {
    fn backward(
        kernel: &dyn Kernel,
        input: usize,
        x: &Inputs<Self>,
        y: &[Self],
        upstream: &[Self],
        gradient: &mut [Self],
    ) {
        kernel.backward_f32(input, x, y, upstream, gradient);
    }

    fn backward_scalars(scalar_batch: &dyn ScalarBatch, calls: &BackwardCalls<Self>, gradients: &mut [Self]) {
        scalar_batch.backward_f32(calls, gradients);
    }

    fn shortest(self) -> f64 {
        // Through the decimal: 0.1f32 is shown as 0.1, not as 0.10000000149011612.
        self.to_string().parse().unwrap_or(f64::from(self))
    }
}

impl Number for Complex {
    fn forward(kernel: &dyn Kernel, x: &Inputs<Self>, y: Output<Self>) {
        kernel.forward_complex(x, y);
    }
}
