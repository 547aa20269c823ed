//! Numbers as they stand in data files: a layout and bytes in, a tensor out.
//!
//! A layout is what a file *says* of itself. It is held against the limits
//! before a byte is read, and memory grows only with bytes that really come.

use super::{quota::Quota, unreadable::Unreadable};
use crate::{
    cancel,
    precision::Precision,
    shape::Shape,
    tensor::{Kind, Tensor, Type},
};
use half::{bf16, f16};
use ndarray::{ArrayD, IxDyn, ShapeBuilder};
use std::io::Read;

/// So many bytes are made room for on the word of a file alone.
const TRUSTED: usize = 1 << 22;

/// NumPy's own limit.
const MOST_AXES: usize = 64;

/// How one number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementType {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    Bf16,
    F32,
    F64,
}

impl ElementType {
    /// The bytes of one.
    pub fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::Bf16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// The format of a float.
    pub fn precision(self) -> Option<Precision> {
        match self {
            Self::F16 => Some(Precision::F16),
            Self::Bf16 => Some(Precision::Bf16),
            Self::F32 => Some(Precision::F32),
            Self::F64 => Some(Precision::F64),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::I8 => "int8",
            Self::I16 => "int16",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::U8 => "uint8",
            Self::U16 => "uint16",
            Self::U32 => "uint32",
            Self::U64 => "uint64",
            Self::F16 => "float16",
            Self::Bf16 => "bfloat16",
            Self::F32 => "float32",
            Self::F64 => "float64",
        }
    }
}

/// What a file says of the array in it.
#[derive(Debug)]
pub(super) struct Layout {
    pub number: ElementType,
    pub big_endian: bool,
    pub shape: Vec<usize>,
    /// The first axis runs fastest.
    pub fortran: bool,
    /// Of the first axis only so much is wanted.
    pub wanted: Option<usize>,
}

enum Elements {
    Float(Vec<f64>),
    Int(Vec<i64>),
}

impl Layout {
    /// Reads the elements, to the end of `reader` or as far as they are wanted.
    ///
    /// # Errors
    /// A shape over the limit; fewer bytes than it takes, or more; a number that
    /// a tensor cannot hold.
    pub fn read(mut self, reader: impl Read, quota: &mut Quota) -> Result<Tensor, Unreadable> {
        let is_part = self.take_part();
        let takes = self.bytes(quota)?;
        quota.unpacks(takes as u64)?;
        let mut bytes = Vec::with_capacity(takes.saturating_add(1).min(TRUSTED));
        read_to_end(reader.take((takes as u64).saturating_add(1)), &mut bytes)?;
        let (number, shape) = (self.number.name(), Shape::new(&self.shape));
        if bytes.len() < takes {
            let there = bytes.len();
            return Err(Unreadable::new(format!(
                "is cut short: {number} of shape {shape} takes {takes} bytes, {there} are there"
            )));
        }
        bytes.truncate(if is_part { takes } else { bytes.len() });
        if bytes.len() > takes {
            return Err(Unreadable::new(format!(
                "goes on after its data: {number} of shape {shape} takes {takes} bytes"
            )));
        }
        let elements = decode(self.number, self.big_endian, &bytes)?;
        drop(bytes);
        let impossible = |_| Unreadable::new(format!("has the impossible shape {shape}"));
        let order = IxDyn(&self.shape).set_f(self.fortran);
        Ok(match elements {
            Elements::Float(all) => {
                Tensor::Float(row_major(ArrayD::from_shape_vec(order, all).map_err(impossible)?))
            }
            Elements::Int(all) => {
                Tensor::Int(row_major(ArrayD::from_shape_vec(order, all).map_err(impossible)?))
            }
        })
    }

    /// What will be read.
    ///
    /// # Errors
    /// A shape over the limit.
    pub fn ty(mut self, quota: &Quota) -> Result<Type, Unreadable> {
        self.take_part();
        self.bytes(quota)?;
        let kind = if self.number.precision().is_some() { Kind::Float } else { Kind::Int };
        Ok(Type { kind, shape: self.shape.into() })
    }

    /// Leaves out what is not wanted, and says whether that is anything.
    fn take_part(&mut self) -> bool {
        match (self.wanted, self.shape.first_mut()) {
            (Some(wanted), Some(length)) if wanted < *length && !self.fortran => {
                *length = wanted;
                true
            }
            _ => false,
        }
    }

    /// The bytes that all elements take.
    fn bytes(&self, quota: &Quota) -> Result<usize, Unreadable> {
        let shape = Shape::new(&self.shape);
        if shape.rank() > MOST_AXES {
            return Err(Unreadable::new(format!("has {} axes; the most are {MOST_AXES}", shape.rank())));
        }
        let size = shape.checked_size().map_or(u64::MAX, |size| size as u64);
        quota.elements(size, &shape)?;
        (size as usize).checked_mul(self.number.size()).ok_or_else(|| quota.too_many(u64::MAX, &shape))
    }
}

/// Reads to the end, for as long as anybody waits for it.
fn read_to_end(mut reader: impl Read, bytes: &mut Vec<u8>) -> Result<(), Unreadable> {
    while reader.by_ref().take(TRUSTED as u64).read_to_end(bytes)? > 0 {
        cancel::check();
    }
    Ok(())
}

fn row_major<T: Clone>(array: ArrayD<T>) -> ArrayD<T> {
    if array.is_standard_layout() { array } else { array.as_standard_layout().into_owned() }
}

fn decode(number: ElementType, big_endian: bool, bytes: &[u8]) -> Result<Elements, Unreadable> {
    macro_rules! each {
        ($number:ty, $tensor:expr, $of:expr) => {{
            let (chunks, _) = bytes.as_chunks::<{ size_of::<$number>() }>();
            let from = if big_endian { <$number>::from_be_bytes } else { <$number>::from_le_bytes };
            $tensor(chunks.iter().map(|&chunk| from(chunk)).map($of).collect())
        }};
    }
    Ok(match number {
        ElementType::Bool => {
            if let Some(byte) = bytes.iter().find(|&&byte| byte > 1) {
                return Err(Unreadable::new(format!("holds {byte} where a bool, 0 or 1, must stand")));
            }
            each!(u8, Elements::Int, i64::from)
        }
        ElementType::I8 => each!(i8, Elements::Int, i64::from),
        ElementType::I16 => each!(i16, Elements::Int, i64::from),
        ElementType::I32 => each!(i32, Elements::Int, i64::from),
        ElementType::I64 => each!(i64, Elements::Int, i64::from),
        ElementType::U8 => each!(u8, Elements::Int, i64::from),
        ElementType::U16 => each!(u16, Elements::Int, i64::from),
        ElementType::U32 => each!(u32, Elements::Int, i64::from),
        ElementType::U64 => {
            let all: Result<Vec<i64>, Unreadable> = each!(u64, std::convert::identity, |value| {
                i64::try_from(value)
                    .map_err(|_| Unreadable::new(format!("holds {value}; the greatest int is {}", i64::MAX)))
            });
            Elements::Int(all?)
        }
        ElementType::F16 => each!(f16, Elements::Float, f16::to_f64),
        ElementType::Bf16 => each!(bf16, Elements::Float, bf16::to_f64),
        ElementType::F32 => each!(f32, Elements::Float, f64::from),
        ElementType::F64 => each!(f64, Elements::Float, f64::from),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::initializers::quota::within;

    fn read(
        number: ElementType,
        big_endian: bool,
        shape: &[usize],
        bytes: &[u8],
    ) -> Result<Tensor, Unreadable> {
        let layout = Layout { number, big_endian, shape: shape.to_vec(), fortran: false, wanted: None };
        within(1000, |quota| layout.read(bytes, quota))
    }

    fn refusal(number: ElementType, shape: &[usize], bytes: &[u8]) -> String {
        read(number, false, shape, bytes).unwrap_err().in_file("f").message
    }

    #[test]
    fn both_ends_of_every_number() {
        let floats = |values: &[f64]| Tensor::float(&Shape::new(&[values.len()]), values.to_vec());
        let ints = |values: &[i64]| Tensor::int(&Shape::new(&[values.len()]), values.to_vec());
        let read = |number, big, count, bytes: &[u8]| read(number, big, &[count], bytes).ok();
        assert_eq!(read(ElementType::I16, false, 2, &[0xff, 0xff, 1, 0]), ints(&[-1, 1]));
        assert_eq!(read(ElementType::I16, true, 2, &[0xff, 0xff, 0, 1]), ints(&[-1, 1]));
        assert_eq!(read(ElementType::U32, true, 1, &[0xff; 4]), ints(&[4_294_967_295]));
        assert_eq!(read(ElementType::Bool, false, 2, &[0, 1]), ints(&[0, 1]));
        assert_eq!(read(ElementType::F16, false, 1, &[0x00, 0x3e]), floats(&[1.5]));
        assert_eq!(read(ElementType::Bf16, false, 1, &[0xc0, 0x3f]), floats(&[1.5]));
        assert_eq!(read(ElementType::F32, true, 1, &1.5f32.to_be_bytes()), floats(&[1.5]));
        assert_eq!(read(ElementType::F64, false, 1, &1.5f64.to_le_bytes()), floats(&[1.5]));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(refusal(ElementType::U64, &[1], &[0xff; 8]).contains("holds 18446744073709551615"));
        assert!(refusal(ElementType::Bool, &[1], &[2]).contains("holds 2"));
        let short = refusal(ElementType::F32, &[2, 3], &[0; 10]);
        assert_eq!(short, "\"f\" is cut short: float32 of shape [2, 3] takes 24 bytes, 10 are there");
        assert!(refusal(ElementType::F32, &[1], &[0; 5]).contains("goes on after its data"));
        assert!(refusal(ElementType::U8, &[1; 65], &[0]).contains("has 65 axes"));
    }

    #[test]
    fn a_shape_over_the_limit_is_refused_unread() {
        struct Unread;
        impl Read for Unread {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                panic!("nothing may be read")
            }
        }
        for shape in [vec![1001], vec![1 << 60, 1 << 60], vec![2_147_483_648; 3]] {
            let layout =
                Layout { number: ElementType::F64, big_endian: false, shape, fortran: false, wanted: None };
            let said = within(1000, |quota| layout.read(Unread, quota)).unwrap_err().in_file("f").message;
            assert!(said.contains("the limit is 1000"), "{said}");
        }
        assert!(refusal(ElementType::F64, &[0, 1 << 62, 1 << 62], &[]).contains("impossible shape"));
    }
}
