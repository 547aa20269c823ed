"""The first corpus of a fuzzer, made of the example graphs: seeds.py TARGET FOLDER."""

import pathlib
import struct
import sys
import zipfile

target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
graphs = sorted(pathlib.Path("graphs").rglob("*.graph"))
tomls = sorted(pathlib.Path("graphs").rglob("*.toml"))


def keep(name, content):
    (folder / name).write_bytes(content)


def flat(path):
    return "_".join(path.parts)


if target == "graph_text":
    for path in graphs:
        keep(flat(path), path.read_bytes())
elif target == "toml_text":
    for path in tomls:
        keep(flat(path), path.read_bytes())
elif target == "readers":
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }".ljust(117) + b"\n"
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + struct.pack("<3d", 1, 2, 3)
    keep("npy", b"\x00" + npy)
    with zipfile.ZipFile(folder / "archive", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", npy)
    keep("npz", b"\x01" + (folder / "archive").read_bytes())
    (folder / "archive").unlink()
    keep("csv", b"\x02a,b\n1,2\n3,4\n")
    keep("idx", b"\x03\x00\x00\x08\x01" + struct.pack(">I", 3) + bytes([1, 2, 3]))
    words = b'{"x":{"dtype":"F64","shape":[3],"data_offsets":[0,24]}}'
    keep("safetensors", b"\x05" + struct.pack("<Q", len(words)) + words + struct.pack("<3d", 1, 2, 3))
else:
    for first, paths in [(b"\x00", graphs), (b"\x01", tomls)]:
        for path in paths:
            keep(flat(path), first + path.read_bytes())
