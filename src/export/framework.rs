//! What differs between frameworks in small things: names and constants.

use super::python::Python;
use crate::{
    op::{Card, Elsewhere},
    tensor::{Kind, Tensor},
};

/// Whose Python is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framework {
    Torch,
    Jax,
}

/// How a backward by hand is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Custom {
    /// What the framework recommends: `torch.library.custom_op`, `jax.custom_vjp`.
    #[default]
    Recommended,
    /// `torch.autograd.Function`.
    AutogradFunction,
}

/// What a backward by hand has of what forward computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// The inputs and outputs, and it computes again what lies between.
    Ends,
    /// All that it needs.
    All,
}

impl Custom {
    /// A custom op's backward sees its inputs and outputs alone.
    pub fn keeps(self, framework: Framework) -> Keeps {
        match (framework, self) {
            (Framework::Torch, Self::Recommended) => Keeps::Ends,
            _ => Keeps::All,
        }
    }

    /// How far the statements of a block with a backward by hand are indented.
    pub fn indent(self) -> usize {
        match self {
            Self::Recommended => 4,
            Self::AutogradFunction => 8,
        }
    }
}

impl Framework {
    pub fn title(self) -> &'static str {
        match self {
            Self::Torch => "PyTorch",
            Self::Jax => "JAX",
        }
    }

    /// As the command line says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Torch => "torch",
            Self::Jax => "jax",
        }
    }

    pub fn spelling(self, card: &Card) -> &'static str {
        let Elsewhere { torch, jax, .. } = card.elsewhere;
        match self {
            Self::Torch => torch,
            Self::Jax => jax,
        }
    }

    /// The module that has `inf` and `nan`.
    pub fn room(self) -> &'static str {
        match self {
            Self::Torch => "torch",
            Self::Jax => "jnp",
        }
    }

    /// A tensor of what NumPy or lists of numbers hold.
    pub fn tensor(self, of: Python, kind: Kind) -> Python {
        let maker = match self {
            Self::Torch => "torch.tensor",
            Self::Jax => "jnp.array",
        };
        let made = Python::call(Python::path(maker), vec![of]);
        match kind {
            Kind::Float => made.with("dtype", Python::name("DTYPE")),
            Kind::Int | Kind::Bool => made,
        }
    }

    fn call(self, name: &str, arguments: Vec<Python>) -> Python {
        Python::call(Python::path(&format!("{}.{name}", self.room())), arguments)
    }

    /// The type of the elements of a kind.
    pub fn dtype(self, kind: Kind) -> Python {
        match (kind, self) {
            (Kind::Float, _) => Python::name("DTYPE"),
            (Kind::Int, _) => Python::path(&format!("{}.int64", self.room())),
            (Kind::Bool, Self::Torch) => Python::path("torch.bool"),
            (Kind::Bool, Self::Jax) => Python::path("jnp.bool_"),
        }
    }

    /// A tensor as one of another kind; truths are 1 and 0.
    pub fn as_kind(self, tensor: Python, kind: Kind) -> Python {
        let method = match self {
            Self::Torch => "to",
            Self::Jax => "astype",
        };
        Python::call(Python::Attribute(Box::new(tensor), method.into()), vec![self.dtype(kind)])
    }

    /// `like`, filled with a number.
    pub fn filled(self, like: Python, number: Python) -> Python {
        let maker = match self {
            Self::Torch => "torch.full_like",
            Self::Jax => "jnp.full_like",
        };
        Python::call(Python::path(maker), vec![like, number])
    }

    /// A tensor of numbers that the file has in an expression.
    pub fn literal(self, tensor: &Tensor) -> Python {
        let shape = tensor.shape();
        let dims = || Python::Tuple(shape.iter().map(|&length| Python::int(length as i64)).collect());
        // Lists do not tell all lengths of an array without elements.
        if shape.size() == 0 {
            return self.call("zeros", vec![dims()]).with("dtype", self.dtype(tensor.kind()));
        }
        if let Tensor::Float(array) = tensor
            && let Some(&first) = array.first()
            && shape.size() > 1
            && array.iter().all(|x| x.to_bits() == first.to_bits())
        {
            let (maker, number) = match first {
                0.0 if first.is_sign_positive() => ("zeros", None),
                1.0 => ("ones", None),
                _ => ("full", Some(Python::float(first, true, self.room()))),
            };
            let arguments = std::iter::once(dims()).chain(number).collect();
            return self.call(maker, arguments).with("dtype", Python::name("DTYPE"));
        }
        self.tensor(self.numbers(tensor), tensor.kind())
    }

    /// The numbers of a tensor, in lists as deep as it has axes.
    pub fn numbers(self, tensor: &Tensor) -> Python {
        let shape = tensor.shape();
        let one: Vec<Python> = match tensor {
            Tensor::Float(array) => array.iter().map(|&x| Python::float(x, true, self.room())).collect(),
            Tensor::Int(array) => array.iter().map(|&x| Python::int(x)).collect(),
            Tensor::Bool(array) => {
                array.iter().map(|&x| Python::name(if x == 1 { "True" } else { "False" })).collect()
            }
        };
        let mut level = one;
        for (axis, &length) in shape.iter().enumerate().rev() {
            let lists: usize = shape[..axis].iter().product();
            let mut items = level.into_iter();
            level = (0..lists).map(|_| Python::List(items.by_ref().take(length).collect())).collect();
        }
        level.into_iter().next().unwrap_or(Python::List(Vec::new()))
    }
}
