"""Kernels in NumPy, forward and backward by hand, over sums in any order and format.

A kernel takes `at`, the arithmetic; its leaves by name; and `upstream`, which gives the gradient that arrives at an
output. It gives results by the names that they have in a dump.
"""

from dataclasses import dataclass

import ml_dtypes
import numpy as np


def last_swapped(x):
    return np.swapaxes(x, -1, -2)


def to_tf32(x):
    """To 11 significant bits, ties to even."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32).astype(np.uint64)
    bits += 0xFFF + (bits >> 13 & 1)
    return (bits & 0xFFFFE000).astype(np.uint32).view(np.float32)


def cut_to_tf32(x):
    return (np.ascontiguousarray(x, np.float32).view(np.uint32) & np.uint32(0xFFFFE000)).view(np.float32)


def scaled_to(format):
    """Factors of 8 bits, scaled so that the largest fits."""

    def to(x):
        x = x.astype(np.float32)
        scale = float(ml_dtypes.finfo(format).max) / max(float(np.abs(x).max()), 1e-30)
        return (x * np.float32(scale)).astype(format).astype(np.float32) / np.float32(scale)

    return to


@dataclass
class Arithmetic:
    """What numbers are stored in, what sums are accumulated in, in which order, and what becomes of factors."""

    stored: object
    within: object
    order: str = "pairwise"
    factors: object = None
    seed: int = 0

    def store(self, x):
        """Rounded to what it is stored in, and loaded again."""
        with np.errstate(all="ignore"):
            return np.asarray(x).astype(self.stored).astype(self.within)

    def places(self, n):
        return {"reversed": np.arange(n)[::-1], "random": np.random.default_rng(self.seed).permutation(n)}.get(
            self.order, np.arange(n))

    def total(self, terms):
        """The sum over the last axis, in the format that sums are accumulated in."""
        terms = np.ascontiguousarray(terms, self.within)
        n = terms.shape[-1]
        if self.order == "pairwise" and self.within != np.float16:
            return terms.sum(-1, dtype=self.within)
        if self.order == "blocked":
            # 32 lanes, each with every 32nd term, then a tree.
            lanes = np.zeros(terms.shape[:-1] + (32,), self.within)
            for at in range(0, n, 32):
                part = terms[..., at : at + 32]
                lanes[..., : part.shape[-1]] += part
            while lanes.shape[-1] > 1:
                lanes = lanes[..., : lanes.shape[-1] // 2] + lanes[..., lanes.shape[-1] // 2 :]
            return lanes[..., 0]
        total = np.zeros(terms.shape[:-1], self.within)
        for at in self.places(n):
            total = total + terms[..., at]
        return total

    def sum(self, x, axis=-1, keepdims=False):
        y = self.store(self.total(np.moveaxis(np.asarray(x, self.within), axis, -1)))
        return np.expand_dims(y, axis) if keepdims else y

    def mean(self, x, axis=-1, keepdims=False):
        return self.store(self.mean_within(x, axis, keepdims))

    def mean_within(self, x, axis=-1, keepdims=False):
        """A mean that the kernel does not store."""
        n = self.within(x.shape[axis])
        y = self.total(np.moveaxis(np.asarray(x, self.within), axis, -1)) / n
        return np.expand_dims(y, axis) if keepdims else y

    def product(self, a, b):
        if self.factors:
            a, b = self.factors(a), self.factors(b)
        a, b = a.astype(self.within), b.astype(self.within)
        if self.order == "pairwise" and self.within != np.float16:
            return self.store(a @ b)
        if self.order == "blocked":
            return self.store(self.total(a[..., :, None, :] * last_swapped(b)[..., None, :, :]))
        total = np.zeros((a @ b).shape, self.within)
        for at in self.places(a.shape[-1]):
            total = total + a[..., :, at, None] * b[..., None, at, :]
        return self.store(total)

    def rows_to(self, g):
        return self.sum(g, 0)


def matmul(at, upstream, x, W):
    y = at.product(x, W)
    g = upstream("y", y)
    return {"y": y, "grad(x)": at.product(g, last_swapped(W)), "grad(W)": at.product(last_swapped(x), g)}


def affine(at, upstream, x, W, b):
    y = at.store(at.product(x, W) + b)
    g = upstream("y", y)
    return {"y": y, "grad(x)": at.product(g, W.T), "grad(W)": at.product(x.T, g), "grad(b)": at.rows_to(g)}


def two_layers(at, upstream, x, W, b, V):
    h = at.store(np.tanh(at.product(x, W) + b))
    y = at.product(h, V)
    g = upstream("y", y)
    dh = at.product(g, V.T)
    da = at.store(dh * (1 - h * h))
    return {"h": h, "y": y, "grad(h)": dh, "grad(V)": at.product(h.T, g), "grad(x)": at.product(da, W.T),
            "grad(W)": at.product(x.T, da), "grad(b)": at.rows_to(da)}


def shares_of(at, x):
    e = at.store(np.exp(x - x.max(-1, keepdims=True)))
    return at.store(e / at.sum(e, keepdims=True))


def softmax(at, upstream, x):
    y = shares_of(at, x)
    g = upstream("y", y)
    return {"y": y, "grad(x)": at.store(y * (g - at.sum(at.store(g * y), keepdims=True)))}


def log_softmax(at, upstream, x):
    c = x - x.max(-1, keepdims=True)
    y = at.store(c - np.log(at.sum(np.exp(c), keepdims=True)))
    g = upstream("y", y)
    return {"y": y, "grad(x)": at.store(g - np.exp(y) * at.sum(g, keepdims=True))}


def logsumexp(at, upstream, x):
    m = x.max(-1, keepdims=True)
    y = at.store(m + np.log(at.sum(np.exp(x - m), keepdims=True)))[:, 0]
    g = upstream("y", y)
    return {"y": y, "grad(x)": at.store(g[:, None] * np.exp(x - y[:, None]))}


def cross_entropy(at, upstream, x, t):
    n = at.within(len(x))
    c = x - x.max(-1, keepdims=True)
    log_z = np.log(at.sum(np.exp(c), keepdims=True))
    y = at.mean(at.store(log_z[:, 0] - c[np.arange(len(x)), t]), 0)
    g = upstream("y", y)
    share = np.exp(c - log_z)
    share[np.arange(len(x)), t] -= 1
    return {"y": y, "grad(x)": at.store(share * g / n)}


def rms_norm(at, upstream, x, gamma):
    ms = at.mean(at.store(x * x), keepdims=True)
    rstd = at.store(1 / np.sqrt(ms + at.within(1e-5)))
    normal = at.store(x * rstd)
    y = at.store(normal * gamma)
    g = upstream("y", y)
    dn = at.store(g * gamma)
    along = at.mean(at.store(dn * normal), keepdims=True)
    return {"ms": ms, "rstd": rstd, "normal": normal, "y": y, "grad(normal)": dn,
            "grad(x)": at.store(rstd * (dn - normal * along)), "grad(gamma)": at.rows_to(at.store(g * normal))}


def layer_norm(at, upstream, x, gamma, beta):
    centered = at.store(x - at.mean_within(x, keepdims=True))
    var = at.mean(at.store(centered * centered), keepdims=True)
    rstd = at.store(1 / np.sqrt(var + at.within(1e-5)))
    normal = at.store(centered * rstd)
    y = at.store(normal * gamma + beta)
    g = upstream("y", y)
    dn = at.store(g * gamma)
    along = at.mean_within(at.store(dn * normal), keepdims=True)
    dx = rstd * (dn - at.mean_within(dn, keepdims=True) - normal * along)
    return {"centered": centered, "var": var, "normal": normal, "y": y, "grad(normal)": dn, "grad(x)": at.store(dx),
            "grad(gamma)": at.rows_to(at.store(g * normal)), "grad(beta)": at.rows_to(g)}


def attention(at, upstream, q, k, v, mask):
    scale = at.within(q.shape[-1] ** -0.5)
    s = at.store(at.product(q, last_swapped(k)) * scale + mask)
    p = shares_of(at, s)
    y = at.product(p, v)
    g = upstream("y", y)
    dp = at.product(g, last_swapped(v))
    ds = at.store(p * (dp - at.sum(at.store(dp * p), keepdims=True)))
    return {"s": s, "p": p, "y": y, "grad(p)": dp, "grad(s)": ds, "grad(v)": at.product(last_swapped(p), g),
            "grad(q)": at.store(at.product(ds, k) * scale),
            "grad(k)": at.store(at.product(last_swapped(ds), q) * scale)}


def total(at, upstream, x):
    y = at.sum(x, 1)
    return {"y": y, "grad(x)": np.broadcast_to(upstream("y", y)[:, None], x.shape)}


def mean(at, upstream, x):
    y = at.mean(x)
    g = at.store(upstream("y", y) / at.within(x.shape[-1]))
    return {"y": y, "grad(x)": np.broadcast_to(g[:, None], x.shape)}


def var(at, upstream, x):
    c = at.store(x - at.mean_within(x, keepdims=True))
    y = at.mean(at.store(c * c))
    g = upstream("y", y)
    return {"y": y, "grad(x)": at.store(g[:, None] * c * at.within(2 / x.shape[-1]))}


def norm(at, upstream, x):
    # Beside the largest, squares neither overflow nor vanish.
    most = np.abs(x).max(-1)
    shares = x / most[:, None]
    y = at.store(most * np.sqrt(at.total(shares * shares)))
    g = upstream("y", y)
    return {"y": y, "grad(x)": at.store(g[:, None] * (x / y[:, None]))}


def cumsum(at, upstream, x):
    run = lambda x: at.store(np.cumsum(x, -1, dtype=at.within))
    y = run(x)
    return {"y": y, "grad(x)": run(upstream("y", y)[:, ::-1])[:, ::-1]}


def silu(at, upstream, x):
    e = np.exp(-np.abs(x))
    s = at.store(np.where(x > 0, 1 / (1 + e), e / (1 + e)))
    y = at.store(x * s)
    return {"y": y, "grad(x)": at.store(upstream("y", y) * (s + x * s * (1 - s)))}


def mse(at, upstream, x, t):
    d = at.store(x - t)
    y = at.store(at.mean(at.store(d * d).reshape(-1)))
    g = at.store(upstream("y", y) * at.within(2 / x.size) * d)
    return {"y": y, "grad(x)": g, "grad(t)": -g}


KERNELS = {
    "matmul": matmul, "matmul_long": matmul, "matmul_batched": matmul, "affine": affine, "two_layers": two_layers,
    "softmax": softmax, "softmax_long": softmax, "log_softmax": log_softmax, "logsumexp": logsumexp,
    "cross_entropy": cross_entropy, "rms_norm": rms_norm, "layer_norm": layer_norm, "attention": attention,
    "attention_causal": attention, "sum": total, "sum_long": total, "mean": mean, "mean_long": mean, "var": var,
    "norm": norm, "cumsum": cumsum, "silu": silu, "mse": mse,
}

# What else computes each of them: the arithmetic, what graphrun is told of it, and whether there must be products.
ORDERS = ["pairwise", "sequential", "reversed", "random", "blocked"]
PRODUCTS = {"matmul", "matmul_long", "matmul_batched", "affine", "two_layers", "attention"}
E4M3, E5M2 = ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2
VARIANTS = {
    **{f"f32, {order}": (Arithmetic(np.float32, np.float32, order), []) for order in ORDERS},
    **{f"f16, {order}": (Arithmetic(np.float16, np.float32, order), []) for order in ["pairwise", "random"]},
    **{f"f16 in f16, {order}": (Arithmetic(np.float16, np.float16, order), ["--accumulate", "same"])
       for order in ["sequential", "random", "blocked"]},
    "bf16, blocked": (Arithmetic(ml_dtypes.bfloat16, np.float32, "blocked"), []),
    "tf32": (Arithmetic(np.float32, np.float32, "blocked", to_tf32), ["--as", "tf32"]),
    "tf32, cut": (Arithmetic(np.float32, np.float32, "pairwise", cut_to_tf32), ["--as", "tf32"]),
    "fp8_e4m3": (Arithmetic(ml_dtypes.bfloat16, np.float32, "blocked", scaled_to(E4M3)), ["--as", "fp8_e4m3"]),
    "fp8_e5m2": (Arithmetic(ml_dtypes.bfloat16, np.float32, "pairwise", scaled_to(E5M2)), ["--as", "fp8_e5m2"]),
}
