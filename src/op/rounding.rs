//! How a kernel rounds that computes an op in the usual way, in any order of summation.

/// What of an op's result a kernel rounds. Counts are of the numbers that meet in one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Nothing: it moves, chooses, compares or turns signs.
    Exact,
    /// A function of a few numbers.
    Once,
    /// The same; its slope is computed from the input in several steps, of which one cancels.
    SlopeOfParts,
    /// The same; the function is approximated within an absolute error.
    Approximated,
    /// Sums of so many numbers, or functions of them.
    Sums(usize),
    /// Sums of what is left of numbers when their mean is subtracted.
    Centered(usize),
    /// Exponentials of differences, as shares of their sum.
    Softmax(usize),
    /// Sums that go through the logarithm of a sum of shares: where one of them is near 1, the rounding
    /// of that is large beside what goes in and what comes out.
    LogOfSum(usize),
    /// The logarithms of shares themselves.
    LogSoftmax(usize),
    /// Sums of products, which some hardware takes of coarser factors. How many meet follows from
    /// [`Op::flops`](super::Op::flops). An input may be added to the sum afterwards.
    Products { added: Option<usize> },
}

impl Rounding {
    /// One of the functions of a few numbers.
    pub fn is_function(self) -> bool {
        matches!(self, Self::Once | Self::SlopeOfParts | Self::Approximated)
    }
}
