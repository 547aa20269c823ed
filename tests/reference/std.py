"""What PyTorch computes for the tests of the library in the language.

    python tests/reference/std.py            compares what stands in graphs/library with PyTorch
    python tests/reference/std.py --write    writes it there

A case is named as its file `graphs/library/NAME.graph`. Its leaves are read from that file, so that they
stand in one place, and its loss is written once more in PyTorch, whose autograd gives the gradients. The
expectations below the line MARK are replaced.
"""

import ast
import itertools
import re
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

LIBRARY = Path(__file__).parents[2] / "graphs" / "library"
MARK = "# What PyTorch computes (tests/reference/std.py)."
CASES = {}

torch.set_default_dtype(torch.float64)


def case(function):
    CASES[function.__name__] = function
    return function


# Norms.


@case
def batch_norm(x, gamma, beta, w, v):
    y = F.batch_norm(x, None, None, gamma, beta, training=True)
    mean, var = x.mean(0), x.var(0, unbiased=False)
    return (y * w).sum() + (mean * v).sum() + (var * var).sum(), {"y": y, "mean": mean, "var": var}


@case
def batch_norm_inference(x, gamma, beta, mean, var, w):
    y = F.batch_norm(x, mean.detach(), var.detach(), gamma, beta, training=False)
    # PyTorch takes no gradient for the statistics; the formula gives it.
    by_formula = (x - mean) / torch.sqrt(var + 1e-5) * gamma + beta
    return (by_formula * w).sum(), {"y": y}


@case
def group_norm(x, gamma, beta, w):
    y = F.group_norm(x, 2, gamma, beta)
    mean = x.reshape(2, 2, -1).mean(2, keepdim=True)
    rstd = 1 / torch.sqrt(x.reshape(2, 2, -1).var(2, unbiased=False, keepdim=True) + 1e-5)
    return (y * w).sum() + (mean**2).sum() + rstd.sum(), {"y": y, "mean": mean, "rstd": rstd}


@case
def instance_norm(x, gamma, beta, w):
    y = F.instance_norm(x, weight=gamma, bias=beta)
    return (y * w).sum(), {"y": y}


@case
def l2_normalize(x, w):
    y = F.normalize(x)
    return (y * w).sum(), {"y": y}


@case
def layer_norm(x, gamma, beta, w):
    y = F.layer_norm(x, [4], gamma, beta)
    mean = x.mean(1, keepdim=True)
    rstd = 1 / torch.sqrt(x.var(1, unbiased=False, keepdim=True) + 1e-5)
    return (y * w).sum() + (mean**2).sum() + rstd.sum(), {"y": y, "mean": mean, "rstd": rstd}


@case
def rms_norm(x, gamma, w):
    y = F.rms_norm(x, [4], gamma, eps=1e-6)
    rstd = torch.rsqrt((x * x).mean(1, keepdim=True) + 1e-6)
    return (y * w).sum() + rstd.sum(), {"y": y, "rstd": rstd}


@case
def weight_norm(v, g, x):
    W = torch._weight_norm(v, g, 0)
    return ((x @ W.T) ** 2).sum(), {"W": W}


# Activations.


def activation(name, function):
    def by_torch(w, **given):
        y = function(*given.values())
        return (y * w).sum(), {"y": y}

    CASES[name] = by_torch


activation("elu", F.elu)
activation("gelu", F.gelu)
activation("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"))
activation("glu", F.glu)
activation("geglu", lambda gate, up: F.gelu(gate) * up)
activation("hardswish", F.hardswish)
activation("mish", F.mish)
activation("reglu", lambda gate, up: F.relu(gate) * up)
activation("selu", F.selu)
activation("silu", F.silu)
activation("softcap", lambda x: 5 * torch.tanh(x / 5))
activation("swiglu", lambda gate, up: F.silu(gate) * up)


# Losses.


def loss_of(name, function):
    CASES[name] = lambda **given: (3 * function(**given), {})


def contrastive(a, b, same):
    distance = (a - b + (a == b).all(1, keepdim=True) * 1e-300).norm(dim=1)
    return (same * distance**2 + (1 - same) * F.relu(1 - distance) ** 2).mean() / 2


def cosine(a, b, same):
    return F.cosine_embedding_loss(a, b, torch.where(same, 1, -1), margin=0.2)


def dice(p, t):
    return 1 - (2 * (p * t).sum() + 1) / (p.sum() + t.sum() + 1)


def focal(x, t):
    # As torchvision.ops.sigmoid_focal_loss.
    t = t.double()
    ce = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    p_t = torch.sigmoid(x) * t + (1 - torch.sigmoid(x)) * (1 - t)
    return ((0.25 * t + 0.75 * (1 - t)) * ce * (1 - p_t) ** 2).mean()


loss_of("contrastive", contrastive)
loss_of("cosine", cosine)
loss_of("dice", dice)
loss_of("focal", focal)
loss_of("hinge", lambda x, t: torch.clamp(1 - t * x, min=0).mean())
loss_of("huber", lambda y, t: F.huber_loss(y, t, delta=1.5))
loss_of("kl_div", lambda log_q, p: F.kl_div(log_q, p, reduction="batchmean"))
loss_of("label_smoothing", lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1))
loss_of("triplet", lambda anchor, near, far: F.triplet_margin_loss(anchor, near, far))


# Order.


@case
def max_with_place(x):
    values, place = torch.max(x, 1)
    return (values**3).sum(), {"values": values, "place": place}


@case
def topk(x, w):
    values, order = torch.topk(x, 2)
    return (values * values * w).sum(), {"values": values, "order": order}


# Attention.


@case
def attention(q, k, v, mask, w):
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    lse = torch.logsumexp(q @ k.transpose(1, 2) / q.shape[-1] ** 0.5 + mask, -1)
    return (y * w).sum() + (lse**2).sum(), {"y": y, "lse": lse}


@case
def attention_of_others(q, k, v, mask, w):
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return (y * w).sum(), {"y": y}


@case
def multi_head_attention(x, Wq, Wk, Wv, Wo, mask, w):
    net = torch.nn.MultiheadAttention(4, 2, bias=False, batch_first=True)
    weights = {"in_proj_weight": torch.cat([Wq.T, Wk.T, Wv.T]), "out_proj.weight": Wo.T}
    y, _ = torch.func.functional_call(net, weights, (x, x, x), {"attn_mask": mask})
    return (y * w).sum(), {"y": y}


@case
def rotary(x, w):
    half = x.shape[-1] // 2
    angle = torch.outer(torch.arange(3.0), 100 ** (-torch.arange(float(half)) / half))
    turned = torch.complex(x[..., :half], x[..., half:]) * torch.polar(torch.ones_like(angle), angle)
    y = torch.cat([turned.real, turned.imag], -1)
    return (y * w).sum(), {"y": y}


# Recurrent layers.


def rnn_step(h, x, W, U, b):
    return torch.rnn_tanh_cell(x, h, W.T, U.T, b, torch.zeros_like(b))


def lstm_step(h, c, x, W, U, b):
    return torch.lstm_cell(x, (h, c), W.T, U.T, b, torch.zeros_like(b))


def gru_step(h, x, W, U, b, c):
    # PyTorch's parts stand in the order r, z, n, too.
    return torch.gru_cell(x, h, W.T, U.T, b, c)


@case
def rnn_cell(w, **given):
    h = rnn_step(**given)
    return (h * w).sum(), {"h_next": h}


@case
def lstm_cell(w, v, **given):
    h, c = lstm_step(**given)
    return (h * w).sum() + (c * v).sum(), {"h_next": h, "c_next": c}


@case
def gru_cell(w, **given):
    h = gru_step(**given)
    return (h * w).sum(), {"h_next": h}


def over(step, h, xs, **given):
    hs = []
    for x in xs:
        h = step(h, x, **given)
        hs.append(h)
    return torch.stack(hs)


@case
def rnn(h0, xs, w, **given):
    hs = over(rnn_step, h0, xs, **given)
    return (hs * w).sum(), {"hs": hs}


@case
def lstm(h0, c0, xs, w, **given):
    both = over(lambda state, x: torch.stack(lstm_step(*state, x, **given)), torch.stack([h0, c0]), xs)
    hs, cs = both[:, 0], both[:, 1]
    return (hs * w).sum() + (cs * cs).sum(), {"hs": hs, "cs": cs}


@case
def gru(h0, xs, w, **given):
    hs = over(gru_step, h0, xs, **given)
    return (hs * w).sum(), {"hs": hs}


# Embeddings, dropout.


@case
def embedding(E, i, w):
    y = F.embedding(i, E)
    return (y * y * w).sum(), {"y": y}


@case
def embedding_bag(E, i, w):
    y = torch.stack([F.embedding_bag(i, E, mode="sum", per_sample_weights=w)[n] / w[n].sum() for n in range(2)])
    return (y * y * torch.tensor([[1, -0.5], [2, 3]])).sum(), {"y": y}


@case
def dropout(x, keep, w):
    y = x * keep / 0.75
    return (y * y * w + y * w).sum(), {"y": y}


@case
def drop_path(x, keep, w):
    y = x + torch.tanh(x) * keep[:, None] / 0.8
    return (y * y * w).sum(), {"y": y}


# Pooling, convolution.


@case
def avg_pool_2d(x, w):
    y = F.avg_pool2d(x, 2, 1)
    return (y * w).sum(), {"y": y}


@case
def max_pool_2d(x, w):
    y = F.max_pool2d(x, 2, 1)
    return (y * w).sum(), {"y": y}


@case
def conv_2d(x, W, bias, w):
    y = F.conv2d(x, W, bias, stride=2, padding=1)
    return (y * w).sum(), {"y": y}


@case
def depthwise_conv_2d(x, W, bias, w):
    y = F.conv2d(x, W[:, None], bias, padding=1, groups=2)
    return (y * w).sum(), {"y": y}


# State spaces.


@case
def ssm(h0, xs, a, b, c, w):
    hs = over(lambda h, x: a * h + b * x[:, None], h0, xs)
    ys = (c * hs).sum(2)
    return (ys * ys * w).sum() + (hs[-1] ** 2).sum(), {"ys": ys, "last": hs[-1]}


@case
def selective_ssm(xs, delta, A, B, C, D, w):
    h, ys = torch.zeros(2, 2), []
    for x, dt, b, c in zip(xs, delta, B, C):
        h = torch.exp(dt[:, None] * A) * h + (dt * x)[:, None] * b
        ys.append(h @ c + D * x)
    ys = torch.stack(ys)
    return (ys * ys * w).sum(), {"ys": ys}


# Splatting.


def inverted(covariance):
    xx, xy, yy = covariance.unbind(1)
    M = torch.linalg.inv(torch.stack([xx, xy, xy, yy], 1).reshape(-1, 2, 2))
    return torch.stack([M[:, 0, 0], M[:, 0, 1], M[:, 1, 1]], 1)


@case
def conic(covariance, w):
    y = inverted(covariance)
    return (y * w).sum(), {"y": y}


@case
def splat(covariance, way, opacity, color):
    A, B, C = inverted(covariance).unbind(1)
    x, y = way.unbind(1)
    alpha = opacity * torch.exp(-(A * x * x + C * y * y) / 2 - B * x * y)
    light, y = torch.tensor(1.0), torch.zeros(3)
    for a, c in zip(alpha, color):
        y = y + light * a * c
        light = light * (1 - a)
    return (y * y * torch.tensor([1.0, 2, 3])).sum() + 2 * light, {"alpha": alpha, "y": y, "left": light}


# Chains.


@case
def ctc(x, labels):
    log_p = F.log_softmax(x, 1)[:, None]
    return 3 * F.ctc_loss(log_p, labels[None], [6], [3], reduction="sum"), {}


@case
def crf_log_partition(e, A):
    # Over all sequences, one by one.
    scores = [
        sum(e[t, y] for t, y in enumerate(path)) + sum(A[i, j] for i, j in zip(path, path[1:]))
        for path in itertools.product(range(3), repeat=4)
    ]
    return 3 * torch.logsumexp(torch.stack(scores), 0), {}


# The files.


def leaves(text):
    """The leaves with a literal value, as tensors."""
    found = {}
    for kind, name, rest in re.findall(r"^(input|param|const) (\w+)[^=\n]*= *(.*(?:\n .*)*)", text, re.M):
        literal = re.sub(r"\btrue\b", "True", re.sub(r"\bfalse\b", "False", rest.split("#")[0]))
        literal = re.sub(r"-inf\b", "-1e999", literal)
        value = torch.tensor(ast.literal_eval(literal.strip()))
        if re.search(rf"^const {name}: int", text, re.M) is None and value.dtype != torch.bool:
            value = value.to(torch.get_default_dtype())
        found[name] = value.requires_grad_(kind != "const")
    return found


def written(value, indent="    "):
    """An array of the language, long ones a row a line."""
    line = repr(value.tolist()).replace(".0,", ",").replace(".0]", "]").replace("True", "true").replace("False", "false")
    line = re.sub(r"-0(?=[,\]])", "0", line)
    if len(line) <= 100 or value.dim() == 1:
        return line
    inner = ",\n".join(indent + written(row, indent + "    ") for row in value)
    return f"[\n{inner},\n{indent[4:]}]"


def expectations(name, text):
    given = leaves(text)
    loss, values = CASES[name](**given)
    if loss.dim() == 0:
        values = {**values, "loss": loss}
    loss.sum().backward()
    lines = [f"expect {of} = {written(value.detach())}" for of, value in values.items()]
    for of, leaf in given.items():
        if leaf.requires_grad:
            lines.append(f"expect grad({of}) = {written(leaf.grad)}")
    return MARK + "\n" + "\n".join(lines) + "\n"


def main():
    differ = []
    for name in CASES:
        path = LIBRARY / f"{name}.graph"
        text = path.read_text()
        want = text.split(MARK)[0] + expectations(name, text)
        if want != text:
            differ.append(name)
            if "--write" in sys.argv:
                path.write_text(want)
    print("written:" if "--write" in sys.argv else "different:", *differ)


if __name__ == "__main__":
    main()
