//! All arrays of a file, or of a folder, that another program wrote: its inputs and its results.

use super::{
    elements::{ElementType, Layout},
    npy,
    quota::Quota,
    safetensors::Header,
    unreadable::Unreadable,
};
use crate::{
    diagnostic::{Diagnostic, Refusal},
    inside::{self, Fault},
    limits::{Limits, bytes},
    precision::Precision,
    tensor::Tensor,
};
use std::{
    fs::{self, File},
    io::{BufReader, Read, Seek, SeekFrom},
    path::Path,
};
use zip::ZipArchive;

/// Bytes of an element: as it is read, as a leaf of the graph, as a result that is judged, and as what others
/// are judged from.
const ELEMENT: u64 = 4 * 8;

/// An array with the format that it was stored in.
#[derive(Debug, Clone)]
pub struct DumpArray {
    pub name: String,
    pub tensor: Tensor,
    /// `None` where it holds ints or bools.
    pub precision: Option<Precision>,
}

/// Reads a `.npz`, a `.safetensors` or a folder of `.npy` files that the user names, sorted by the arrays'
/// names.
///
/// # Errors
/// It cannot be read, an array is malformed, or all together are over the limits.
pub fn read_dump(path: &Path, limits: &Limits) -> Result<Vec<DumpArray>, Refusal> {
    let ends_in = |known: &str| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(known));
    let mut reading = Reading { limits, unpacked: 0, bytes: 0, arrays: Vec::new() };
    if path.is_dir() {
        reading.folder(path)?;
    } else {
        let read = match () {
            () if ends_in("npz") => reading.npz(opened(inside::open_named(path), path)?),
            () if ends_in("safetensors") => reading.safetensors(opened(inside::open_named(path), path)?),
            () => {
                opened(inside::open_named(path), path)?;
                Err(Unreadable::new("is no dump of arrays")
                    .help("a dump is a `.npz`, a `.safetensors` or a folder of `.npy` files"))
            }
        };
        read.map_err(|fault| fault.of_named(path))?;
    }
    if reading.arrays.is_empty() {
        return Err(Diagnostic::error(format!("{}: holds no array at all", path.display()))
            .help("a dump is a `.npz`, a `.safetensors` or a folder of `.npy` files")
            .into());
    }
    reading.arrays.sort_by(|a, b| a.name.cmp(&b.name));
    let doubled = reading.arrays.chunk_by(|a, b| a.name == b.name).filter(|same| same.len() > 1);
    let faults: Vec<Diagnostic> = doubled
        .map(|same| {
            let (name, count) = (&same[0].name, same.len());
            Diagnostic::error(format!("{}: holds {count} arrays called `{name}`", path.display()))
                .help("`NAME` and `NAME.npy` are one name: leave out all but one")
        })
        .collect();
    if faults.is_empty() { Ok(reading.arrays) } else { Err(Refusal(faults)) }
}

fn opened(file: Result<File, Fault>, path: &Path) -> Result<BufReader<File>, Diagnostic> {
    let refused = |why: &str| Diagnostic::error(format!("{}: {why}", path.display()));
    file.map(BufReader::new).map_err(|fault| match fault {
        Fault::Missing => refused("no such file or folder"),
        Fault::LeadsOut => refused("is a link that leads out of the folder")
            .help("put the array itself there, or name the folder that it lies in"),
        Fault::Folder | Fault::NotRegular => refused("is not a regular file"),
        Fault::Other(error) => refused(&format!("cannot be read: {error}")),
    })
}

struct Reading<'a> {
    limits: &'a Limits,
    unpacked: u64,
    /// That all arrays take so far.
    bytes: u64,
    arrays: Vec<DumpArray>,
}

impl Reading<'_> {
    fn quota(&mut self) -> Quota<'_> {
        Quota::of(self.limits, &mut self.unpacked)
    }

    /// Counts an array before it is read.
    fn hold(&mut self, layout: &Layout) -> Result<(), Unreadable> {
        let elements = layout.shape.iter().fold(1, |size: u64, &length| size.saturating_mul(length as u64));
        self.bytes = self.bytes.saturating_add(elements.saturating_mul(ELEMENT));
        if self.bytes > self.limits.bytes {
            let what = format!("takes too much memory, {}", bytes(self.bytes));
            let bytes = self.bytes;
            return Err(self.quota().exceeded("bytes", bytes, what));
        }
        Ok(())
    }

    fn take(&mut self, name: String, number: ElementType, tensor: Tensor) {
        let tensor = match (number, tensor) {
            (ElementType::Bool, Tensor::Int(truths)) => Tensor::Bool(truths),
            (_, tensor) => tensor,
        };
        self.arrays.push(DumpArray { name, tensor, precision: number.precision() });
    }

    fn safetensors(&mut self, mut reader: BufReader<File>) -> Result<(), Unreadable> {
        let header = Header::read(&mut reader)?;
        for key in header.keys() {
            let (layout, length) = header.layout(&mut reader, &key)?;
            let number = layout.number;
            let held = self.hold(&layout);
            let tensor = held.and_then(|()| layout.read(reader.by_ref().take(length), &mut self.quota()));
            self.take(key.clone(), number, tensor.map_err(|fault| fault.in_array(&key))?);
        }
        Ok(())
    }

    fn npz(&mut self, mut reader: BufReader<File>) -> Result<(), Unreadable> {
        let length = reader.seek(SeekFrom::End(0))?;
        let mut archive = ZipArchive::new(reader)
            .map_err(|error| Unreadable::new(format!("is not an npz file: {error}")))?;
        for index in 0..archive.len() {
            let mut array = archive
                .by_index(index)
                .map_err(|error| Unreadable::new(format!("cannot be read at array {index}: {error}")))?;
            let named = array.name().map_or_else(|_| format!("{index}"), |name| name.into_owned());
            let name = named.strip_suffix(".npy").unwrap_or(&named).to_string();
            let packed = array.compressed_size().min(length);
            let read = npy::layout(&mut array, None).and_then(|layout| {
                let number = layout.number;
                self.hold(&layout)?;
                Ok((number, layout.read(&mut array, &mut self.quota().packed(packed))?))
            });
            let (number, tensor) = read.map_err(|fault| fault.in_array(&name))?;
            self.take(name, number, tensor);
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path) -> Result<(), Refusal> {
        let failed = |error| Diagnostic::error(format!("{}: cannot be read: {error}", folder.display()));
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy")) {
                paths.push(path);
            }
        }
        paths.sort();
        for path in paths {
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else {
                let words = format!("{}: its name is not UTF-8", path.display());
                return Err(Diagnostic::error(words).help("name it by a leaf or a node").into());
            };
            // The user names the folder; what lies in it may be anybody's.
            let below = Path::new(path.file_name().unwrap_or_default());
            let mut reader = opened(inside::open(folder, below, &[]), &path)?;
            let read = npy::layout(&mut reader, None).and_then(|layout| {
                self.hold(&layout)?;
                Ok((layout.number, layout.read(reader, &mut self.quota())?))
            });
            let (number, tensor) = read.map_err(|fault| fault.of_named(&path))?;
            self.take(name.to_string(), number, tensor);
        }
        Ok(())
    }
}
