//! How a kernel rounds that computes an op in the usual way, in any order of summation.

/// What of an op's result a kernel rounds. Counts are of the numbers that meet in one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Nothing: it moves, chooses, compares or turns signs.
    Exact,
    /// A function of a few numbers.
    Once,
    /// Sums of so many numbers, or functions of them.
    Sums(usize),
    /// Sums that go through the logarithm of a sum of shares: where one of them is near 1, the rounding
    /// of that is large beside what goes in and what comes out.
    LogOfSum(usize),
    /// Sums of products, which some hardware takes of coarser factors. How many meet follows from
    /// [`Op::flops`](super::Op::flops).
    Products,
}
