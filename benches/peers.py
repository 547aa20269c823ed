#!/usr/bin/env python3
"""What users would run instead, beside graphrun, in one run.

    python3 -m venv .venv && .venv/bin/pip install numpy torch casadi onnx
    .venv/bin/python benches/peers.py [--data MNIST_FOLDER] [WORK ...]

Prints for each work the seconds of graphrun, of the peer, and their ratio. Without
--data, random images as sparse as digits stand in for MNIST. Where a peer's loop
would take minutes, every so many-th entry is timed and the time scaled: `≈`.
"""
import argparse
import gzip
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
GRAPHRUN = ROOT / "target" / "release" / "graphrun"
KEPT = tempfile.TemporaryDirectory(prefix="graphrun-bench-")  # removed when the script ends
FOLDER = pathlib.Path(KEPT.name)


def best(work, runs=5):
    """The least time of several runs, after one that does not count."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def process(*arguments, runs=5):
    """A graphrun process from start to end."""
    command = [GRAPHRUN, *map(str, arguments)]
    return best(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True), runs)


def memory(*arguments):
    """The bytes that a graphrun process held at most."""
    # A child is said to have held what its parent did: a small one starts it.
    start = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)"
    tell = "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    command = [sys.executable, "-c", f"{start}; {tell}", GRAPHRUN, *map(str, arguments)]
    return 1024 * int(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def line(work, graphrun, peers):
    """One row: `peers` maps a name to its seconds, or to `("≈", seconds)`."""
    for name, seconds in peers.items():
        mark, seconds = seconds if isinstance(seconds, tuple) else ("", seconds)
        print(f"{work:<42} {graphrun:>11.6f}  {name:<26} {mark:>1}{seconds:>11.6f}  {seconds / graphrun:>8.1f}×", flush=True)


def images(count, data):
    if data:
        read = lambda name: gzip.open(data / name).read()
        x = np.frombuffer(read("t10k-images-idx3-ubyte.gz"), np.uint8, offset=16).reshape(-1, 784)[:count] / 255.0
        t = np.frombuffer(read("t10k-labels-idx1-ubyte.gz"), np.uint8, offset=8)[:count].astype(np.int64)
        return x, t
    rng = np.random.RandomState(1)
    # Digits keep to the middle, and most of that is empty too.
    middle = np.zeros((28, 28), bool)
    middle[4:24, 4:24] = True
    x = rng.rand(count, 784) * (rng.rand(count, 784) < 0.35) * middle.reshape(-1)
    return x, rng.randint(0, 10, count)


class Net:
    """A stack of affine layers with relu between, under a softmax loss."""

    def __init__(self, sizes, x, t):
        rng = np.random.RandomState(0)
        self.x, self.t = x, t
        self.params = []
        for rows, columns in zip(sizes, sizes[1:]):
            self.params += [(0.01 if rows == 784 else rows ** -0.5) * rng.randn(rows, columns), np.zeros(columns)]

    def file(self, name):
        folder = FOLDER / name
        folder.mkdir()
        np.save(folder / "x.npy", self.x)
        np.save(folder / "t.npy", self.t)
        text = ['const x = npy("x.npy")', f'const t: int[{len(self.t)}] = npy("t.npy")']
        chain = "x"
        layers = len(self.params) // 2
        for k in range(layers):
            for letter, value in zip("Wb", self.params[2 * k:2 * k + 2]):
                np.save(folder / f"{letter}{k}.npy", value)
                text.append(f'param {letter}{k} = npy("{letter}{k}.npy")')
            chain += f" -> affine(W{k}, b{k})" + (" -> relu" if k + 1 < layers else "")
        text += [f"loss = {chain} -> softmax_loss(t)", "output loss"]
        file = folder / f"{name}.graph"
        file.write_text("\n".join(text) + "\n")
        return file

    def loss(self):
        h = self.x
        for k in range(0, len(self.params), 2):
            h = h @ self.params[k] + self.params[k + 1]
            if k + 2 < len(self.params):
                h = np.maximum(0, h)
        s = h - h.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(self.t)), self.t])

    def entries(self):
        return sum(p.size for p in self.params)

    def numpy_loop(self, every):
        """Central differences, one entry at a time; seconds for all of them."""
        done = 0
        start = time.perf_counter()
        for p in self.params:
            flat = p.reshape(-1)
            for i in range(0, p.size, every):
                keep = flat[i]
                flat[i] = keep + 1e-4
                up = self.loss()
                flat[i] = keep - 1e-4
                (up - self.loss()) / 2e-4
                flat[i] = keep
                done += 1
        seconds = (time.perf_counter() - start) * self.entries() / done
        return seconds if every == 1 else ("≈", seconds)

    def torch_check(self, fast, runs=5):
        import torch
        x, t = torch.tensor(self.x), torch.tensor(self.t)
        params = [torch.tensor(p, requires_grad=True) for p in self.params]

        def loss(*params):
            h = x
            for k in range(0, len(params), 2):
                h = h @ params[k] + params[k + 1]
                if k + 2 < len(params):
                    h = torch.relu(h)
            return torch.nn.functional.cross_entropy(h, t)
        return best(lambda: torch.autograd.gradcheck(loss, params, fast_mode=fast), runs)


def check(work, sizes, batch, every, data, torch=False):
    x, t = images(batch, data)
    if sizes[0] != 784:
        rng = np.random.RandomState(2)
        x, t = rng.randn(batch, sizes[0]), rng.randint(0, sizes[-1], batch)
    net = Net(sizes, x, t)
    seconds = process(net.file(work.replace(" ", "-")), "--check")
    title = f"check {work}, {net.entries()} entries"
    line(title, seconds, {"NumPy, two points": net.numpy_loop(every)})
    if torch:
        line(title, seconds, {"torch gradcheck, every entry": net.torch_check(False, 1)})
        verdicts = figures("judge")[f"judge-{work.replace(' ', '-')}"]
        line(f"judge {work}, in process", verdicts, {"torch fast mode, warm": net.torch_check(True)})


def random_scalars(nodes):
    """Averages, products and sines of two of the thousand values before."""
    random.seed(0)
    plan = []
    for i in range(nodes):
        low = max(0, 100 + i - 1000)
        a, b = random.randrange(low, 100 + i), random.randrange(low, 100 + i)
        plan.append(("average" if i % 2 else "sine" if i % 10 == 0 else "product", a, b))
    return np.random.RandomState(0).rand(100), plan


def scalars(nodes=200_000):
    point, plan = random_scalars(nodes)
    spell = {"average": "0.5 * (n{} + n{})", "sine": "sin(n{}) * n{}", "product": "n{} * n{}"}
    text = [f"input n{i} = {float(v)!r}" for i, v in enumerate(point)]
    text += [f"n{100 + i} = {spell[kind].format(a, b)}" for i, (kind, a, b) in enumerate(plan)]
    text += ["y = " + " + ".join(f"n{100 + nodes - 1 - k}" for k in range(10)), "output y"]
    file = FOLDER / "scalars.graph"
    file.write_text("\n".join(text) + "\n")
    done = subprocess.run([GRAPHRUN, file, "--profile", "--format", "json"], stdout=subprocess.PIPE, check=True)
    profile = json.loads(done.stdout)

    import casadi as ca
    v = [ca.SX.sym(f"n{i}") for i in range(100)]
    x = ca.vertcat(*v)
    for kind, a, b in plan:
        v.append(0.5 * (v[a] + v[b]) if kind == "average" else ca.sin(v[a]) * v[b] if kind == "sine" else v[a] * v[b])
    y = sum(v[-10:])
    f = ca.Function("f", [x], [y, ca.gradient(y, x)])
    seconds = profile["forward_seconds"] + profile["backward_seconds"]
    line(f"value and gradient, {nodes} scalar nodes", seconds, {"CasADi SX": best(lambda: f(point), 20)})


def load(nodes=1_000_000):
    random.seed(1)
    ops = ["add(n{a}, n{b})", "mul(n{a}, n{b})", "sub(n{a}, n{b})", "mul(n{a}, n{b})", "add(n{a}, n{b})",
           "sin(n{b})", "tanh(n{b})", "sigmoid(n{b})"]
    body = []
    for i in range(100, 100 + nodes):
        a = random.randrange(max(0, i - 1000), i)
        body.append((f"n{i}", ops[i % 8].format(a=a, b=i - 1)))
    leaves = [f"n{i} = {random.random()!r}" for i in range(100)]
    last = f"n{99 + nodes}"
    graph, toml = FOLDER / "million.graph", FOLDER / "million.toml"
    graph.write_text("\n".join([*(f"input {l}" for l in leaves), *(f"{n} = {e}" for n, e in body), f"output {last}"]) + "\n")
    toml.write_text("\n".join([f'output = "{last}"', "[inputs]", *leaves, "[nodes]", *(f'{n} = "{e}"' for n, e in body)]) + "\n")

    import onnx.parser
    spell = {"add": "Add", "mul": "Mul", "sub": "Sub", "sin": "Sin", "tanh": "Tanh", "sigmoid": "Sigmoid"}
    to_onnx = lambda e: re.sub(r"^\w+", lambda m: spell[m[0]], e)
    inputs = ", ".join(f"float n{i}" for i in range(100))
    text = f'<ir_version: 8, opset_import: ["" : 17]>\nagraph ({inputs}) => (float {last}) {{\n'
    text += "\n".join(f"{n} = {to_onnx(e)}" for n, e in body) + "\n}"
    peer = best(lambda: onnx.parser.parse_model(text), 2)
    for file in (graph, toml):
        line(f"{file.name}: read, check, plan, run", process(file, runs=3), {"onnx.parser, text alone": peer})
        print(f"{'':<42} {memory(file) / nodes:.0f} bytes a node", flush=True)


def figures(only):
    """The lines of `cargo bench`."""
    done = subprocess.run(["cargo", "bench", "--bench", "figures", "--", only], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return {name: float(seconds) for name, seconds in re.findall(r"^(\S+) (\S+)$", done.stdout.decode(), re.M)}


def epoch(data):
    ours = figures("epoch")
    x, t = images(10_000, data)
    batch, rate = 100, 0.1
    W1, b1, W2, b2 = Net([784, 50, 10], x, t).params

    def numpy_epoch():
        for s in range(0, len(x), batch):
            u, v = x[s:s + batch], t[s:s + batch]
            a = u @ W1 + b1
            h = np.maximum(0, a)
            z = h @ W2 + b2
            e = np.exp(z - z.max(axis=1, keepdims=True))
            d = e / e.sum(axis=1, keepdims=True)
            d[np.arange(batch), v] -= 1
            d /= batch
            dh = (d @ W2.T) * (a > 0)
            for p, g in ((W2, h.T @ d), (b2, d.sum(axis=0)), (W1, u.T @ dh), (b1, dh.sum(axis=0))):
                p -= rate * g
    line("one epoch of 10 000 digits, f64", ours["epoch-f64"], {"NumPy": best(numpy_epoch)})

    import torch
    for dtype, name in ((torch.float64, "f64"), (torch.float32, "f32")):
        net = torch.nn.Sequential(torch.nn.Linear(784, 50), torch.nn.ReLU(), torch.nn.Linear(50, 10)).to(dtype)
        sgd = torch.optim.SGD(net.parameters(), lr=rate)
        xs, ts = torch.tensor(x, dtype=dtype), torch.tensor(t)

        def torch_epoch():
            for s in range(0, len(x), batch):
                sgd.zero_grad()
                torch.nn.functional.cross_entropy(net(xs[s:s + batch]), ts[s:s + batch]).backward()
                sgd.step()
        line(f"one epoch of 10 000 digits, {name}", ours[f"epoch-{name}"], {"torch": best(torch_epoch)})


def elementwise():
    ours = figures("elementwise")
    rng = np.random.RandomState(0)
    x, y = rng.rand(10_000_000), rng.rand(10_000_000)
    out = np.empty_like(x)
    scaled, sum_ = np.empty_like(x), np.empty_like(x)
    peers = {
        "add": lambda: np.add(x, y, out=out), "mul": lambda: np.multiply(x, y, out=out),
        "exp": lambda: np.exp(x, out=out), "log": lambda: np.log(x, out=out),
        "tanh": lambda: np.tanh(x, out=out), "relu": lambda: np.maximum(x, 0, out=out),
        "sigmoid": lambda: np.divide(1, np.add(1, np.exp(np.negative(x, out=out), out=out), out=out), out=out),
        "softplus": lambda: np.log1p(np.exp(x, out=out), out=out),
        "sin": lambda: np.sin(x, out=out), "cos": lambda: np.cos(x, out=out),
        "sqrt": lambda: np.sqrt(x, out=out), "pow": lambda: np.power(x, y, out=out),
        "chain": lambda: np.maximum(np.add(np.multiply(0.9, x, out=scaled), y, out=sum_), 0, out=out),
        "sum": lambda: x.sum(), "max": lambda: x.max(),
    }
    for name, work in peers.items():
        line(f"{name} of 10^7 elements", ours[f"elementwise-{name}"], {"NumPy": best(work)})


def layers(dtype):
    """PyTorch's layers at the sizes of the bench `blocks`: name to module and inputs."""
    import torch
    torch.manual_seed(0)
    tensor = lambda *shape: torch.randn(*shape, dtype=dtype, requires_grad=True)
    image = (8, 16, 32, 32)
    depthwise = torch.nn.Conv2d(16, 16, 3, padding=1, groups=16)
    made = {
        "conv_2d": (torch.nn.Conv2d(16, 32, 3, padding=1), [tensor(*image)]),
        "depthwise_conv_2d": (depthwise, [tensor(*image)]),
        "rnn": (torch.nn.RNN(16, 32), [tensor(100, 8, 16), tensor(1, 8, 32)]),
        "gru": (torch.nn.GRU(16, 32), [tensor(100, 8, 16), tensor(1, 8, 32)]),
        "lstm": (torch.nn.LSTM(16, 32), [tensor(100, 8, 16), (tensor(1, 8, 32), tensor(1, 8, 32))]),
    }
    return {name: (module.to(dtype), inputs) for name, (module, inputs) in made.items()}


def blocks():
    """Blocks of the standard library beside ops of the same job and PyTorch's layers, on one thread."""
    import torch
    ours = figures("blocks")
    torch.set_num_threads(1)
    for number, dtype in (("f64", torch.float64), ("f32", torch.float32)):
        peers = {}
        for name, (module, inputs) in layers(dtype).items():
            forward = lambda: module(*inputs)
            y = forward() if name.startswith(("conv", "depth")) else forward()[0]
            leaves = [*module.parameters(), inputs[0]]
            for state in inputs[1:]:
                leaves += state if isinstance(state, tuple) else [state]
            ones = torch.ones_like(y)
            peers[f"{name}-{number}-forward"] = best(forward, 50)
            peers[f"{name}-{number}-backward"] = best(
                lambda: torch.autograd.grad(y, leaves, ones, retain_graph=True), 50)
        blocks = [name.removeprefix("block-") for name in ours if name.startswith("block-")]
        for work in (name for name in blocks if name.endswith(("-forward", "-backward")) and f"-{number}-" in name):
            found = {"op": ours.get(f"op-{work}"), "torch, one thread": peers.get(work)}
            line(f"block {work}", ours[f"block-{work}"], {peer: s for peer, s in found.items() if s is not None})
            if f"op-{work}" in ours and work in peers:
                line(f"op {work}", ours[f"op-{work}"], {"torch, one thread": peers[work]})


def small():
    file = ROOT / "graphs" / "buy_apple.toml"
    bare = [sys.executable, "-c", "import numpy"]
    peer = best(lambda: subprocess.run(bare, check=True), 5)
    line("buy_apple.toml --backward, process", process(file, "--backward", runs=30), {"python, import numpy": peer})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, help="a folder with MNIST's t10k files")
    parser.add_argument("work", nargs="*", help="check, scalars, load, epoch, elementwise, blocks, small; all without")
    asked = parser.parse_args()
    wanted = lambda work: not asked.work or work in asked.work
    subprocess.run(["cargo", "build", "--release"], cwd=ROOT, check=True)
    print(f"{'work':<42} {'graphrun s':>11}  {'peer':<26} {'peer s':>12}  {'peer/graphrun':>9}   ({os.cpu_count()} cores)")
    if wanted("check"):
        check("784-50-10 batch 3", [784, 50, 10], 3, 1, asked.data, torch=True)
        check("784-50-10 batch 100", [784, 50, 10], 100, 20, asked.data)
        check("784-100-100-100-100-10 batch 3", [784, 100, 100, 100, 100, 10], 3, 20, asked.data)
        check("50-1000 batch 3", [50, 1000], 3, 20, asked.data)
    if wanted("scalars"):
        scalars()
    if wanted("load"):
        load()
    if wanted("epoch"):
        epoch(asked.data)
    if wanted("elementwise"):
        elementwise()
    if wanted("blocks"):
        blocks()
    if wanted("small"):
        small()


if __name__ == "__main__":
    main()
