//! `npz`: one array of several that NumPy saved together.

use super::{
    FILE, Initializer, InitializerCall, InitializerCard, Parameter, World, npy, unreadable::Unreadable,
};
use crate::{
    diagnostic::closest,
    op::Misuse,
    tensor::{Tensor, Type},
};
use std::io::{Read, Seek, SeekFrom};
use zip::{ZipArchive, read::ZipFile, result::ZipError};

/// Keys that a refusal lists.
const SHOWN_KEYS: usize = 12;

pub(super) struct Npz;

impl Initializer for Npz {
    fn card(&self) -> &'static InitializerCard {
        const {
            &InitializerCard {
                name: "npz",
                doc: "Reads one array of a file that NumPy saved with `np.savez` or `np.savez_compressed`.",
                parameters: &[FILE, Parameter::text("key", "the array's name in the file")],
                shaped: false,
                example: "param W: [784, 50] = npz(\"weights.npz\", \"W1\")",
            }
        }
    }

    fn ty(&self, call: &InitializerCall, world: &mut World) -> Option<Type> {
        let (file, key) = (call.text("file")?, call.text("key")?);
        let files = world.files;
        let quota = world.quota();
        let header = |mut array: ZipFile<_>, _| npy::layout(&mut array, None)?.ty(&quota);
        files.read(file, |reader| open(reader, key, header)).ok()
    }

    fn read(&self, call: &InitializerCall, world: &mut World) -> Result<Tensor, Misuse> {
        let (file, key) = (call.text("file").unwrap_or(""), call.text("key").unwrap_or(""));
        let files = world.files;
        let quota = world.quota();
        files.read(file, |reader| {
            open(reader, key, |array, packed| npy::parse(array, &mut quota.packed(packed), None))
        })
    }
}

/// Hands an array of an archive to `read`, with the bytes that it is packed in.
fn open<R: Read + Seek, T>(
    mut reader: R,
    key: &str,
    read: impl FnOnce(ZipFile<R>, u64) -> Result<T, Unreadable>,
) -> Result<T, Unreadable> {
    let length = reader.seek(SeekFrom::End(0))?;
    let mut archive = ZipArchive::new(reader).map_err(|error| match error {
        ZipError::Io(error) => error.into(),
        error => Unreadable::new(format!("is not an npz file: {error}")),
    })?;
    let member = archive.index_for_name(&format!("{key}.npy")).or_else(|| archive.index_for_name(key));
    let Some(member) = member else {
        let names: Vec<_> = archive.file_names().flatten().collect();
        return Err(no_such_key(key, names.iter().map(|name| name.trim_end_matches(".npy")).collect()));
    };
    let array = archive.by_index(member).map_err(|error| match error {
        ZipError::Io(error) => error.into(),
        error => Unreadable::new(format!("cannot be read at {key:?}: {error}")),
    })?;
    // What an archive says of itself may be a lie; its own length is none.
    let packed = array.compressed_size().min(length);
    read(array, packed)
}

/// The refusal of a key, with those that are there.
pub(super) fn no_such_key(key: &str, mut keys: Vec<&str>) -> Unreadable {
    keys.sort_unstable();
    let mut shown: Vec<String> = keys.iter().take(SHOWN_KEYS).map(|key| format!("{key:?}")).collect();
    if keys.len() > SHOWN_KEYS {
        shown.push(format!("{} more", keys.len() - SHOWN_KEYS));
    }
    let message = match shown.as_slice() {
        [] => format!("holds no array at all, so none called {key:?}"),
        shown => format!("holds no array called {key:?}; there are {}", shown.join(", ")),
    };
    let fault = Unreadable::new(message).of("key");
    match closest(key, keys) {
        Some(near) => fault.help(format!("did you mean {near:?}?")),
        None => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{initializers::quota::within, op::Subject, shape::Shape};
    use ndarray::array;
    use ndarray_npy::WriteNpyExt;
    use proptest::prelude::*;
    use std::io::{Cursor, Write};
    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    fn archive(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn weights() -> Vec<u8> {
        let mut bytes = Vec::new();
        array![[1.5, 2.0], [3.0, 4.0]].write_npy(&mut bytes).unwrap();
        bytes
    }

    fn read(bytes: &[u8], key: &str) -> Result<Tensor, Misuse> {
        let read = |array: ZipFile<_>, _| within(1000, |quota| npy::parse(array, quota, None));
        open(Cursor::new(bytes), key, read).map_err(|fault| fault.in_file("f"))
    }

    #[test]
    fn arrays_are_found_by_name_stored_or_compressed() {
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let bytes = archive(&[("b1.npy", b"junk"), ("W1.npy", &weights())], method);
            let expected = Tensor::float(&Shape::new(&[2, 2]), vec![1.5, 2.0, 3.0, 4.0]).unwrap();
            assert_eq!(read(&bytes, "W1"), Ok(expected.clone()));
            assert_eq!(read(&bytes, "W1.npy"), Ok(expected));
            assert!(read(&bytes, "b1").unwrap_err().message.contains("is not an npy file"));
        }
    }

    #[test]
    fn what_numpy_saves_is_read() {
        let read = |key| read(include_bytes!("../../tests/reference/arrays.npz"), key);
        let float = |shape: &[usize], of: &[f64]| Tensor::float(&Shape::new(shape), of.to_vec());
        let int = |shape: &[usize], of: &[i64]| Tensor::int(&Shape::new(shape), of.to_vec());
        assert_eq!(read("matrix").ok(), float(&[2, 3], &[0.25, 0.5, 0.75, 1.0, 1.25, 1.5]));
        assert_eq!(read("transposed").ok(), int(&[2, 3], &[1, 2, 3, 4, 5, 6]));
        assert_eq!(read("big_endian").ok(), float(&[2], &[1.5, -2.5]));
        assert_eq!(read("half").ok(), float(&[2], &[0.5, 65504.0]));
        assert_eq!(read("flags").ok(), int(&[2], &[1, 0]));
        assert_eq!(read("scalar").ok(), int(&[], &[7]));
        assert_eq!(read("empty").ok(), float(&[0, 3], &[]));
        assert!(read("text").unwrap_err().message.contains("strings (dtype \"<U3\")"));
        assert!(read("complex").unwrap_err().message.contains("complex numbers"));
    }

    #[test]
    fn an_unknown_key_lists_the_known_ones() {
        let bytes =
            archive(&[("bias.npy", &weights()), ("weights.npy", &weights())], CompressionMethod::Stored);
        let misuse = read(&bytes, "weight").unwrap_err();
        assert_eq!(misuse.subject, Subject::Attribute("key"));
        assert_eq!(misuse.message, "\"f\" holds no array called \"weight\"; there are \"bias\", \"weights\"");
        assert_eq!(misuse.help.as_deref(), Some("did you mean \"weights\"?"));
    }

    #[test]
    fn bombs_and_junk_are_refused() {
        let mut bomb = b"\x93NUMPY\x01\x00\x46\x00".to_vec();
        bomb.extend(format!("{:69}\n", "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}").as_bytes());
        bomb.resize(bomb.len() + (1 << 26), 0);
        let bytes = archive(&[("x.npy", &bomb)], CompressionMethod::Deflated);
        assert!(bytes.len() < 1 << 17);
        assert!(read(&bytes, "x").unwrap_err().message.contains("goes on after its data"));
        assert!(read(b"no zip", "x").unwrap_err().message.contains("is not an npz file"));
        let whole = archive(&[("x.npy", &weights())], CompressionMethod::Stored);
        assert!(read(&whole[..whole.len() - 30], "x").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(at in 0usize..300, bytes in prop::collection::vec(any::<u8>(), 1..6)) {
            let mut file = archive(&[("x.npy", &weights())], CompressionMethod::Deflated);
            let at = at.min(file.len() - bytes.len());
            file[at..at + bytes.len()].copy_from_slice(&bytes);
            let _ = read(&file, "x");
        }
    }
}
