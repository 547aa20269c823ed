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
    // Exactly at a least value, where nothing but the steps says what is small.
    ("input x = [0, 0]\ny = sum(square(exp(x) - 1))\noutput y", "ok"),
    // Values on the way that are next to the least number, in double-double too.
    (
        "block f(x) {\n y = log(exp(x))\n output y\n backward x = upstream\n}\ninput x = -741\ny = f(x)\noutput y",
        "undecided",
    ),
    ("input x = 1e-15\ny = x * 1e-300 * 1e300\noutput y", "undecided"),
    (
        "block f(x: [n]) {\n e = exp(-x * x)\n y = log(sum(e))\n output y\n backward x = -2 * upstream * x * e / sum(e)\n}\n\
         input x = [27.1, 27.2]\ny = f(x)\noutput y",
        "undecided",
    ),
    // A place in a table, which no negative number is.
    (
        "block f(table: [n], x: [k]) {\n low = floor(x)\n i = cast(low, to = \"int\")\n part = x - low\n\
         y = table[i] * (1 - part) + table[i + 1] * part\n output y\n backward x = upstream * (table[i + 1] - table[i])\n}\n\
         const table = [3, 1, 4, 1]\ninput x = [0, 1.5]\ny = sum(f(table, x))\noutput y",
        "kink",
    ),
    // A row masked whole by the lowest number of f32.
    (
        "block f(s: [n, k], mask: [n, k]) {\n p = softmax((s + mask) / sqrt(k))\n output p\n\
         d = p * (upstream - sum(upstream * p, axis = 1, keepdims = true)) / sqrt(k)\n backward s = d\n backward mask = d\n}\n\
         input s = [[0.5, 1, 2], [0.25, -1, 0.75]]\n\
         const mask = [[0, 0, -3.4028234663852886e38], [-3.4028234663852886e38, -3.4028234663852886e38, -3.4028234663852886e38]]\n\
         y = sum(f(s, mask) * [1, 2, 4])\noutput y",
        "ok",
    ),
    ("input x = [5e19, -3e20, 1]\ny = sum(softmax(x) * [1, 2, 3])\noutput y", "ok"),
];

/// Wrong code whose slip does too little to the outputs for 32 digits, so that it is never called right.
pub const HIDDEN: &[&str] = &[
    "block f(x: [n]) {\n y = exp(x)\n output y\n backward x = upstream * where(x < 0, 2 * y, y)\n}\n\
     input x = [25, -25]\ny = sum(f(x))\noutput y",
    "block f(x: [n], t: [n]) {\n y = x - t\n output y\n backward x = upstream\n backward t = upstream\n}\n\
     input x = [1e150]\ninput t = [0.0]\ny = f(x, t)\noutput y",
    "block f(a) {\n y = sin(a) + cos(a)\n output y\n backward a = upstream * 2 * (cos(a) - sin(a))\n}\n\
     input a = 1e-30\ny = f(a)\noutput y",
    "block f(x: [n]) {\n e = exp(x - max(x))\n y = e / sum(e)\n output y\n\
     backward x = y * (upstream + sum(upstream * y) * where(x < -30, 1, -1))\n}\n\
     input x = [40, -40, 0.5]\ny = sum(f(x) * [1, -2, 3])\noutput y",
    "block f(x: [n, d], W: [d, m]) {\n y = x @ W\n output y\n backward x = upstream @ transpose(W)\n\
     backward W = transpose(x) @ upstream * [[1], [2]]\n}\nconst x = [[1e12, 1e-9], [1e12, 1e-9]]\n\
     param W = [[0.5, 1], [-1, 2]]\ny = sum(f(x, W) * [[1, 2], [3, 4]])\noutput y",
    "block f(x: [n], w: [n]) {\n y = sum(x * w)\n output y\n backward x = upstream * w\n backward w = upstream * x * [1, 2]\n}\n\
     const x = [1.0, 3]\ninput w = [1.0, 1e-25]\ny = square(f(x, w))\noutput y",
];

/// Wrong code that is easy to take for right.
pub const WRONG: &[&str] = &[
    // A gradient that is cut off, above what comes back here.
    "block f(x: [n]) {\n y = square(x)\n output y\n backward x = 2 * x * clip(upstream, min = -5, max = 5)\n}\n\
     input x = [1, 2]\ny = sum(f(x))\noutput y",
    // Far points of a kernel have the wrong sign, beside near ones.
    "block f(x: [n], c: []) {\n k = exp(-(x - c) ** 2)\n output k\n backward x = upstream * k * -2 * where(abs(x - c) > 4, c - x, x - c)\n\
     backward c = sum(upstream * k * 2 * (x - c))\n}\ninput x = [0.5, 7]\ninput c = 0.0\ny = sum(f(x, c))\noutput y",
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
