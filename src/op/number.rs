//! The number types that the engine runs on: one row each.

use super::{
    Float,
    kernel::{Calls, CallsBackward, Kernel},
    loops::scalar_batch::{ScalarBatch, ScalarCalls, ScalarCallsBackward},
};
use crate::double::Double;

/// A number type that forward runs on.
pub trait Number: Float {
    /// The entrance of a kernel for this type.
    fn calls(kernel: &dyn Kernel) -> &dyn Calls<Self>;

    /// The entrance of a scalar batch.
    fn scalar_calls(batch: &dyn ScalarBatch) -> &dyn ScalarCalls<Self>;
}

/// A number type that backward runs on too.
pub trait Real: Number {
    fn calls_backward(kernel: &dyn Kernel) -> &dyn CallsBackward<Self>;

    fn scalar_calls_backward(batch: &dyn ScalarBatch) -> &dyn ScalarCallsBackward<Self>;
}

macro_rules! numbers {
    ($($real:ty),*) => {
        /// The entrances of a kernel: one for each number type and direction.
        pub trait CallsOfAll: $(Calls<$real> + CallsBackward<$real> +)* {}

        impl<K> CallsOfAll for K where K: $(Calls<$real> + CallsBackward<$real> +)* {}

        /// The entrances of a scalar batch.
        pub trait ScalarCallsOfAll: $(ScalarCalls<$real> + ScalarCallsBackward<$real> +)* {}

        impl<B> ScalarCallsOfAll for B where B: $(ScalarCalls<$real> + ScalarCallsBackward<$real> +)* {}

        $(
            impl Number for $real {
                fn calls(kernel: &dyn Kernel) -> &dyn Calls<Self> {
                    kernel
                }

                fn scalar_calls(batch: &dyn ScalarBatch) -> &dyn ScalarCalls<Self> {
                    batch
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
    };
}

numbers!(f64, f32, Double);
