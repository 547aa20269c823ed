//! An op in code, and the same op as the engine calls it.

use super::{Bound, Call, Card, Cone, Float, Groups, Misuse, Rounding, ScalarBatch, number::CallsOfAll};
use std::{ops::Range, sync::Arc};

/// A differentiable function of tensors.
pub trait Op: Sized + Send + Sync + 'static {
    const CARD: Card;

    /// Looks at shapes and attributes once and keeps what the loops need.
    ///
    /// # Errors
    /// Shapes or attributes that do not fit.
    fn bind(call: &Call) -> Result<Bound<Self>, Misuse>;

    /// Computes `y`; whatever `y` held before is overwritten.
    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>);

    /// The vector–Jacobian product for one input: adds to `gradient` (of the
    /// input's shape) what `upstream` (of the output's shape) sends back.
    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]);

    /// Tells which branch every element takes, for ops whose card names kinks.
    fn branches<F: Float>(&self, _x: &Inputs<F>, _taken: &mut Branches) {}

    /// How to follow small changes from these inputs on; without it the op is run
    /// whole for each. Only for ops with a float output.
    fn cone<'a>(&'a self, _x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        None
    }

    /// Every element of the output comes from the elements in its place alone.
    fn is_elementwise(&self) -> bool {
        false
    }

    /// How a usual kernel rounds forward; backward likewise, by as many numbers as meet there.
    fn rounding(&self) -> Rounding {
        Rounding::Once
    }

    /// The groups that are reduced or normalized, of an op along axes.
    fn groups(&self) -> Option<&Groups> {
        None
    }

    /// As [`Self::backward`] of an elementwise op of one input, from its output alone, where kernels do
    /// without the input. Where the output is saturated, its rounding is all that this sees.
    fn slope_of_output(&self, _y: f64) -> Option<f64> {
        None
    }

    /// Operations on numbers that a call takes forward, or backward for one input: a
    /// function of a number counts as one. `elements` are those of the largest tensor.
    fn flops(&self, elements: usize, _backward: Option<usize>) -> usize {
        elements
    }

    /// The words of the card's rule for an input as numbers at one of its entries,
    /// words that hold others before those; for a scalar's rule that says more than
    /// what stands at one place.
    fn rule_values(&self, _input: usize, _entry: usize, _x: &Inputs<f64>) -> Vec<(&'static str, f64)> {
        Vec::new()
    }

    /// The card's formula of backward for an input, where an attribute of this call makes another of it.
    fn rule(&self, _input: usize) -> Option<&'static str> {
        None
    }

    /// How calls on single numbers run together; only for ops whose calls on them
    /// all compute the same function.
    fn scalar_batch(&self) -> Option<&dyn ScalarBatch> {
        None
    }
}

/// Where a tensor lies: in the engine's floats or in its ints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    Float { start: usize, len: usize },
    Int { start: usize, len: usize },
}

impl Slot {
    /// The range in its own arena.
    pub fn range(self) -> Range<usize> {
        match self {
            Self::Float { start, len } | Self::Int { start, len } => start..start + len,
        }
    }
}

/// The inputs of one call, flat and row-major.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a, F> {
    pub slots: &'a [Slot],
    pub floats: &'a [F],
    pub ints: &'a [i64],
}

impl<'a, F> Inputs<'a, F> {
    pub fn count(&self) -> usize {
        self.slots.len()
    }

    pub fn is_int(&self, input: usize) -> bool {
        matches!(self.slots[input], Slot::Int { .. })
    }

    /// The elements of a float input.
    pub fn float(&self, input: usize) -> &'a [F] {
        debug_assert!(!self.is_int(input));
        &self.floats[self.slots[input].range()]
    }

    /// The elements of an int input.
    pub fn int(&self, input: usize) -> &'a [i64] {
        debug_assert!(self.is_int(input));
        &self.ints[self.slots[input].range()]
    }
}

/// Where a call puts its output.
#[derive(Debug)]
pub enum Output<'a, F> {
    Float(&'a mut [F]),
    Int(&'a mut [i64]),
}

impl<'a, F> Output<'a, F> {
    /// The elements of a float output.
    pub fn float(self) -> &'a mut [F] {
        match self {
            Self::Float(elements) => elements,
            Self::Int(_) => unreachable!("the op bound a float output"),
        }
    }

    /// The elements of an int output.
    pub fn int(self) -> &'a mut [i64] {
        match self {
            Self::Int(elements) => elements,
            Self::Float(_) => unreachable!("the op bound an int output"),
        }
    }
}

/// A fingerprint of all branches taken in a run, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branches {
    fingerprint: u64,
    /// Each of them, if they are asked for.
    each: Option<Vec<usize>>,
}

impl Default for Branches {
    fn default() -> Self {
        Self { fingerprint: 0xcbf2_9ce4_8422_2325, each: None }
    }
}

impl Branches {
    /// Keeps each branch beside the fingerprint.
    pub fn kept() -> Self {
        Self { each: Some(Vec::new()), ..Self::default() }
    }

    /// Whether each element takes another branch.
    pub fn differ(&self, other: &Self) -> impl Iterator<Item = bool> {
        let pairs = self.each.iter().flatten().zip(other.each.iter().flatten());
        pairs.map(|(own, other)| own != other)
    }

    /// Takes in the branch of one element: a sign, the index of a winner.
    #[inline]
    pub fn take(&mut self, branch: usize) {
        // Multiply, then fold the high half down: every bit of the branch
        // reaches every bit of the fingerprint within two elements.
        let mixed = (self.fingerprint ^ branch as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.fingerprint = mixed ^ (mixed >> 32);
        if let Some(each) = &mut self.each {
            each.push(branch);
        }
    }
}

/// Forward of a bound op on one number type.
pub trait Calls<F> {
    /// As [`Op::forward`].
    fn call(&self, x: &Inputs<F>, y: Output<F>);

    /// As [`Op::branches`].
    fn branches(&self, x: &Inputs<F>, taken: &mut Branches);
}

/// Backward of a bound op on one number type.
pub trait CallsBackward<F> {
    /// As [`Op::backward`].
    fn call_backward(&self, input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]);
}

impl<T: Op, F: Float> Calls<F> for T {
    fn call(&self, x: &Inputs<F>, y: Output<F>) {
        self.forward(x, y);
    }

    fn branches(&self, x: &Inputs<F>, taken: &mut Branches) {
        Op::branches(self, x, taken);
    }
}

impl<T: Op, F: Float> CallsBackward<F> for T {
    fn call_backward(&self, input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        self.backward(input, x, y, upstream, gradient);
    }
}

/// A bound op, whichever it is. Made from an [`Op`], never by hand; [`Number`] chooses
/// its entrance for a number type.
///
/// [`Number`]: super::Number
pub trait Kernel: CallsOfAll + Send + Sync {
    fn card(&self) -> &'static Card;
    /// As [`Card::differentiates`], without a look at the card.
    fn differentiates(&self, input: usize) -> bool {
        self.card().differentiates(input)
    }
    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>>;
    fn scalar_batch(&self) -> Option<&dyn ScalarBatch> {
        None
    }
    /// As [`Op::rule_values`].
    fn rule_values(&self, _input: usize, _entry: usize, _x: &Inputs<f64>) -> Vec<(&'static str, f64)> {
        Vec::new()
    }
    /// As [`Op::rule`].
    fn rule(&self, _input: usize) -> Option<&'static str> {
        None
    }
    /// As [`Op::flops`].
    fn flops(&self, elements: usize, _backward: Option<usize>) -> usize {
        elements
    }
    /// As [`Op::is_elementwise`].
    fn is_elementwise(&self) -> bool {
        false
    }
    /// As [`Op::rounding`].
    fn rounding(&self) -> Rounding {
        Rounding::Once
    }
    /// As [`Op::groups`].
    fn groups(&self) -> Option<&Groups> {
        None
    }
    /// As [`Op::slope_of_output`].
    fn slope_of_output(&self, _y: f64) -> Option<f64> {
        None
    }
}

impl<T: Op> Kernel for T {
    fn card(&self) -> &'static Card {
        &T::CARD
    }
    fn differentiates(&self, input: usize) -> bool {
        let (edges, last) = const { (T::CARD.differentiable_edges(), T::CARD.inputs.len() - 1) };
        edges >> input.min(last) & 1 == 1
    }
    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        Op::cone(self, x)
    }
    fn scalar_batch(&self) -> Option<&dyn ScalarBatch> {
        Op::scalar_batch(self)
    }
    fn rule_values(&self, input: usize, entry: usize, x: &Inputs<f64>) -> Vec<(&'static str, f64)> {
        Op::rule_values(self, input, entry, x)
    }
    fn rule(&self, input: usize) -> Option<&'static str> {
        Op::rule(self, input)
    }
    fn flops(&self, elements: usize, backward: Option<usize>) -> usize {
        Op::flops(self, elements, backward)
    }
    fn is_elementwise(&self) -> bool {
        Op::is_elementwise(self)
    }
    fn rounding(&self) -> Rounding {
        Op::rounding(self)
    }
    fn groups(&self) -> Option<&Groups> {
        Op::groups(self)
    }
    fn slope_of_output(&self, y: f64) -> Option<f64> {
        Op::slope_of_output(self, y)
    }
}

/// A line of the list of ops.
#[derive(Clone, Copy)]
pub struct OpEntry {
    pub card: &'static Card,
    bind: Bind,
}

type Bind = fn(&Call) -> Result<Bound<Arc<dyn Kernel>>, Misuse>;

impl OpEntry {
    pub const fn of<T: Op>() -> Self {
        Self {
            card: &T::CARD,
            bind: |call| {
                let Bound { op, output, range } = T::bind(call)?;
                Ok(Bound { op: Arc::new(op), output, range })
            },
        }
    }

    /// # Errors
    /// Shapes or attributes that the op refuses.
    pub fn bind(&self, call: &Call) -> Result<Bound<Arc<dyn Kernel>>, Misuse> {
        (self.bind)(call)
    }
}

impl std::fmt::Debug for OpEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}", self.card.name)
    }
}
