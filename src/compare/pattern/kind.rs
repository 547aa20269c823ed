//! The slips that can be told from numbers.

/// A slip that, planted in the true gradient, gives what backward gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// Every wrong entry is this many times the true one.
    Ratio { factor: Factor, of: Which },
    /// Every wrong entry is 0.
    Zero { of: Which },
    /// Times this value it is the true gradient.
    MissingFactor { of: String },
    /// It is the true gradient times this value.
    ExtraFactor { of: String },
    /// The same numbers in other places.
    Moved(Move),
    /// It is the true gradient of another argument, so many times.
    OfAnother { of: Box<str>, times: Factor },
    /// It does not change with the upstream gradient.
    IgnoresUpstream,
    /// It grows with the square of the upstream gradient.
    UpstreamTwice,
    /// It is not 0 where the upstream gradient is, or not additive in it.
    NotLinear,
    /// It lacks what comes back along these edges.
    MissingPath { edges: Vec<Edge> },
    /// What comes back along this edge is so many times the true one.
    ScaledPath { edge: Edge, factor: Factor },
    /// The line is right with one value in place of another, in an expression.
    Instead { is: String, should: String, within: String },
    /// Terms of the line's sum that need a factor each.
    Terms(Vec<Term>),
    /// It holds only what comes from one index of an axis of the output.
    Unsummed { axis: usize, index: usize },
    /// It holds the sum along an axis in every place of the axis.
    SummedTooMuch { axis: usize },
    /// Only entries with this index on this axis are wrong.
    OneSlice { axis: usize, index: usize },
}

/// Which entries are wrong, of those that are not 0 on both sides.
#[derive(Debug, Clone, PartialEq)]
pub enum Which {
    Every,
    One {
        at: Vec<usize>,
    },
    /// All whose index on an axis lies within.
    Slice {
        axis: usize,
        first: usize,
        last: usize,
    },
    Some {
        wrong: usize,
        all: usize,
    },
}

/// A factor and where it may come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    pub value: f64,
    /// What has this value in the block: `√d, where d = 4`.
    pub sources: Vec<String>,
}

/// How numbers have moved.
#[derive(Debug, Clone, PartialEq)]
pub enum Move {
    /// Along all axes, or one.
    Reversed {
        axis: Option<usize>,
    },
    /// Along the last two axes at once, as a filter is turned.
    Turned,
    Rolled {
        axis: usize,
        by: usize,
    },
    /// The axes in another order, laid out in the shape of the gradient.
    Axes {
        order: Vec<usize>,
    },
    /// The same with an axis taken apart before, as into heads.
    Split {
        shape: Vec<usize>,
        order: Vec<usize>,
    },
    Somehow,
}

/// What a node sends back to one of the values that it uses.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    pub to: Box<str>,
    /// The node and its op; none where the value is an output, and its upstream gradient comes back.
    pub through: Option<(Box<str>, &'static str)>,
}

/// A term of a sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// From 1 on, as written.
    pub number: usize,
    pub text: String,
    /// What it must be multiplied by.
    pub needs: Factor,
    /// A number that it is divided by, and the one that it should be divided by.
    pub divisor: Option<(f64, Factor)>,
}
