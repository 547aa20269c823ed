"""Gradient steps of sums.py, with the batch shared out among all devices.

python sums_main.py --steps 100 --lr 0.1 --checkpoint sums.safetensors

On several hosts, on each with its own number:

python sums_main.py --coordinator HOST:PORT --processes 2 --process 0
"""

import argparse
import time

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from safetensors.numpy import load_file, save_file

import sums as graph

# Leaves that have a batch axis, and which.
BATCH = {"x": 0}
# What is trained, with its name in the graph and in checkpoints.
PARAMS = {"W": "W", "b": "b"}
LOSS = "loss"
# Params that have columns to share out, and the axis of these.
COLUMNS = {"W": 1}


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--lr", type=float, default=0.1, help="the length of a step")
    parser.add_argument("--resume", help="a checkpoint to start from")
    parser.add_argument("--checkpoint", help="where params go after the last step")
    parser.add_argument(
        "--gradients",
        help="where loss and gradients before the first step go",
    )
    parser.add_argument(
        "--columns",
        type=int,
        default=1,
        help="devices that share out the columns of a product, in place of the batch",
    )
    parser.add_argument("--coordinator", help="HOST:PORT of process 0")
    parser.add_argument("--processes", type=int)
    parser.add_argument("--process", type=int)
    return parser.parse_args()


def loss(params, data):
    return graph.sums(**params, **data)


@jax.jit
def step(params, data, lr):
    value, gradients = jax.value_and_grad(loss)(params, data)
    params = jax.tree.map(lambda param, slope: param - lr * slope, params, gradients)
    return params, value, gradients


def save(path, arrays):
    """Process 0 writes what all have together."""
    arrays = multihost_utils.process_allgather(arrays, tiled=True)
    if jax.process_index() == 0:
        save_file({name: np.asarray(array) for name, array in arrays.items()}, path)


def main():
    asked = options()
    if asked.coordinator:
        jax.distributed.initialize(asked.coordinator, asked.processes, asked.process)
    devices = np.array(jax.devices()).reshape(-1, asked.columns)
    mesh = Mesh(devices, ("batch", "columns"))

    def shared_out(name, value):
        """Every process has the whole array, and gives the parts of its devices."""
        value = np.asarray(value)
        axes = [None] * value.ndim
        if name in BATCH:
            axes[BATCH[name]] = "batch"
        elif name in COLUMNS and value.shape[COLUMNS[name]] % asked.columns == 0:
            axes[COLUMNS[name]] = "columns"
        sharding = NamedSharding(mesh, PartitionSpec(*axes))
        return jax.make_array_from_callback(value.shape, sharding, value.__getitem__)

    all_leaves = graph.leaves()
    for name, axis in BATCH.items():
        if all_leaves[name].shape[axis] % len(devices):
            rows = all_leaves[name].shape[axis]
            raise SystemExit(f"a batch of {rows} is not for {len(devices)} devices")
    if asked.resume:
        kept = load_file(asked.resume)
        all_leaves |= {name: kept[key] for name, key in PARAMS.items()}
    all_leaves = {name: shared_out(name, value) for name, value in all_leaves.items()}
    params = {name: all_leaves.pop(name) for name in PARAMS}

    for at in range(asked.steps):
        params, value, gradients = step(params, all_leaves, asked.lr)
        # One at a time: on CPUs, steps under way at once can take each other's threads.
        value.block_until_ready()
        if at == 0:
            count = jax.device_count()
            print(f"loss {value:.12g} on {count} device{'s' * (count > 1)}", flush=True)
            if asked.gradients:
                slopes = {f"grad({PARAMS[name]})": gradients[name] for name in PARAMS}
                save(asked.gradients, {LOSS: value, **slopes})
            started = time.perf_counter()
    if asked.steps > 1:
        jax.block_until_ready(params)
        each = (time.perf_counter() - started) / (asked.steps - 1)
        print(f"loss {value:.12g} at step {asked.steps}, {1e3 * each:.3f} ms a step")
    if asked.checkpoint:
        save(asked.checkpoint, {PARAMS[name]: param for name, param in params.items()})


if __name__ == "__main__":
    main()
