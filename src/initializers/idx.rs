//! `idx`: the format of the MNIST digits, plain or gzipped.
//!
//! Two zero bytes, a byte for the kind of number, a byte for the count of axes,
//! a big-endian length for each axis, then the numbers, big-endian.

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
use flate2::bufread::MultiGzDecoder;
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
};

pub(super) struct Idx;

impl Initializer for Idx {
    fn card(&self) -> &'static InitializerCard {
        const {
            &InitializerCard {
                name: "idx",
                doc: "Reads an array in the idx format of the MNIST digits, gzipped or not.",
                parameters: &[FILE],
                shaped: false,
                example: "const x: [batch, 784] = flatten(idx(\"t10k-images-idx3-ubyte.gz\")[:3]) / 255",
            }
        }
    }

    fn ty(&self, call: &InitializerCall, world: &mut World) -> Option<Type> {
        let file = call.text("file")?;
        let (files, wanted) = (world.files, world.wanted);
        let quota = world.quota();
        files.read(file, |reader| layout(&mut open(reader, file)?.0, wanted)?.ty(&quota)).ok()
    }

    fn read(&self, call: &InitializerCall, world: &mut World) -> Result<Tensor, Misuse> {
        let file = call.text("file").unwrap_or("");
        let (files, wanted) = (world.files, world.wanted);
        let quota = world.quota();
        files.read(file, |reader| match open(reader, file)? {
            (reader, Some(packed)) => parse(reader, &mut quota.packed(packed), wanted),
            (reader, None) => parse(reader, &mut { quota }, wanted),
        })
    }
}

/// What a file holds, and in how many bytes it is packed, if it is.
fn open(mut reader: BufReader<File>, name: &str) -> Result<(Box<dyn Read>, Option<u64>), Unreadable> {
    if reader.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        let packed = reader.get_ref().metadata()?.len();
        Ok((Box::new(MultiGzDecoder::new(reader)), Some(packed)))
    } else if name.ends_with(".gz") {
        Err(Unreadable::new("is called .gz, but is no gzip file"))
    } else {
        Ok((Box::new(reader), None))
    }
}

fn parse(mut reader: impl Read, quota: &mut Quota, wanted: Option<usize>) -> Result<Tensor, Unreadable> {
    layout(&mut reader, wanted)?.read(reader, quota)
}

/// Reads what a file says of itself.
fn layout(reader: &mut impl Read, wanted: Option<usize>) -> Result<Layout, Unreadable> {
    let mut magic = [0; 4];
    reader.read_exact(&mut magic)?;
    let [0, 0, kind, axes] = magic else {
        return Err(Unreadable::new("is not an idx file: it does not begin with two zero bytes"));
    };
    let number = match kind {
        0x08 => ElementType::U8,
        0x09 => ElementType::I8,
        0x0b => ElementType::I16,
        0x0c => ElementType::I32,
        0x0d => ElementType::F32,
        0x0e => ElementType::F64,
        _ => {
            return Err(Unreadable::new(format!(
                "is not an idx file: its third byte is {kind:#04x}, which stands for no kind of number"
            )));
        }
    };
    let mut shape = Vec::new();
    for _ in 0..axes {
        let mut length = [0; 4];
        reader.read_exact(&mut length)?;
        shape.push(u32::from_be_bytes(length) as usize);
    }
    Ok(Layout { number, big_endian: true, shape, fortran: false, wanted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        initializers::{Files, ParameterValue, RandomState, quota::within},
        limits::Limits,
        shape::Shape,
    };
    use flate2::{Compression, write::GzEncoder};
    use std::{fs, io::Write};

    fn read(name: &str, bytes: &[u8]) -> Result<Tensor, Misuse> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), bytes).unwrap();
        let files = Files::new(vec![folder.path().into()]);
        let parameters = [("file", ParameterValue::Text(name.into()))];
        let call = InitializerCall { parameters: &parameters, shape: None };
        let random = &mut RandomState::new(0);
        let limits = Limits { elements: 1000, ..Limits::default() };
        Idx.read(&call, &mut World { random, files: &files, limits: &limits, unpacked: &mut 0, wanted: None })
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn refusal(name: &str, bytes: &[u8]) -> String {
        read(name, bytes).unwrap_err().message
    }

    const IMAGES: &[u8] = &[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 10, 20, 255];

    #[test]
    fn plain_and_gzipped_files_are_the_same() {
        let expected = Tensor::int(&Shape::new(&[1, 2, 2]), vec![0, 10, 20, 255]).unwrap();
        assert_eq!(read("images", IMAGES), Ok(expected.clone()));
        assert_eq!(read("images.gz", &gzip(IMAGES)), Ok(expected.clone()));
        // What counts is what the file is, not what it is called.
        assert_eq!(read("images", &gzip(IMAGES)), Ok(expected));
    }

    #[test]
    fn rows_that_nobody_wants_are_not_read() {
        let three_rows = [0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 2, 1, 2, 3, 4];
        let first_two = Tensor::int(&Shape::new(&[2, 2]), vec![1, 2, 3, 4]).unwrap();
        assert_eq!(within(4, |quota| parse(&three_rows[..], quota, Some(2))).ok(), Some(first_two));
        assert!(
            within(6, |quota| parse(&three_rows[..], quota, Some(3))).is_err(),
            "the third row is cut off"
        );
        assert!(
            within(4, |quota| parse(&three_rows[..], quota, None)).is_err(),
            "six elements are over the limit"
        );
        // More than there are: all of them, to the end of the file.
        assert!(within(4, |quota| parse(IMAGES, quota, Some(9))).is_ok());
        assert!(
            within(4, |quota| parse(&[IMAGES, &[7]].concat()[..], quota, Some(9))).is_err(),
            "a byte too many"
        );
    }

    #[test]
    fn the_digits_of_the_examples() {
        let images = include_bytes!("../../graphs/data/digits-images.idx.gz");
        let labels = include_bytes!("../../graphs/data/digits-labels.idx.gz");
        let images = within(200_000, |quota| parse(MultiGzDecoder::new(&images[..]), quota, None)).unwrap();
        let labels = within(200_000, |quota| parse(MultiGzDecoder::new(&labels[..]), quota, None)).unwrap();
        assert_eq!(images.shape(), Shape::new(&[1797, 8, 8]));
        assert_eq!(images.to_floats()[..8], [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
        assert_eq!(labels.to_floats()[..4], [0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn every_kind_of_number() {
        let ints = |kind, bytes: &[u8]| {
            let mut file = vec![0, 0, kind, 1, 0, 0, 0, 1];
            file.extend(bytes);
            read("f", &file).unwrap().to_floats()
        };
        assert_eq!(ints(0x09, &[0xff]), [-1.0]);
        assert_eq!(ints(0x0b, &[0xff, 0xfe]), [-2.0]);
        assert_eq!(ints(0x0c, &[0, 0, 1, 0]), [256.0]);
        assert_eq!(ints(0x0d, &1.5f32.to_be_bytes()), [1.5]);
        assert_eq!(ints(0x0e, &0.1f64.to_be_bytes()), [0.1]);
    }

    #[test]
    fn malformed_files_are_refused() {
        assert!(refusal("f", b"").contains("is cut short"));
        assert!(refusal("f", b"<html>").contains("two zero bytes"));
        assert!(refusal("f", &[0, 0, 7, 1, 0, 0, 0, 0]).contains("third byte is 0x07"));
        assert!(refusal("f.gz", b"<html>").contains("no gzip file"));
        assert!(refusal("f", &IMAGES[..10]).contains("is cut short"));
        assert!(refusal("f", &IMAGES[..19]).contains("uint8 of shape [1, 2, 2] takes 4 bytes, 3 are there"));
        assert!(refusal("f", &[IMAGES, &[0]].concat()).contains("goes on after its data"));
        let gzipped = gzip(IMAGES);
        assert!(refusal("f.gz", &gzipped[..gzipped.len() - 9]).contains("is cut short"));
    }

    #[test]
    fn headers_and_gzip_bombs_are_not_trusted() {
        let mut huge = vec![0, 0, 0x0e, 255];
        huge.extend([0x7f; 255 * 4]);
        assert!(refusal("f", &huge).contains("has 255 axes"));
        huge[3] = 3;
        assert!(refusal("f", &huge).contains("the limit is 1000"));
        let mut bomb = IMAGES.to_vec();
        bomb.resize(1 << 26, 0);
        assert!(refusal("f.gz", &gzip(&bomb)).contains("goes on after its data"));
    }
}
