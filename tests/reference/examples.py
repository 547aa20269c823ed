"""Computes the graphs in graphs/ with NumPy alone, for the tests to compare with.

    python tests/reference/examples.py [FOLDER OF THE MNIST FILES]

Each layer is written as a textbook derives it, forward and backward. Without the
folder the record of the MNIST network is left as it is.
"""

import gzip
import json
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
GRAPHS = HERE.parents[1] / "graphs"
RECORD = HERE / "examples.json"


def idx(path):
    raw = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(raw, ">u4", count=raw[3], offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_loss(x, t):
    """The loss, and its gradient for x; t holds labels or one-hot rows."""
    t = np.eye(x.shape[-1])[t] if t.ndim < x.ndim else t
    shifted = x - x.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -(t * log_p).sum() / len(x), (softmax(x) - t) / len(x)


def buy_apple():
    apple, apple_num, tax = 100.0, 2.0, 1.1
    apple_price = apple * apple_num
    return {
        "values": {"apple_price": apple_price, "price": apple_price * tax},
        "gradients": {"apple": tax * apple_num, "apple_num": tax * apple, "tax": apple_price},
    }


def apples_and_oranges():
    apple, apple_num, orange, orange_num, tax = 100.0, 2.0, 150.0, 3.0, 1.1
    apple_price, orange_price = apple * apple_num, orange * orange_num
    all_price = apple_price + orange_price
    return {
        "values": {"price": all_price * tax},
        "gradients": {
            "apple": tax * apple_num,
            "apple_num": tax * apple,
            "orange": tax * orange_num,
            "orange_num": tax * orange,
            "tax": all_price,
        },
    }


def relu():
    x = np.array([[1.0, -0.5], [-2.0, 3.0]])
    return {"values": {"y": np.maximum(x, 0)}, "gradients": {"x": (x > 0) * 1.0}}


def sigmoid():
    x = np.array([-4.0, -1.0, 0.0, 1.0, 4.0])
    y = 1 / (1 + np.exp(-x))
    slope = y * (1 - y)
    return {"values": {"y_whole": y, "y_spelled": y}, "gradients": {"x_whole": slope, "x_spelled": slope}}


def affine():
    x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    W = np.array([[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]])
    b = np.array([1.0, 0.0, -1.0])
    y = x @ W + b
    upstream = 2 * y
    return {
        "values": {"y": y, "loss": (y * y).sum()},
        "gradients": {"x": upstream @ W.T, "W": x.T @ upstream, "b": upstream.sum(axis=0)},
    }


def scores_and_labels(one_hot):
    scores = np.array([[0.3, 2.9, 4.0], [0.2, 1.1, 0.6]])
    labels = np.array([2, 0])
    loss, gradient = softmax_loss(scores, np.eye(3)[labels] if one_hot else labels)
    return {"values": {"p": softmax(scores), "loss": loss}, "gradients": {"scores": gradient}}


def network(x, t, inner, outer, scale, stream):
    """x -> affine -> relu -> affine -> softmax_loss, W1 drawn before W2."""
    W1, b1 = scale * stream.randn(x.shape[1], inner), np.zeros(inner)
    W2, b2 = scale * stream.randn(inner, outer), np.zeros(outer)
    a = x @ W1 + b1
    z = np.maximum(a, 0)
    scores = z @ W2 + b2
    loss, upstream = softmax_loss(scores, t)
    gradients = {"W2": z.T @ upstream, "b2": upstream.sum(axis=0)}
    upstream = (upstream @ W2.T) * (a > 0)
    gradients = {"W1": x.T @ upstream, "b1": upstream.sum(axis=0), **gradients}
    accuracy = (scores.argmax(axis=1) == t).mean()
    return {"values": {"scores": scores, "loss": loss, "acc": accuracy}, "gradients": gradients}


def two_layer_net():
    stream = np.random.RandomState(1)
    return network(stream.randn(4, 6), np.array([0, 2, 1, 2]), 5, 3, 0.5, stream)


def digits():
    images, labels = idx(GRAPHS / "data/digits-images.idx.gz"), idx(GRAPHS / "data/digits-labels.idx.gz")
    return network(images[:10].reshape(10, -1) / 16, labels[:10], 20, 10, 0.1, np.random.RandomState(0))


def two_layer_mnist(folder):
    x = idx(folder / "t10k-images-idx3-ubyte.gz")[:3].reshape(3, -1) / 255
    t = idx(folder / "t10k-labels-idx1-ubyte.gz")[:3]
    return network(x, t, 50, 10, 0.01, np.random.RandomState(0))


def sampled(array, count=200):
    """Enough of a large array to know it by: `entries` are at row-major places `at`."""
    flat = array.ravel()
    at = np.unique(np.linspace(0, flat.size - 1, count).astype(int))
    # Most of W1 belongs to blank pixels; half of the places are ones that are not 0.
    full = np.flatnonzero(flat)
    at = np.union1d(at, full[np.linspace(0, full.size - 1, count // 2).astype(int)])
    return {
        "shape": array.shape,
        "sum": flat.sum(),
        "min": flat.min(),
        "max": flat.max(),
        "at": at,
        "entries": flat[at],
    }


def plain(value):
    """The same without NumPy's types."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return list(value)
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
record |= {
    "buy_apple.toml": buy_apple(),
    "apple_tax.toml": buy_apple(),
    "apples_and_oranges.graph": apples_and_oranges(),
    "relu.graph": relu(),
    "sigmoid.graph": sigmoid(),
    "affine.graph": affine(),
    "softmax_loss.graph": scores_and_labels(one_hot=False),
    "softmax_loss_onehot.toml": scores_and_labels(one_hot=True),
    "two_layer_net.graph": two_layer_net(),
    "digits.graph": digits(),
}
if len(sys.argv) > 1:
    mnist = two_layer_mnist(pathlib.Path(sys.argv[1]))
    mnist["gradients"] = {name: sampled(gradient) for name, gradient in mnist["gradients"].items()}
    record["two_layer_mnist.graph"] = mnist

# One graph a line.
lines = [f"{json.dumps(name)}: {json.dumps(plain(known))}" for name, known in record.items()]
RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n")
