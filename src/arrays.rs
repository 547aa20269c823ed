//! Named arrays as the bytes of an `.npz` or a `.safetensors` file.

use crate::{precision::Precision, tensor::Tensor};
use half::{bf16, f16};
use ndarray::ArrayD;
use ndarray_npy::WriteNpyExt;
use safetensors::{Dtype, tensor::TensorView};
use std::{
    error::Error,
    io::{Cursor, Write},
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// An array of a number type that files know.
#[derive(Debug, Clone, PartialEq)]
pub enum Array {
    F64(ArrayD<f64>),
    F32(ArrayD<f32>),
    F16(ArrayD<f16>),
    /// An `.npz` cannot hold it, and has it as f32.
    Bf16(ArrayD<bf16>),
    I64(ArrayD<i64>),
    Bool(ArrayD<bool>),
}

impl Array {
    /// Floats rounded to a format, once; those of 8 bits, that of TF32 and f64 as wide as they are, without loss.
    pub fn of(tensor: Tensor, precision: Precision) -> Self {
        let Tensor::Float(array) = tensor else { return tensor.into() };
        // `half` goes by way of f32 on some machines, which what is rounded already passes unchanged.
        match precision {
            Precision::F64 => Self::F64(array),
            Precision::F32 | Precision::Tf32 => Self::F32(array.mapv(|x| precision.round(x) as f32)),
            Precision::F16 => Self::F16(array.mapv(|x| f16::from_f64(precision.round(x)))),
            Precision::Bf16 | Precision::E4m3 | Precision::E5m2 => {
                Self::Bf16(array.mapv(|x| bf16::from_f64(precision.round(x))))
            }
        }
    }
}

impl From<Tensor> for Array {
    fn from(tensor: Tensor) -> Self {
        match tensor {
            Tensor::Float(array) => Self::F64(array),
            Tensor::Int(array) => Self::I64(array),
            Tensor::Bool(array) => Self::Bool(array.mapv(|x| x != 0)),
        }
    }
}

/// An archive as NumPy's `savez` writes it. Of `before`, an archive that was, what has another name
/// is kept. Compressed, it may be refused by whoever holds a ratio against it.
///
/// # Errors
/// `before` is no archive, or an array is too large for one.
pub fn npz(
    before: Option<&[u8]>,
    arrays: &[(String, Array)],
    compression: CompressionMethod,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    add(&mut archive, before, arrays, compression)?;
    Ok(archive.finish()?.into_inner())
}

/// An archive whose last bytes are a comment, which nobody reads who reads arrays.
///
/// # Errors
/// The arrays do not fit into one.
pub fn npz_with_comment(arrays: &[(String, Array)], comment: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.set_comment(comment)?;
    add(&mut archive, None, arrays, CompressionMethod::Stored)?;
    Ok(archive.finish()?.into_inner())
}

fn add(
    archive: &mut ZipWriter<Cursor<Vec<u8>>>,
    before: Option<&[u8]>,
    arrays: &[(String, Array)],
    compression: CompressionMethod,
) -> Result<(), Box<dyn Error>> {
    if let Some(before) = before {
        let mut before = ZipArchive::new(Cursor::new(before))?;
        for index in 0..before.len() {
            let member = before.by_index_raw(index)?;
            let named = member.name()?.into_owned();
            if !arrays.iter().any(|(name, _)| named.strip_suffix(".npy") == Some(name)) {
                archive.raw_copy_file(member)?;
            }
        }
    }
    for (name, array) in arrays {
        let mut bytes = Vec::new();
        match array {
            Array::F64(array) => array.write_npy(&mut bytes)?,
            Array::F32(array) => array.write_npy(&mut bytes)?,
            Array::F16(array) => {
                array.mapv(f16::to_bits).write_npy(&mut bytes)?;
                // The header names the type in three letters.
                let at = bytes.windows(3).position(|three| three == b"<u2").ok_or("no type in the header")?;
                bytes[at + 1] = b'f';
            }
            Array::Bf16(array) => array.mapv(f32::from).write_npy(&mut bytes)?,
            Array::I64(array) => array.write_npy(&mut bytes)?,
            Array::Bool(array) => array.write_npy(&mut bytes)?,
        }
        let is_large = u32::try_from(bytes.len()).is_err();
        let options = SimpleFileOptions::default().compression_method(compression).large_file(is_large);
        archive.start_file(format!("{name}.npy"), options)?;
        archive.write_all(&bytes)?;
    }
    Ok(())
}

/// A file that `safetensors.numpy.load_file` reads.
///
/// # Errors
/// Two arrays have one name.
pub fn safetensors(arrays: &[(String, Array)]) -> Result<Vec<u8>, Box<dyn Error>> {
    let bytes: Vec<(Dtype, &[usize], Vec<u8>)> = arrays
        .iter()
        .map(|(_, array)| match array {
            Array::F64(array) => {
                (Dtype::F64, array.shape(), array.iter().flat_map(|x| x.to_le_bytes()).collect())
            }
            Array::F32(array) => {
                (Dtype::F32, array.shape(), array.iter().flat_map(|x| x.to_le_bytes()).collect())
            }
            Array::F16(array) => {
                (Dtype::F16, array.shape(), array.iter().flat_map(|x| x.to_le_bytes()).collect())
            }
            Array::Bf16(array) => {
                (Dtype::BF16, array.shape(), array.iter().flat_map(|x| x.to_le_bytes()).collect())
            }
            Array::Bool(array) => (Dtype::BOOL, array.shape(), array.iter().map(|&x| u8::from(x)).collect()),
            Array::I64(array) => {
                (Dtype::I64, array.shape(), array.iter().flat_map(|x| x.to_le_bytes()).collect())
            }
        })
        .collect();
    let views = arrays.iter().zip(&bytes).map(|((name, _), (dtype, shape, bytes))| {
        Ok((name.as_str(), TensorView::new(*dtype, shape.to_vec(), bytes)?))
    });
    let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
    Ok(safetensors::tensor::serialize(views, None)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_rounded_once() {
        // Above the middle of two numbers by less than f32 can tell.
        let above = Tensor::Float(ndarray::arr0(1.0 + 2f64.powi(-11) + 2f64.powi(-50)).into_dyn());
        let Array::F16(rounded) = Array::of(above, Precision::F16) else { panic!("an array of f16") };
        assert_eq!(f64::from(rounded[[]]), 1.0 + 2f64.powi(-10));
    }
}
