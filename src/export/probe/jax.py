"""Values and gradients of an exported function, by JAX."""

import jax
import jax.numpy as jnp
import numpy as np

VERSION = f"jax {jax.__version__}"


def plain(value):
    """The numbers of an array."""
    return np.asarray(value)


def run(function, parameters, results, inputs, wanted, starts):
    """Values of nodes, and gradients of nodes and leaves, by their names in the graph."""
    leaves = {name: jnp.array(inputs[name]) for name in parameters.values()}

    def forward(own, nudges):
        """Nothing is added to each value, so that its gradient can be asked for."""
        values = {}

        def tap(value, *names):
            is_tuple = isinstance(value, tuple)
            given = value if is_tuple else (value,)
            given = tuple(
                each + nudges[name] if name in nudges else each
                for name, each in zip(names, given, strict=True)
            )
            values.update(zip(names, given, strict=True))
            return given if is_tuple else given[0]

        function.__globals__["tap"] = tap
        all_leaves = {**leaves, **own}
        outputs = function(**{key: all_leaves[name] for key, name in parameters.items()})
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        nodes = {name: value for name, value in values.items() if hasattr(value, "dtype")}
        # What Python works out in plain numbers is judged with what uses it.
        values = {**nodes, **dict(zip(results, outputs, strict=True))}
        return [values[name] for name in starts], (values, nodes)

    _, (values, nodes) = forward({}, {})
    gradients = {}
    if starts:
        # Of all numbers minus zero alone changes none.
        nudges = {
            name: jnp.full_like(value, -0.0)
            for name, value in nodes.items()
            if jnp.issubdtype(value.dtype, jnp.floating)
        }
        own = {name: leaves[name] for name in wanted if name in leaves}
        _, pull_back, _ = jax.vjp(forward, own, nudges, has_aux=True)
        upstreams = [jnp.array(inputs[f"upstream({name})"]) for name in starts]
        of_leaves, of_nodes = pull_back(upstreams)
        gradients = {**of_nodes, **of_leaves}
    values = {name: plain(value) for name, value in values.items()}
    return values, {name: plain(gradient) for name, gradient in gradients.items()}
