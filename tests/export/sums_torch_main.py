"""Gradient steps of sums.py, with the batch shared out among processes.

torchrun --standalone --nproc-per-node 2 sums_main.py --steps 100 --lr 0.1

Params are copied to all processes; with `--fsdp` they are shared out, too.
"""

import argparse
import os
import time

import torch
import torch.distributed as dist
from safetensors.torch import load_file, save_file
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel

import sums as graph

# Leaves that have a batch axis, and which.
BATCH = {"x": 0}
# What is trained, with its name in the graph and in checkpoints.
PARAMS = {"W": "W", "b": "b"}
LOSS = "loss"


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
    parser.add_argument("--fsdp", action="store_true", help="share params out, too")
    return parser.parse_args()


class Model(torch.nn.Module):
    """The loss of a part of the batch."""

    def __init__(self, params):
        super().__init__()
        self.shapes = [param.shape for param in params]
        # FSDP shares out the first axis: a single number gets one.
        self.params = torch.nn.ParameterList(
            torch.atleast_1d(param.detach()) for param in params
        )

    def forward(self, data):
        params = zip(PARAMS, self.params, self.shapes, strict=True)
        params = {name: param.reshape(shape) for name, param, shape in params}
        return graph.sums(**params, **data)

    def whole(self, tensors):
        """Tensors as the graph names and shapes them; all processes call it."""
        named = zip(PARAMS.values(), tensors, self.shapes, strict=True)
        whole = {}
        for key, tensor, shape in named:
            if hasattr(tensor, "full_tensor"):
                tensor = tensor.full_tensor()
            whole[key] = tensor.detach().reshape(shape).cpu().contiguous()
        return whole


def part(name, value):
    """This process's part of a leaf."""
    value = value.detach()
    if name not in BATCH:
        return value
    parts, rows = dist.get_world_size(), value.shape[BATCH[name]]
    if rows % parts:
        raise SystemExit(f"a batch of {rows} is not for {parts} processes")
    return value.chunk(parts, dim=BATCH[name])[dist.get_rank()].contiguous()


def main():
    asked = options()
    has_gpus = torch.cuda.is_available()
    # Without torchrun it is one process.
    alone = {"store": dist.HashStore(), "rank": 0, "world_size": 1}
    given = {} if "RANK" in os.environ else alone
    dist.init_process_group("nccl" if has_gpus else "gloo", **given)
    if has_gpus:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        torch.set_default_device("cuda")

    all_leaves = graph.leaves()
    if asked.resume:
        kept = load_file(asked.resume)
        all_leaves |= {
            name: kept[key].to(all_leaves[name]) for name, key in PARAMS.items()
        }
    model = Model([all_leaves.pop(name) for name in PARAMS])
    data = {name: part(name, value) for name, value in all_leaves.items()}
    if asked.fsdp:
        mesh = init_device_mesh("cuda" if has_gpus else "cpu", (dist.get_world_size(),))
        shared = fully_shard(model, mesh=mesh)
    else:
        shared = DistributedDataParallel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=asked.lr)

    def say(words):
        if dist.get_rank() == 0:
            print(words, flush=True)

    def save(path, arrays):
        if dist.get_rank() == 0:
            save_file(arrays, path)

    def total(value):
        value = value.detach().clone()
        dist.all_reduce(value)
        return value

    for at in range(asked.steps):
        value = shared(data)
        optimizer.zero_grad()
        # Gradients come as means over processes, and the loss is a sum.
        (value * dist.get_world_size()).backward()
        if at == 0:
            count = dist.get_world_size()
            say(f"loss {total(value):.12g} in {count} process{'es' * (count > 1)}")
            if asked.gradients:
                slopes = model.whole([param.grad for param in model.params])
                slopes = {f"grad({name})": slope for name, slope in slopes.items()}
                save(asked.gradients, {LOSS: total(value).cpu(), **slopes})
            started = time.perf_counter()
        optimizer.step()
    if asked.steps > 1:
        last = total(value).item()
        each = (time.perf_counter() - started) / (asked.steps - 1)
        say(f"loss {last:.12g} at step {asked.steps}, {1e3 * each:.3f} ms a step")
    if asked.checkpoint:
        save(asked.checkpoint, model.whole(model.params))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
