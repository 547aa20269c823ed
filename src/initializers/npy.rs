//! `npy`: an array that NumPy saved.

use super::{
    FILE, Initializer, InitializerCall, InitializerCard, World,
    elements::{ElementType, Layout},
    quota::Quota,
    unreadable::Unreadable,
};
use crate::{
    op::Misuse,
    tensor::{Tensor, Type},
};
use ndarray_npy::npy::header::{Header, ReadHeaderError};
use std::io::Read;

/// NumPy itself trusts headers of up to 10 000 bytes.
const LONGEST_HEADER: usize = 1 << 16;
/// A plain array's header nests two deep, a structured one's four.
const DEEPEST_HEADER: usize = 6;

pub(super) struct Npy;

impl Initializer for Npy {
    fn card(&self) -> &'static InitializerCard {
        const {
            &InitializerCard {
                name: "npy",
                doc: "Reads an array that NumPy saved with `np.save`.",
                parameters: &[FILE],
                shaped: false,
                example: "const x: [n, 4] = npy(\"measured.npy\")",
            }
        }
    }

    fn ty(&self, call: &InitializerCall, world: &mut World) -> Option<Type> {
        let (files, wanted) = (world.files, world.wanted);
        let quota = world.quota();
        let found = files.read(call.text("file")?, |mut reader| layout(&mut reader, wanted)?.ty(&quota));
        found.ok()
    }

    fn read(&self, call: &InitializerCall, world: &mut World) -> Result<Tensor, Misuse> {
        let (files, wanted) = (world.files, world.wanted);
        let mut quota = world.quota();
        files.read(call.text("file").unwrap_or(""), |reader| parse(reader, &mut quota, wanted))
    }
}

/// Reads a `.npy` file, to its end or as many rows as are wanted.
pub(super) fn parse(
    mut reader: impl Read,
    quota: &mut Quota,
    wanted: Option<usize>,
) -> Result<Tensor, Unreadable> {
    layout(&mut reader, wanted)?.read(reader, quota)
}

/// Reads what a `.npy` file says of itself.
pub(super) fn layout(reader: &mut impl Read, wanted: Option<usize>) -> Result<Layout, Unreadable> {
    let Header { type_descriptor, layout, shape } = header(reader)?;
    let descriptor = type_descriptor.as_string().ok_or_else(|| {
        Unreadable::new(format!("holds records (dtype {type_descriptor}), which have no place in a tensor"))
            .help("save each field as an array of its own")
    })?;
    let (number, big_endian) = number(descriptor)?;
    Ok(Layout { number, big_endian, shape, fortran: layout.is_fortran(), wanted })
}

/// Takes the header off. Its length and its nesting are looked at before the
/// parser sees it, which recurses and tries nested brackets twice.
fn header(reader: &mut impl Read) -> Result<Header, Unreadable> {
    let mut start = Vec::new();
    reader.take(8).read_to_end(&mut start)?;
    if !start.starts_with(b"\x93NUMPY") {
        return Err(Unreadable::new("is not an npy file: it does not begin with \\x93NUMPY"));
    }
    let mut length = [0; 4];
    match start.get(6) {
        Some(1) => reader.read_exact(&mut length[..2])?,
        _ => reader.read_exact(&mut length)?,
    }
    let long = u32::from_le_bytes(length) as usize;
    if long > LONGEST_HEADER {
        return Err(Unreadable::new(format!("has a header of {long} bytes; the most are {LONGEST_HEADER}")));
    }
    start.extend(if start.get(6) == Some(&1) { &length[..2] } else { &length });
    let before = start.len();
    reader.take(long as u64).read_to_end(&mut start)?;
    if depth(&start[before..]) > DEEPEST_HEADER {
        return Err(Unreadable::new("has a header that is nested too deeply to be an array's"));
    }
    Header::from_reader(&mut &start[..]).map_err(|error| match error {
        ReadHeaderError::Io(error) => error.into(),
        ReadHeaderError::Parse(error) => Unreadable::new(format!("has a malformed header: {error}")),
    })
}

/// How deep brackets nest, at most.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for byte in text {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The number that a dtype stands for, and whether it is big-endian.
fn number(descriptor: &str) -> Result<(ElementType, bool), Unreadable> {
    let plain = descriptor.trim_start_matches(['<', '>', '=', '|']);
    let big_endian = match descriptor.chars().next() {
        Some('>') => true,
        Some('<') => false,
        _ => cfg!(target_endian = "big"),
    };
    let number = match plain {
        "b1" | "?" => ElementType::Bool,
        "i1" | "b" => ElementType::I8,
        "i2" => ElementType::I16,
        "i4" => ElementType::I32,
        "i8" => ElementType::I64,
        "u1" | "B" => ElementType::U8,
        "u2" => ElementType::U16,
        "u4" => ElementType::U32,
        "u8" => ElementType::U64,
        "f2" => ElementType::F16,
        "f4" => ElementType::F32,
        "f8" => ElementType::F64,
        _ => {
            let what = match plain.chars().next() {
                Some('c') => "complex numbers",
                Some('O') => "Python objects",
                Some('S' | 'a') => "byte strings",
                Some('U') => "strings",
                Some('V') => "raw records",
                Some('M') => "dates",
                Some('m') => "time spans",
                Some('f') => "floats of an unusual size",
                _ => "elements of an unknown kind",
            };
            return Err(Unreadable::new(format!(
                "holds {what} (dtype {descriptor:?}); a tensor holds bools, ints or floats"
            ))
            .help("convert before saving: `np.save(file, array.astype(float))`"));
        }
    };
    Ok((number, big_endian))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::initializers::quota::within;
    use crate::shape::Shape;
    use ndarray::{Array2, ShapeBuilder, array};
    use ndarray_npy::WriteNpyExt;
    use proptest::prelude::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16 + 1).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.push(b'\n');
        bytes.extend(data);
        bytes
    }

    fn of(dtype: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        file(&format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"), data)
    }

    fn refusal(bytes: &[u8]) -> String {
        within(1000, |quota| parse(bytes, quota, None)).unwrap_err().in_file("f").message
    }

    #[test]
    fn numbers_of_both_ends_and_both_orders() {
        let mut bytes = Vec::new();
        Array2::from_shape_vec((2, 3).f(), vec![1.0f32, 4.0, 2.0, 5.0, 3.0, 6.0])
            .unwrap()
            .write_npy(&mut bytes)
            .unwrap();
        let matrix = Tensor::float(&Shape::new(&[2, 3]), vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(within(6, |quota| parse(&bytes[..], quota, None)).ok(), matrix);
        let mut bytes = Vec::new();
        array![true, false].write_npy(&mut bytes).unwrap();
        assert_eq!(
            within(6, |quota| parse(&bytes[..], quota, None)).ok(),
            Tensor::int(&Shape::new(&[2]), vec![1, 0])
        );
        let big = of(">i4", "(2,)", &[0, 0, 0, 1, 255, 255, 255, 255]);
        assert_eq!(
            within(6, |quota| parse(&big[..], quota, None)).ok(),
            Tensor::int(&Shape::new(&[2]), vec![1, -1])
        );
        let half = of("<f2", "()", &[0x00, 0x3e]);
        assert_eq!(
            within(6, |quota| parse(&half[..], quota, None)).ok(),
            Tensor::float(&Shape::scalar(), vec![1.5])
        );
    }

    #[test]
    fn other_elements_are_refused_by_name() {
        for (dtype, what) in [
            ("<c16", "complex numbers (dtype \"<c16\")"),
            ("|O", "Python objects"),
            ("<U5", "strings"),
            ("|S3", "byte strings"),
            ("<M8[ns]", "dates"),
            ("<f16", "floats of an unusual size"),
        ] {
            assert!(refusal(&of(dtype, "(1,)", &[0; 64])).contains(what), "{dtype}");
        }
        let records = file("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", &[0; 8]);
        assert!(refusal(&records).contains("holds records"));
    }

    #[test]
    fn malformed_files_are_refused() {
        assert!(refusal(b"").contains("is not an npy file"));
        assert!(refusal(b"<!DOCTYPE html>").contains("is not an npy file"));
        assert!(refusal(b"\x93NUMPY\x01\x00\x76").contains("is cut short"));
        assert!(refusal(b"\x93NUMPY\x02\x00\xff\xff\xff\xff").contains("has a header of 4294967295 bytes"));
        assert!(refusal(&of("<f8", "(2,)", &[0; 15])).contains("takes 16 bytes, 15 are there"));
        assert!(refusal(&of("<f8", "(2,)", &[0; 17])).contains("goes on after its data"));
        assert!(refusal(&of("<f8", "(1000000000, 1000000000)", &[])).contains("the limit is"));
        assert!(refusal(&of("<f8", "(99999999999999999999999,)", &[])).contains("malformed header"));
        assert!(refusal(&file(&"(".repeat(50_000), &[])).contains("nested too deeply"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(at in 0usize..100, bytes in prop::collection::vec(any::<u8>(), 1..6)) {
            let mut file = of("<f8", "(2, 3)", &[0; 48]);
            let at = at.min(file.len() - bytes.len());
            file[at..at + bytes.len()].copy_from_slice(&bytes);
            let _ = within(1000, |quota| parse(&file[..], quota, None));
        }
    }
}
