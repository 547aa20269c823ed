//! The number types that the engine runs on: one row each.

use super::{
    Complex, Float,
    kernel::{Calls, CallsBackward, Kernel},
    scalar_batch::{ScalarBatch, ScalarCalls, ScalarCallsBackward},
};
use crate::double::Double;

/// A number type that forward runs on.
pub trait Number: Float {
    /// The entrance of a kernel for this type.
    fn calls(kernel: &dyn Kernel) -> &dyn Calls<Self>;

    /// The entrance of a scalar batch; without one its calls run one by one.
    fn scalar_calls(batch: &dyn ScalarBatch) -> Option<&dyn ScalarCalls<Self>>;
}

/// A number type that backward runs on too.
pub trait Real: Number {
    fn calls_backward(kernel: &dyn Kernel) -> &dyn CallsBackward<Self>;

    fn scalar_calls_backward(batch: &dyn ScalarBatch) -> &dyn ScalarCallsBackward<Self>;
}

/// Takes the types that run in both directions, and those that run forward alone.
macro_rules! numbers {
    (both: $($real:ty),*; forward: $($number:ty),*;) => {
        /// The entrances of a kernel: one for each number type and direction.
        pub trait CallsOfAll: $(Calls<$real> + CallsBackward<$real> +)* $(Calls<$number> +)* {}

        impl<K> CallsOfAll for K where K: $(Calls<$real> + CallsBackward<$real> +)* $(Calls<$number> +)* {}

        /// The entrances of a scalar batch.
        pub trait ScalarCallsOfAll: $(ScalarCalls<$real> + ScalarCallsBackward<$real> +)* {}

        impl<B> ScalarCallsOfAll for B where B: $(ScalarCalls<$real> + ScalarCallsBackward<$real> +)* {}

        $(
            impl Number for $real {
                fn calls(kernel: &dyn Kernel) -> &dyn Calls<Self> {
                    kernel
                }

                fn scalar_calls(batch: &dyn ScalarBatch) -> Option<&dyn ScalarCalls<Self>> {
                    Some(batch)
                }
            }

            impl Real for $real {
                fn calls_backward(kernel: &dyn Kernel) -> &dyn CallsBackward<Self> {
                    kernel
                }

                fn scalar_calls_backward(batch: &dyn ScalarBatch) -> &dyn ScalarCallsBackward<Self> {
                    batch
                }
            }
        )*

        $(
            impl Number for $number {
                fn calls(kernel: &dyn Kernel) -> &dyn Calls<Self> {
                    kernel
                }

                fn scalar_calls(_batch: &dyn ScalarBatch) -> Option<&dyn ScalarCalls<Self>> {
                    None
                }
            }
        )*
    };
}

numbers! {
    both: f64, f32, Double;
    forward: Complex;
}
