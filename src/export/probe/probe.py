"""Runs an exported graph on the graph's own numbers and stores what comes out.

Beside it lie `asked.json` (what to run, and names), `inputs.npz`, the modules, and
`engine.py` for the framework. It writes `leaves.npz`, what the export says of leaves;
`got.npz`, values and gradients under the names of the graph; and `version.txt`.
"""

import importlib
import json
import os
import threading
import zipfile
from pathlib import Path

HERE = Path(__file__).parent


def end_with_parent():
    """Nobody waits for this process any more once its standard input is closed."""
    # Not by `sys.stdin`: its lock, held here, would not let the interpreter end.
    while os.read(0, 1024):
        pass
    os._exit(1)


def store(name, arrays):
    import numpy as np

    # Not by `np.savez`: names of the graph are no names of arguments.
    with zipfile.ZipFile(HERE / name, "w") as archive:
        for key, array in arrays.items():
            array = np.asarray(array)
            if array.dtype.kind == "f":
                array = array.astype(np.float64)
            with archive.open(f"{key}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)


def main():
    import engine
    import numpy as np

    asked = json.loads((HERE / "asked.json").read_text(encoding="utf-8"))
    inputs = np.load(HERE / "inputs.npz")
    got = {}
    # What the plain module gives is what counts; the one with taps adds what lies between.
    for part in ("traced", "exported"):
        module = importlib.import_module(part)
        how = asked[part]
        values, gradients = engine.run(
            getattr(module, how["function"]),
            how["parameters"],
            how["results"],
            inputs,
            asked["wanted"],
            asked["starts"],
        )
        got |= values
        got |= {
            f"grad({name})": gradients[name]
            for name in asked["gradients"]
            if name in gradients
        }
    names = asked["exported"]["parameters"]
    leaves = importlib.import_module("exported").leaves()
    store(
        "leaves.npz",
        {names[key]: engine.plain(value) for key, value in leaves.items()},
    )
    store("got.npz", got)
    (HERE / "version.txt").write_text(engine.VERSION, encoding="utf-8")


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    main()
