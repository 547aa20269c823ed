//! Texts for single kinds of false verdicts, each found by the corpus or thought of.

/// Right code, with the word that it deserves.
pub const RIGHT: &[(&str, &str)] = &[
    // Kinks that have nothing to do with each other open both ways.
    ("input x: [2, 3] = [[7, 7, 7], [7, 7, 7]]\ny = sum(max(x, axis = 1) * [1, -2])\noutput y", "kink"),
    ("input a = 0\ninput b = 0\ny = abs(a) - 2 * relu(b)\noutput y", "kink"),
    (
        "block r(x) {\n y = x * greater(x, 0)\n output y\n backward x = upstream * greater(x, 0)\n}\n\
         input x: [6] = [0, 0, 0, 0, 0, 0]\ny = sum([1, -2, 3, 0.5, -0.1, 2] * r(x))\noutput y",
        "kink",
    ),
    // Each op takes one of its slopes, which together come to none of the whole.
    ("input x = [0, 1]\ny = sum(relu(x) - relu(-x))\noutput y", "kink"),
    (
        "input a = [0.7]\ninput b = [0.7]\ninput c = [0.7]\ny = min(concat(max(concat(a, b), axis = 0, keepdims = true), c), axis = 0)\noutput y",
        "kink",
    ),
    (
        "block r(x) {\n y = relu(x) - relu(-x)\n output y\n backward x = upstream * (greater(x, 0) + greater(-x, 0))\n}\n\
         input x = [0, 1]\ny = sum(r(x))\noutput y",
        "kink",
    ),
    (
        "input x: [2, 3] = [[0.7, 0.7, 0.7], [0.7, 0.7, 0.7]]\n\
         y = sum([3, -1, 2] * min(exp(x - max(x, axis = 1, keepdims = true)), axis = 0))\noutput y",
        "kink",
    ),
    // Swings beside a slope that is a hundred million times larger.
    (
        "input x = [-1.1849567802266533e7, 3.8761512147150557e6]\nn = x ** 2\ny = sum(x * n) - sum(sin(n))\noutput y",
        "ok",
    ),
    // 32 digits do not tell whether the backward is right.
    (
        "block f(x) {\n y = x + 1e20\n output y\n backward x = upstream * 0\n}\ninput x = 2.0671158758746498e-06\ny = f(x)\noutput y",
        "undecided",
    ),
    // What leaves the range of numbers on the way.
    ("input x = [1.7e-54, -7e-55]\ny = sum(relu((x * x) ** 3))\noutput y", "undecided"),
    // A gradient of 0 beside which the block's own rounding is large.
    (
        "block e(x) {\n y = exp(x) - 1\n output y\n backward x = upstream * exp(x)\n}\n\
         input x = [1e-100, -2e-100]\ny = sum(e(x) * [1, 3])\noutput y",
        "ok",
    ),
    ("input x: [2, 1] = [[0.3], [1.7]]\ny = sum(log_softmax(tanh(x), axis = -1))\noutput y", "ok"),
    ("input x: [0] = zeros()\ninput u = 2\ny = sum(x) + u * u\noutput y", "ok"),
    ("input x = [1, 2]\ninput unused = 3\ny = sum(x * x)\noutput y", "ok"),
    (
        "param W: [3, 2] = zeros()\nparam b: [2] = zeros()\nconst x: [2, 3] = [[1, 2, 3], [4, 5, 6]]\ny = sum(relu(x @ W + b) * [1, -2])\noutput y",
        "kink",
    ),
    ("input x: [100000] = uniform(-1, 1)\ny = sum(square(x))\noutput y\nseed 1", "ok"),
];

/// Wrong code that is easy to take for right.
pub const WRONG: &[&str] = &[
    // No op has such a slope where kinks meet.
    "block r(x) {\n y = relu(x) - relu(-x)\n output y\n backward x = upstream * (greater(x, 0) + greater(-x, 0) + 3 * (1 - greater(abs(x), 0)))\n}\n\
     input x = [0, 1]\ny = sum(r(x))\noutput y",
    // A part in 1e9 of an entry that is small beside others, where shares sum to one only as far as f64 goes.
    "block s(x: [n, c], t: [n, c]) {\n y = exp(x - max(x, axis = 1, keepdims = true))\n p = y / sum(y, axis = 1, keepdims = true)\n\
     loss = -sum(t * log(p)) / n\n output loss\n backward x = upstream * (p - t) / n * [[1, 1, 1], [1, 1, 1.000000001]]\n}\n\
     input x: [2, 3] = [[1.6, -1.1, 1.9], [-0.67, 0.35, -0.023]]\nconst t: [2, 3] = [[0.33, 0.36, 0.31], [0.51, 0.169, 0.321]]\ny = s(x, t)\noutput y",
    // A constant's line.
    "block m(x, w) {\n y = x * w\n output y\n backward x = upstream * w\n backward w = upstream * x * 1.000001\n}\n\
     input x = [1, 2]\nconst w = [3, 4]\ny = sum(m(x, w))\noutput y",
    // Only at a kink, beyond both slopes.
    "block r(x) {\n y = relu(x)\n output y\n backward x = upstream * (greater(x, 0) + 3 * (1 - greater(abs(x), 0)))\n}\n\
     input x = [0, 1]\ny = sum(r(x))\noutput y",
    // Only beside a kink.
    "block r(x) {\n y = relu(x)\n output y\n backward x = upstream * greater(x, 1e-9)\n}\n\
     input x = [1e-10, 1]\ny = sum(r(x))\noutput y",
    // Beside a leaf that matters 1e20 times more.
    "block s(x) {\n y = x * x\n output y\n backward x = 2.000001 * upstream * x\n}\n\
     input a = [1e10, -3e10]\ninput x = [1, 2]\ny = sum(a * a) + sum(s(x))\noutput y",
    // In an entry far smaller than others of its leaf.
    "block s(x) {\n y = x * x\n output y\n backward x = 2 * upstream * x * [1, 1, 1.000000001]\n}\n\
     input x = [1000, -300, 1e-3]\ny = sum(s(x))\noutput y",
    // Where the value is 0.
    "block s(x) {\n y = x * x + 3 * x\n output y\n backward x = upstream * (2 * x + 3 * greater(abs(x), 0))\n}\n\
     input x = [0, 1, 2]\ny = sum(s(x))\noutput y",
    // A NaN where the slope is finite.
    "block s(x) {\n y = x * x\n output y\n backward x = upstream * 2 * x * x / x\n}\n\
     input x = [0, 1]\ny = sum(s(x))\noutput y",
    // A block within a block, used twice; and one that is itself the output.
    "block inner(x) {\n y = sin(x)\n output y\n backward x = upstream * cos(x) * 1.001\n}\n\
     block outer(x) {\n y = inner(x) * inner(2 * x)\n output y\n}\ninput x = [0.3, 1]\ny = sum(outer(x))\noutput y",
    "block inner(x) {\n y = sin(x)\n output y\n backward x = upstream * cos(x) * 1.001\n}\n\
     block outer(x) {\n y = 3 * inner(x)\n output y\n backward x = upstream * 3 * cos(x)\n}\n\
     input x = [0.3, 1]\ny = sum(outer(x)) + sum(inner(x))\noutput y",
    "block s(x) {\n y = sin(x)\n output y\n backward x = cos(x)\n}\ninput x = 0.3\ny = s(x)\noutput y",
    // On constants alone.
    "block s(x) {\n y = sin(x)\n output y\n backward x = upstream * sin(x)\n}\n\
     const c = [0.3, 1]\ninput x = 2\ny = x * sum(s(c))\noutput y",
    // A slip of its own beside labels whose rows sum to one in f64 alone.
    "block loss(x: [n, k], t: [n, k]) {\n y = -sum(t * log_softmax(x, axis = 1))\n output y\n backward x = upstream * (softmax(x, axis = 1) - t) * 1.0000000001\n}\n\
     input x: [2, 3] = [[0.1, 0.2, 0.3], [1, -1, 2]]\nconst t: [2, 3] = [[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]]\ny = loss(x, t)\noutput y",
];
