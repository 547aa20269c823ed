"""Values and gradients of an exported function, by PyTorch."""

import torch

VERSION = f"torch {torch.__version__}"


def plain(value):
    """The numbers of a tensor."""
    return value.detach().cpu().numpy()


def own(value):
    """A tensor that is no other value too, and keeps the gradient that arrives there."""
    if isinstance(value, torch.Tensor) and value.requires_grad:
        value = value.view_as(value)
        value.retain_grad()
    return value


def run(function, parameters, results, inputs, wanted, starts):
    """Values of nodes, and gradients of nodes and leaves, by their names in the graph."""
    leaves = {name: torch.tensor(inputs[name]) for name in parameters.values()}
    for name in wanted:
        if name in leaves:
            leaves[name].requires_grad_()
    values = {}

    def tap(value, *names):
        is_tuple = isinstance(value, tuple)
        given = tuple(own(each) for each in (value if is_tuple else (value,)))
        values.update(zip(names, given, strict=True))
        return given if is_tuple else given[0]

    function.__globals__["tap"] = tap
    outputs = function(**{key: leaves[name] for key, name in parameters.items()})
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    nodes = dict(values)
    values.update(zip(results, outputs, strict=True))
    starts = [name for name in starts if values[name].requires_grad]
    if starts:
        upstreams = [torch.tensor(inputs[f"upstream({name})"]) for name in starts]
        torch.autograd.backward([values[name] for name in starts], upstreams)
    tensors = {**nodes, **{name: leaves[name] for name in wanted if name in leaves}}
    gradients = {
        name: torch.zeros_like(value) if value.grad is None else value.grad
        for name, value in tensors.items()
        if isinstance(value, torch.Tensor) and value.is_floating_point()
    }
    # What Python works out in plain numbers is judged with what uses it.
    values = {
        name: plain(value)
        for name, value in values.items()
        if isinstance(value, torch.Tensor)
    }
    return values, {name: plain(gradient) for name, gradient in gradients.items()}
