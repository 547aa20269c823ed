//! Data files: what they say of themselves, what comes out of them, and how many cells they have.

use super::Folder;
use std::io::Write;

/// An array of zeros in NumPy's format, of which the header says what it likes.
fn npy(shape: &str, bytes: usize) -> Vec<u8> {
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
    header += &" ".repeat(117 - header.len());
    let start = [b"\x93NUMPY\x01\x00\x76\x00", header.as_bytes(), b"\n"].concat();
    [start, vec![0; bytes]].concat()
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// A graph that takes in one file.
fn reading(source: &str) -> String {
    format!("const c = {source}\ninput x = 2\ny = x * sum(c)\n")
}

#[test]
fn what_comes_out_of_a_file_is_counted() {
    let zeros = npy("(2500000,)", 20_000_000);
    let archive = zipped(&[
        ("x.npy", &zeros),
        ("short.npy", &npy("(8,)", 20_000_000)),
        ("long.npy", &npy("(9000000,)", 80)),
    ]);
    // A lie about its size: what is packed is said to be as long as what comes out.
    let mut lying = archive.clone();
    let size = (zeros.len() as u32).to_le_bytes();
    let entry = archive.windows(4).rposition(|bytes| bytes == size).unwrap();
    assert_eq!(&archive[entry..entry + 4], &size);
    let first = archive.windows(46).position(|bytes| bytes.starts_with(b"PK\x01\x02")).unwrap();
    lying[first + 20..first + 24].copy_from_slice(&size);
    let digits = [&[0u8, 0, 0x0e, 1][..], &2_500_000u32.to_be_bytes(), &vec![0; 20_000_000]].concat();
    let folder = Folder::new(&[
        ("a.npz", &archive),
        ("lying.npz", &lying),
        ("a.gz", &gzipped(&digits)),
        ("x.graph", reading("npz(\"a.npz\", \"x\")").as_bytes()),
        ("lying.graph", reading("npz(\"lying.npz\", \"x\")").as_bytes()),
        ("short.graph", reading("npz(\"a.npz\", \"short\")").as_bytes()),
        ("long.graph", reading("npz(\"a.npz\", \"long\")").as_bytes()),
        ("gz.graph", reading("idx(\"a.gz\")").as_bytes()),
        ("part.graph", reading("idx(\"a.gz\")[:3]").as_bytes()),
    ]);
    folder.refused(
        &["x.graph"],
        &[
            "unpacks to 20.0 MB from ",
            "times as much: the limit is 100 times",
            "x.graph:1:15",
            "--limit ratio=",
        ],
    );
    folder.refused(&["lying.graph"], &["lying.npz"]);
    folder.refused(&["gz.graph"], &["unpacks to 20.0 MB from ", "--limit ratio="]);
    folder.refused(&["short.graph"], &["goes on after its data"]);
    folder.refused(&["long.graph"], &["\"a.npz\" "]);
    folder.refused(
        &["x.graph", "--limit", "ratio=10_000", "--limit", "unpacked=10MB"],
        &["the limit is 10.0 MB", "--limit unpacked="],
    );
    assert_eq!(folder.run(&["x.graph", "--limit", "ratio=10_000"]).code, 0);
    assert_eq!(folder.run(&["part.graph"]).code, 0);
}

#[test]
fn headers_are_not_believed() {
    let tensor =
        |header: &str| [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 8]].concat();
    let huge = r#"{"a":{"dtype":"F64","shape":[1000000000,1000000],"data_offsets":[0,8000000000000000]}}"#;
    let overlapping = r#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#;
    let backwards = r#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}"#;
    let beyond = r#"{"a":{"dtype":"F64","shape":[200000000],"data_offsets":[0,1600000000]}}"#;
    let files: [(&str, Vec<u8>, &str); 9] = [
        ("a.npy", npy("(1000000000000000000,)", 8), "is too large"),
        ("b.npy", npy("(4294967296, 4294967296, 2)", 8), "is too large"),
        ("c.npy", npy("(20000000,)", 8), "is cut short"),
        ("d.npy", npy("(0, 4294967296, 4294967296)", 0), "c.graph"),
        ("a.safetensors", tensor(huge), "is too large"),
        ("b.safetensors", tensor(overlapping), "malformed header"),
        ("c.safetensors", tensor(backwards), "malformed header"),
        ("d.safetensors", tensor(beyond), "error"),
        ("e.safetensors", [&u64::MAX.to_le_bytes()[..], b"{}"].concat(), "too long a header"),
    ];
    for (name, bytes, words) in files {
        let source = match name.split_once('.') {
            Some((_, "npy")) => format!("npy(\"{name}\")"),
            _ => format!("safetensors(\"{name}\", \"a\")"),
        };
        Folder::new(&[(name, &bytes), ("c.graph", reading(&source).as_bytes())])
            .refused(&["c.graph"], &[words]);
    }
}

#[test]
fn tables_are_counted() {
    let folder = Folder::new(&[
        ("t.csv", "1,2,3\n".repeat(100_000).as_bytes()),
        ("c.graph", reading("csv(\"t.csv\")").as_bytes()),
        ("one.graph", reading("csv(\"t.csv\", columns = \"0\")").as_bytes()),
    ]);
    assert_eq!(folder.run(&["c.graph"]).code, 0);
    folder.refused(
        &["c.graph", "--limit", "cells=1e5"],
        &["is too large, up to 300001 cells: the limit is 100000 cells", "--limit cells=300001"],
    );
    folder.refused(&["c.graph", "--limit", "elements=299_999"], &["[100000, 3]", "--limit elements=300000"]);
    assert_eq!(folder.run(&["one.graph", "--limit", "elements=100_000"]).code, 0);
    folder.refused(&["c.graph", "--limit", "bytes=500kB"], &["--limit bytes="]);
}
