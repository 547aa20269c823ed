//! `safetensors`: one tensor of a file of weights.
//!
//! Only the header and the tensor asked for are read, however large the file.

use super::{
    FILE, Initializer, InitializerCall, InitializerCard, Parameter, World,
    elements::{ElementType, Layout},
    npz::no_such_key,
    unreadable::Unreadable,
};
use crate::{
    op::Misuse,
    tensor::{Tensor, Type},
};
use safetensors::{Dtype, tensor::Metadata};
use std::io::{Read, Seek, SeekFrom};

/// The headers of the largest models around take about a megabyte.
const LONGEST_HEADER: u64 = 16 << 20;

pub(super) struct Safetensors;

impl Initializer for Safetensors {
    fn card(&self) -> &'static InitializerCard {
        const {
            &InitializerCard {
                name: "safetensors",
                doc: "Reads one tensor of a safetensors file.",
                parameters: &[FILE, Parameter::text("key", "the tensor's name in the file")],
                shaped: false,
                example: "param W: [50, 10] = safetensors(\"model.safetensors\", \"layer2.weight\")",
            }
        }
    }

    fn ty(&self, call: &InitializerCall, world: &mut World) -> Option<Type> {
        let (file, key) = (call.text("file")?, call.text("key")?);
        let files = world.files;
        let quota = world.quota();
        files.read(file, |mut reader| layout(&mut reader, key)?.0.ty(&quota)).ok()
    }

    fn read(&self, call: &InitializerCall, world: &mut World) -> Result<Tensor, Misuse> {
        let (file, key) = (call.text("file").unwrap_or(""), call.text("key").unwrap_or(""));
        let files = world.files;
        let mut quota = world.quota();
        files.read(file, |mut reader| {
            let (layout, length) = layout(&mut reader, key)?;
            layout.read(reader.take(length), &mut quota)
        })
    }
}

/// What the header says of a tensor, and how many bytes it has; the reader stands before them.
fn layout(reader: &mut (impl Read + Seek), key: &str) -> Result<(Layout, u64), Unreadable> {
    Header::read(reader)?.layout(reader, key)
}

/// The header of a file.
pub(super) struct Header {
    tensors: Metadata,
    length: u64,
}

impl Header {
    /// Reads it; the reader stands at the beginning.
    pub fn read(reader: &mut impl Read) -> Result<Self, Unreadable> {
        let mut length = [0; 8];
        reader.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > LONGEST_HEADER {
            return Err(Unreadable::new(format!(
                "is not a safetensors file, or has too long a header: {length} bytes; the most are {LONGEST_HEADER}"
            )));
        }
        let mut header = Vec::new();
        reader.take(length).read_to_end(&mut header)?;
        if (header.len() as u64) < length {
            return Err(Unreadable::new(format!(
                "is cut short: its header takes {length} bytes, {} are there",
                header.len()
            )));
        }
        let tensors: Metadata = serde_json::from_slice(&header)
            .map_err(|error| Unreadable::new(format!("has a malformed header: {error}")))?;
        Ok(Self { tensors, length })
    }

    /// The names of all tensors.
    pub fn keys(&self) -> Vec<String> {
        self.tensors.offset_keys()
    }

    /// What it says of a tensor, and how many bytes that has; the reader is put before them.
    pub fn layout(&self, reader: &mut impl Seek, key: &str) -> Result<(Layout, u64), Unreadable> {
        let Some(info) = self.tensors.info(key) else {
            let keys = self.keys();
            return Err(no_such_key(key, keys.iter().map(String::as_str).collect()));
        };
        let number = number(info.dtype).ok_or_else(|| {
            Unreadable::new(format!("holds {key:?} as {}; a tensor holds bools, ints or floats", info.dtype))
                .of("key")
        })?;
        let (start, end) = info.data_offsets;
        reader.seek(SeekFrom::Start((8 + self.length).saturating_add(start as u64)))?;
        let layout =
            Layout { number, big_endian: false, shape: info.shape.clone(), fortran: false, wanted: None };
        Ok((layout, end.saturating_sub(start) as u64))
    }
}

fn number(dtype: Dtype) -> Option<ElementType> {
    Some(match dtype {
        Dtype::BOOL => ElementType::Bool,
        Dtype::I8 => ElementType::I8,
        Dtype::I16 => ElementType::I16,
        Dtype::I32 => ElementType::I32,
        Dtype::I64 => ElementType::I64,
        Dtype::U8 => ElementType::U8,
        Dtype::U16 => ElementType::U16,
        Dtype::U32 => ElementType::U32,
        Dtype::U64 => ElementType::U64,
        Dtype::F16 => ElementType::F16,
        Dtype::BF16 => ElementType::Bf16,
        Dtype::F32 => ElementType::F32,
        Dtype::F64 => ElementType::F64,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{initializers::quota::within, shape::Shape};
    use proptest::prelude::*;
    use safetensors::tensor::{TensorView, serialize};
    use std::io::Cursor;

    fn model() -> Vec<u8> {
        let weight: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let label: Vec<u8> = [7i64, -7].iter().flat_map(|v| v.to_le_bytes()).collect();
        let odd = [0u8; 16];
        let tensors = [
            ("weight", TensorView::new(Dtype::F32, vec![2, 2], &weight).unwrap()),
            ("label", TensorView::new(Dtype::I64, vec![2], &label).unwrap()),
            ("phase", TensorView::new(Dtype::C64, vec![2], &odd).unwrap()),
        ];
        serialize(tensors, None).unwrap()
    }

    fn read(bytes: &[u8], key: &str) -> Result<Tensor, Misuse> {
        let mut reader = Cursor::new(bytes);
        let found = layout(&mut reader, key);
        let read =
            |(layout, length): (Layout, u64)| within(1000, |quota| layout.read(reader.take(length), quota));
        found.and_then(read).map_err(|fault| fault.in_file("f"))
    }

    fn with_header(header: &str, data: usize) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.resize(bytes.len() + data, 0);
        bytes
    }

    #[test]
    fn tensors_are_found_by_name() {
        let (file, shape) = (model(), Shape::new(&[2, 2]));
        assert_eq!(read(&file, "weight").ok(), Tensor::float(&shape, vec![1.0, 2.0, 3.0, 4.0]));
        assert_eq!(read(&file, "label").ok(), Tensor::int(&Shape::new(&[2]), vec![7, -7]));
        assert!(read(&file, "phase").unwrap_err().message.contains("as C64"));
        let misuse = read(&file, "weights").unwrap_err();
        assert!(misuse.message.ends_with("there are \"label\", \"phase\", \"weight\""), "{}", misuse.message);
        assert_eq!(misuse.help.as_deref(), Some("did you mean \"weight\"?"));
    }

    #[test]
    fn malformed_files_are_refused() {
        let refusal = |bytes: &[u8]| read(bytes, "x").unwrap_err().message;
        assert!(refusal(b"").contains("is cut short"));
        assert!(refusal(b"<!DOCTYPE html>").contains("is not a safetensors file"));
        assert!(refusal(&with_header("{\"x\":", 0)).contains("malformed header"));
        assert!(refusal(&with_header(&"[".repeat(100_000), 0)).contains("malformed header"));
        let file = with_header("{\"x\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]}}", 16);
        assert!(read(&file, "x").is_ok());
        assert!(refusal(&file[..file.len() - 1]).contains("is cut short"));
        assert!(refusal(&file[..20]).ends_with("bytes, 12 are there"));
        let file = with_header("{\"x\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,8]}}", 16);
        assert!(refusal(&file).contains("malformed header"));
        let huge =
            "{\"x\":{\"dtype\":\"U8\",\"shape\":[1000000,1000000],\"data_offsets\":[0,1000000000000]}}";
        assert!(refusal(&with_header(huge, 0)).contains("the limit is 1000"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(at in 0usize..400, bytes in prop::collection::vec(any::<u8>(), 1..6)) {
            let mut file = model();
            let at = at.min(file.len() - bytes.len());
            file[at..at + bytes.len()].copy_from_slice(&bytes);
            let _ = read(&file, "weight");
        }
    }
}
