//! The values that leaves bring along: float or int arrays.

use crate::shape::Shape;
use ndarray::ArrayD;

/// What a tensor holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Real numbers; gradients flow only here.
    Float,
    /// Labels and counts.
    Int,
    /// True or false: in a run they lie among the floats, as 1 and 0.
    Bool,
}

impl Kind {
    /// The kind of a word in an annotation.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Float, Self::Int, Self::Bool].into_iter().find(|kind| kind.word() == word)
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Int => "int",
            Self::Bool => "bool",
        }
    }
}

/// Kind and shape of a tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    pub kind: Kind,
    pub shape: Shape,
}

impl Type {
    pub fn float(shape: Shape) -> Self {
        Self { kind: Kind::Float, shape }
    }

    pub fn int(shape: Shape) -> Self {
        Self { kind: Kind::Int, shape }
    }

    pub fn bool(shape: Shape) -> Self {
        Self { kind: Kind::Bool, shape }
    }
}

/// Kind as a prefix only where it is not the default: `[3, 784]`, `int[3]`.
impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self.kind {
            Kind::Float => write!(f, "{}", self.shape),
            kind => write!(f, "{}{}", kind.word(), self.shape),
        }
    }
}

/// An array with its kind, always in row-major (standard) layout.
#[derive(Debug, Clone, PartialEq)]
pub enum Tensor {
    Float(ArrayD<f64>),
    Int(ArrayD<i64>),
    /// Ones and zeros.
    Bool(ArrayD<i64>),
}

impl Tensor {
    /// A float tensor from row-major elements. `None` if the count is off.
    pub fn float(shape: &Shape, elements: Vec<f64>) -> Option<Self> {
        ArrayD::from_shape_vec(&shape[..], elements).ok().map(Self::Float)
    }

    /// An int tensor from row-major elements. `None` if the count is off.
    pub fn int(shape: &Shape, elements: Vec<i64>) -> Option<Self> {
        ArrayD::from_shape_vec(&shape[..], elements).ok().map(Self::Int)
    }

    /// A tensor of whole numbers of a kind: true is 1. `None` if the count is off or the kind is float.
    pub fn whole(kind: Kind, shape: &Shape, elements: Vec<i64>) -> Option<Self> {
        let array = ArrayD::from_shape_vec(&shape[..], elements).ok()?;
        match kind {
            Kind::Float => None,
            Kind::Int => Some(Self::Int(array)),
            Kind::Bool => Some(Self::Bool(array)),
        }
    }

    /// No elements, in place of what is not made yet.
    pub fn none() -> Self {
        Self::Float(ArrayD::zeros(vec![0]))
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Float(_) => Kind::Float,
            Self::Int(_) => Kind::Int,
            Self::Bool(_) => Kind::Bool,
        }
    }

    pub fn shape(&self) -> Shape {
        Shape::new(match self {
            Self::Float(array) => array.shape(),
            Self::Int(array) | Self::Bool(array) => array.shape(),
        })
    }

    pub fn ty(&self) -> Type {
        Type { kind: self.kind(), shape: self.shape() }
    }

    /// The elements as floats, row-major; ints beyond 2^53 are rounded.
    pub fn to_floats(&self) -> Vec<f64> {
        match self {
            Self::Float(array) => array.iter().copied().collect(),
            Self::Int(array) | Self::Bool(array) => array.iter().map(|&v| v as f64).collect(),
        }
    }

    /// The same elements as a float tensor; ints beyond 2^53 are rounded.
    pub fn into_float(self) -> Self {
        match self {
            Self::Float(_) => self,
            Self::Int(array) | Self::Bool(array) => Self::Float(array.mapv(|v| v as f64)),
        }
    }

    /// The same elements as a tensor of another kind: whole numbers as floats, ones and zeros as
    /// true and false; `None` where that would change one.
    pub fn into_kind(self, kind: Kind) -> Option<Self> {
        match (self, kind) {
            (tensor, Kind::Float) => Some(tensor.into_float()),
            (tensor, kind) if tensor.kind() == kind => Some(tensor),
            (tensor, kind) => {
                let elements = tensor.to_ints()?;
                let fits = kind == Kind::Int || elements.iter().all(|x| matches!(x, 0 | 1));
                fits.then(|| Self::whole(kind, &tensor.shape(), elements)).flatten()
            }
        }
    }

    /// The elements as ints, row-major; `None` where one has a fraction, is not
    /// finite, or lies beyond what a float holds exactly.
    pub fn to_ints(&self) -> Option<Vec<i64>> {
        match self {
            Self::Float(array) => {
                let exact = |&v: &f64| (v.fract() == 0.0 && v.abs() <= 2f64.powi(53)).then_some(v as i64);
                array.iter().map(exact).collect()
            }
            Self::Int(array) | Self::Bool(array) => Some(array.iter().copied().collect()),
        }
    }
}
