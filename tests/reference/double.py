"""Reference values and constants of src/double, by mpmath.

    pip install mpmath
    python tests/reference/double.py              writes tests/reference/double.json
    python tests/reference/double.py constants    prints the constants of the source files

The run is seeded: it writes the same file again. A case is a row of hex floats: the two parts
of each argument, then the two parts of the value, the nearest f64 and the nearest f64 of
the rest. A value beyond the f64s is inf. Arguments are exact, so that no case depends on how
a decimal is read.
"""

import json
import math
import pathlib
import random
import struct
import sys

import mpmath as mp

# The parts of an argument may lie 2100 bits apart.
mp.mp.prec = 2400
RNG = random.Random(1)
TARGET = pathlib.Path(__file__).with_name("double.json")


def nearest(value):
    """The f64 nearest to an mpf, ties to even, also among subnormal numbers."""
    sign, mantissa, exponent, bits = mp.mpf(value)._mpf_
    if mantissa == 0:
        return float(value)
    unit = max(exponent + bits - 53, -1074)
    shift = unit - exponent
    if shift > 0:
        rest = mantissa & ((1 << shift) - 1)
        mantissa >>= shift
        half = 1 << (shift - 1)
        mantissa += rest > half or (rest == half and mantissa & 1)
    else:
        mantissa <<= -shift
    try:
        size = math.ldexp(mantissa, unit)
    except OverflowError:
        size = math.inf
    return -size if sign else size


def parts(value, count=2):
    """The nearest f64, that of the rest, and so on."""
    all = []
    for _ in range(count):
        all.append(nearest(value))
        if math.isinf(all[-1]):
            return all + [0.0] * (count - len(all))
        value = value - all[-1]
    return all


def exact(pair):
    return mp.mpf(pair[0]) + mp.mpf(pair[1])


# --- arguments ---------------------------------------------------------------------------------


def ulp_half(hi):
    return math.ulp(hi) / 2


def with_low(hi):
    """A low part of one of several kinds: none, full, short, at its limit, far below."""
    if hi == 0 or math.isinf(hi):
        return (hi, 0.0)
    limit = ulp_half(hi)
    kind = RNG.randrange(8)
    if kind == 0:
        lo = 0.0
    elif kind == 1:
        lo = limit * 2.0 ** -RNG.randrange(1, 60) * RNG.choice([-1, 1])
    elif kind == 2:
        lo = limit * RNG.choice([-1, 1]) * (1 - 2.0**-53)
    elif kind == 3:
        lo = limit * RNG.uniform(-1, 1) * 2.0 ** -RNG.randrange(900)
    else:
        lo = limit * RNG.uniform(-1, 1)
    value = mp.mpf(hi) + mp.mpf(lo)
    return tuple(parts(value))


def bits():
    """Any finite number: random bits over all exponents, subnormal ones too."""
    while True:
        value = struct.unpack("<d", struct.pack("<Q", RNG.getrandbits(64)))[0]
        if math.isfinite(value):
            return value


def log_uniform(low, high):
    """A number of either sign, of an exponent of 2 between the limits."""
    return RNG.choice([-1, 1]) * math.ldexp(RNG.uniform(1, 2), RNG.randrange(low, high))


def near(value, count):
    """Pairs about a value: its two parts, it in one part, and moved by all sizes of differences."""
    pairs = [tuple(parts(value)), (nearest(value), 0.0)]
    pairs += [(math.nextafter(pairs[1][0], to), 0.0) for to in (-math.inf, math.inf)]
    for _ in range(count):
        moved = value + (abs(value) if value else 1) * mp.mpf(log_uniform(-130, -2))
        pairs.append(tuple(parts(moved)))
    return pairs


def positive(pairs):
    return [pair if pair[0] > 0 else (-pair[0], -pair[1]) for pair in pairs if pair[0] != 0]


def each(count, draw):
    return [with_low(draw()) for _ in range(count)]


SUBNORMAL = [5e-324, 1e-323, 3e-320, 2.0**-1022, math.nextafter(2.0**-1022, 0), 1e-310, 2.5e-308]
HUGE = [sys.float_info.max, math.nextafter(sys.float_info.max, 0), 1.7e308, 1e308, 2.0**1023]


def plain(values):
    return [(float(value), 0.0) for value in values] + [(-float(value), 0.0) for value in values]


def arguments_exp():
    least, greatest = mp.log(mp.mpf(2) ** -1075), mp.log(mp.mpf(2) ** 1024)
    pairs = each(80, lambda: RNG.uniform(-5, 5)) + each(80, lambda: RNG.uniform(-745, 709.7))
    pairs += each(40, lambda: log_uniform(-120, 6)) + each(20, lambda: log_uniform(-1074, -100))
    pairs += near(least, 20) + near(greatest, 20) + near(mp.log(mp.mpf(2) ** -1022), 20)
    for k in (-1070, -1000, -54, -3, -2, -1, 1, 2, 3, 100, 1020):
        pairs += near((k + mp.mpf(1) / 2) * mp.log(2), 4) + near(k * mp.log(2), 4)
    pairs += plain([1, 0.5, 2, 10, 100, 700, 708, 744, 745, 5e-324, 1e-300, 1e-20, 1e-16]) + [(709.0, 0.0)]
    return [pair for pair in pairs if pair[0] < 712 and pair[0] > -800]


def arguments_exp_m1():
    pairs = arguments_exp()[:240:2] + each(100, lambda: log_uniform(-70, 2)) + each(60, lambda: log_uniform(-1074, -50))
    pairs += near(mp.mpf(2) ** -110, 5) + near(mp.log(2) / 2, 10) + near(-mp.log(2) / 2, 10) + near(mp.mpf(-75), 10)
    return pairs + plain(SUBNORMAL + [1e-30, 1e-16, 1, 36, 40, 76, 77, 500]) + [(709.0, 0.0), (-800.0, 0.0), (-1e300, 0.0)]


def arguments_tanh():
    pairs = each(100, lambda: log_uniform(-60, 5)) + each(60, lambda: log_uniform(-1074, -50))
    pairs += each(60, lambda: RNG.uniform(-3, 3)) + each(40, lambda: RNG.uniform(-80, 80)) + each(20, bits)
    pairs += near(mp.mpf(2) ** -55, 8) + near(mp.log(2) / 4, 8) + near(mp.mpf(37), 8)
    return pairs + plain(SUBNORMAL + HUGE + [1, 0.5, 18, 19, 20, 36, 37, 38, 40])


def arguments_ln():
    pairs = positive(each(120, bits) + each(80, lambda: RNG.uniform(0.5, 2)) + each(40, lambda: log_uniform(-5, 5)))
    pairs += near(mp.mpf(1), 80)
    pairs += [tuple(parts(1 + mp.mpf(log_uniform(low, low + 40)))) for low in (-60, -100, -300, -1000, -1074) for _ in range(8)]
    for k in (-1022, -500, -1, 0, 1, 500, 1023):
        pairs += positive(near(mp.sqrt(mp.mpf(1) / 2) * mp.mpf(2) ** k, 3))
    for j in range(-38, 28):
        edge = mp.mpf(1) + (mp.mpf(j) + mp.mpf(1) / 2) / (64 if j >= 0 else 128)
        pairs += near(edge, 1)[-2:]
    pairs += [(1.0, 1e-20), (1.0, -1e-20), (1.0, 5e-324), (1.0, -1e-300), (math.nextafter(1, 0), ulp_half(0.9))]
    return pairs + positive(plain(SUBNORMAL + HUGE + [2, 10, math.e, 1.5, 0.1]))[: len(SUBNORMAL + HUGE) + 5] + each(40, lambda: abs(log_uniform(-1074, -1000)))


def arguments_ln_1p():
    pairs = each(100, lambda: log_uniform(-120, 0)) + each(50, lambda: log_uniform(-1074, -100))
    pairs += positive(each(60, bits) + each(60, lambda: log_uniform(-3, 10)))
    pairs += [tuple(parts(-1 + abs(mp.mpf(log_uniform(-1074, -1))))) for _ in range(50)]
    pairs += near(mp.sqrt(2) - 1, 10) + near(mp.sqrt(mp.mpf(1) / 2) - 1, 10) + near(mp.mpf(1) / 128, 8) + near(mp.mpf(-1) / 256, 8)
    pairs += [(-1.0, 1e-20), (-1.0, 5e-324), (2.0**-53, 0.0), (-(2.0**-54), 0.0), (2.0**-53, 2.0**-107), (2.0**-54, 2.0**-400)]
    pairs = pairs + plain(SUBNORMAL) + [(value, 0.0) for value in HUGE + [1.0, 0.5, 1e-20, 1e20]]
    return [pair for pair in pairs if exact(pair) > -1]


def worst_multiples():
    """Of the multiples of π/2 below 32768, those that a pair comes nearest to, in one part and in two."""
    half_pi = mp.pi / 2
    found = []
    for n in range(1, 20861):
        value = n * half_pi
        hi, lo = parts(value)
        found.append((abs((value - hi) / hi), abs((value - hi - mp.mpf(lo)) / value), (hi, lo)))
    one = [(pair[0], 0.0) for _, _, pair in sorted(found, key=lambda each: each[0])[:15]]
    two = [pair for _, _, pair in sorted(found, key=lambda each: each[1])[:25]]
    return one + two


def arguments_sin():
    pairs = each(60, lambda: RNG.uniform(-4, 4)) + each(40, lambda: RNG.uniform(-32768, 32768))
    pairs += each(40, lambda: log_uniform(15, 60)) + each(60, lambda: log_uniform(15, 1024)) + each(30, bits)
    pairs += each(20, lambda: log_uniform(-300, 0)) + worst_multiples()
    for k in [1, 2, 3, 4, 5, 7, 100, 9999, 20860, 20861, 20862, 10**6, 10**10, 10**20, 10**40, 2**200 + 1, 2**1000 + 1]:
        pairs += near(k * mp.pi / 2, 2) + near(-k * mp.pi / 2, 1) + near((2 * k + 1) * mp.pi / 4, 2)
    for _ in range(60):
        multiple = RNG.getrandbits(RNG.randrange(2, 1020)) * mp.pi / 2
        pairs.append(tuple(parts(multiple)) if RNG.randrange(2) else (nearest(multiple), 0.0))
    # The f64 that is nearest of all to a multiple of π/2.
    worst = 6381956970095103.0 * 2.0**797
    pairs += [(worst, 0.0), tuple(parts(mp.nint(mp.mpf(worst) / mp.pi * 2) * mp.pi / 2))]
    return pairs + plain(SUBNORMAL + HUGE + [1, 2, 22, 355, 1e22, 32768, math.nextafter(32768, 0)])


def arguments_pow():
    def draw_positive():
        return positive([with_low(RNG.choice([bits(), RNG.uniform(0.01, 20), log_uniform(-30, 30)]))])[0]

    pairs = []
    for _ in range(150):
        x = draw_positive()
        limit = mp.mpf(RNG.choice([700, 744, 709.7, 40, 1, 1e-3, 1e-20])) / mp.log(exact(x))
        pairs.append((x, tuple(parts(limit * RNG.uniform(-1, 1) if RNG.randrange(3) else limit * RNG.choice([-1, 1])))))
    for _ in range(100):
        # So near 1 that the greatest exponents count.
        x = tuple(parts(1 + mp.mpf(log_uniform(-1000 if RNG.randrange(2) else -110, -3))))
        pairs.append((x, tuple(parts(RNG.uniform(-720, 720) / mp.log(exact(x))))))
    for _ in range(60):
        pairs.append((with_low(RNG.uniform(-30, 30)), (float(RNG.randrange(-40, 41)), 0.0)))
        pairs.append((draw_positive(), (float(RNG.choice([0.5, -0.5, 1, -1, 2, -2, 3, 1.5, 1 / 3, 0.1])), 0.0)))
    for _ in range(30):
        pairs.append(((float(RNG.randrange(1, 200)), 0.0), (RNG.choice([2.0, 3.0, 5.0, 7.0, 11.0, 0.5, -1.0, -3.0, 1.5]), 0.0)))
    odd = (2.0**60, 1.0)
    close = tuple(parts(-1 - mp.mpf(2) ** -58))
    pairs += [(close, odd), (close, (2.0**60, 2.0)), (close, (-(2.0**60), -1.0)), ((1.0, 1e-300), (1e300, 0.0))]
    pairs += [((5e-324, 0.0), (0.99, 1e-20)), ((sys.float_info.max, 0.0), (-1.0, 1e-20)), ((2.0, 0.0), (-1074.0, 0.0))]
    pairs += [((2.0, 0.0), (-1073.5, 0.0)), ((2.0, 0.0), (1023.0, 0.0)), ((10.0, 0.0), (-310.0, 0.0)), ((10.0, 0.0), (308.0, 0.0))]
    return pairs


def arguments_add():
    pairs = []
    for _ in range(80):
        x = with_low(RNG.choice([bits, lambda: RNG.uniform(-10, 10)])())
        pairs.append((x, with_low(x[0] * RNG.uniform(-2, 2) if abs(x[0]) < 8e307 else -x[0] * RNG.uniform(0, 1))))
        pairs.append((x, tuple(parts(-exact(x) * (1 + mp.mpf(log_uniform(-107, -1))))) if abs(x[0]) < 1e308 else (1.0, 0.0)))
        pairs.append((x, (-x[0], with_low(-x[0])[1])))
        pairs.append((x, with_low(math.ldexp(x[0], -RNG.randrange(120)) * RNG.uniform(-1, 1))))
    largest = sys.float_info.max
    for _ in range(60):
        pairs.append(((largest, 0.0), with_low(-largest * RNG.uniform(0, 1))))
        pairs.append(((-largest, 0.0), with_low(largest * 2.0 ** -RNG.randrange(70) * RNG.uniform(0, 1))))
    return pairs


def arguments_mul():
    pairs = [(with_low(RNG.uniform(-10, 10)), with_low(RNG.uniform(-10, 10))) for _ in range(100)]
    for _ in range(200):
        x = with_low(bits())
        pairs.append((x, with_low(log_uniform(-1074, 1024))))
        # Products and quotients at the borders.
        other = mp.mpf(2) ** RNG.choice([1023.99, -1074.3, -1022, -969, 0]) / exact(x) if x[0] else mp.mpf(1)
        pairs.append((x, with_low(nearest(other * RNG.uniform(0.5, 1)))))
    pairs += [((1e308, 0.0), (1e-308, 0.0)), ((5e-324, 0.0), (sys.float_info.max, 0.0)), ((5e-324, 0.0), (0.5, 0.0))]
    return [(x, y) for x, y in pairs if math.isfinite(y[0])]


def arguments_div():
    pairs = [(with_low(RNG.uniform(-10, 10)), with_low(RNG.uniform(-10, 10))) for _ in range(100)]
    for _ in range(200):
        y = with_low(bits())
        pairs.append((with_low(log_uniform(-1074, 1024)), y))
        quotient = mp.mpf(2) ** RNG.choice([1023.99, -1074.3, -1022, -969, 0]) * RNG.uniform(0.5, 1)
        pairs.append((with_low(nearest(quotient * exact(y))), y))
    pairs += [((1.7e308, 0.0), (1.0000001, 0.0)), ((5e-324, 0.0), (5e-324, 0.0)), ((3e-320, 0.0), (7e-320, 0.0))]
    pairs += [((sys.float_info.max, 0.0), (math.nextafter(sys.float_info.max, 0), 0.0)), ((1.0, 0.0), (3.0, 0.0))]
    return [(x, y) for x, y in pairs if math.isfinite(x[0]) and y[0] != 0]


def arguments_sqrt():
    pairs = positive(each(150, bits) + each(60, lambda: log_uniform(-1074, -900)) + each(60, lambda: RNG.uniform(0, 9)))
    pairs += near(mp.mpf(1), 10) + near(mp.mpf(2) ** -400, 8)
    pairs += [tuple(parts(mp.mpf(RNG.getrandbits(50) + 1) ** 2)) for _ in range(20)]
    return pairs + [(value, 0.0) for value in SUBNORMAL + HUGE + [1.0, 2.0, 3.0, 4.0, 9.0]]


# --- values ------------------------------------------------------------------------------------


def power(x, y):
    size = mp.exp(y * mp.log(abs(x)))
    return -size if x < 0 and int(y) % 2 else size


def wide(function):
    """With the bits that the largest angles and the closest exponents need."""

    def run(*arguments):
        with mp.workprec(3400):
            return +function(*arguments)

    return run


FUNCTIONS = {
    "add": (arguments_add, lambda x, y: x + y),
    "mul": (arguments_mul, lambda x, y: x * y),
    "div": (arguments_div, lambda x, y: x / y),
    "sqrt": (arguments_sqrt, mp.sqrt),
    "exp": (arguments_exp, mp.exp),
    "exp_m1": (arguments_exp_m1, wide(lambda x: mp.exp(x) - 1 if x < 1000 and x > -2000 else -mp.mpf(1))),
    "tanh": (arguments_tanh, wide(lambda x: mp.tanh(x) if abs(x) < 1000 else mp.sign(x))),
    "ln": (arguments_ln, wide(mp.log)),
    "ln_1p": (arguments_ln_1p, wide(lambda x: mp.log(1 + x))),
    "sin": (arguments_sin, wide(mp.sin)),
    "cos": (arguments_sin, wide(mp.cos)),
    "powf": (arguments_pow, wide(power)),
}


def arguments_of_any_size():
    pairs = each(120, lambda: RNG.uniform(-4, 4)) + each(80, lambda: log_uniform(-60, 5)) + each(40, bits)
    pairs += each(40, lambda: log_uniform(-1074, -50)) + near(mp.mpf(2) ** -55, 5) + near(mp.mpf(1), 10) + near(mp.mpf(-1), 5)
    return pairs + plain(SUBNORMAL + [1, 0.5, 2, 3, 1e-30, 1e-16, 1e20, 1e150])


def arguments_atan():
    edges = [(mp.mpf(k) + mp.mpf(1) / 2) / 16 for k in range(16)]
    return arguments_of_any_size() + [pair for edge in edges for pair in near(edge, 2)] + plain(HUGE)


def arguments_sinh():
    pairs = arguments_of_any_size() + each(60, lambda: RNG.uniform(-710, 710)) + near(mp.mpf(40), 5)
    pairs += near(mp.log(mp.mpf(2) ** 1025), 20) + plain([709.7, 710, 710.4, 36, 37])
    return [pair for pair in pairs if abs(pair[0]) < 720]


def arguments_asinh():
    return arguments_of_any_size() + near(mp.mpf(2) ** 60, 10) + plain(HUGE) + each(20, lambda: log_uniform(50, 70))


def arguments_acosh():
    pairs = [tuple(parts(1 + abs(mp.mpf(log_uniform(-300, 10))))) for _ in range(200)] + positive(arguments_asinh())
    return [pair for pair in pairs if exact(pair) >= 1]


def arguments_to_1():
    pairs = each(150, lambda: RNG.uniform(-1, 1)) + each(80, lambda: log_uniform(-60, 0)) + each(40, lambda: log_uniform(-1074, -50))
    pairs += [tuple(parts(RNG.choice([-1, 1]) * (1 - abs(mp.mpf(log_uniform(-104, -2)))))) for _ in range(80)]
    pairs += near(mp.mpf(2) ** -55, 5) + near(mp.sqrt(mp.mpf(1) / 2), 10) + plain(SUBNORMAL + [0.5, 0.25, 0.75])
    return [pair for pair in pairs if abs(exact(pair)) < 1]


def arguments_erf():
    pairs = arguments_of_any_size() + each(80, lambda: RNG.uniform(-9.5, 9.5)) + near(mp.mpf("2.5"), 10) + near(mp.mpf(9), 10)
    return [pair for pair in pairs if abs(pair[0]) < 30] + plain([20])


# With a stream of their own, so that the cases above stay as they are.
MORE_FUNCTIONS = {
    "acos": (arguments_to_1, mp.acos),
    "acosh": (arguments_acosh, mp.acosh),
    "asin": (arguments_to_1, mp.asin),
    "asinh": (arguments_asinh, mp.asinh),
    "atan": (arguments_atan, mp.atan),
    "atanh": (arguments_to_1, mp.atanh),
    "cosh": (arguments_sinh, mp.cosh),
    "erf": (arguments_erf, mp.erf),
    "log2": (arguments_ln, lambda x: mp.log(x) / mp.log(2)),
    "sinh": (arguments_sinh, mp.sinh),
    "tan": (arguments_sin, mp.tan),
}


def dots():
    """Products of vectors: the parts of each, their sum, and the sum of sizes that its error is told by."""
    cases = []
    for length in (0, 1, 2, 7, 8, 9, 31, 100, 257):
        for cancels in (False, True):
            a = [with_low(RNG.uniform(-1, 1) * 10 ** RNG.uniform(-3, 3)) for _ in range(length)]
            b = [with_low(RNG.uniform(-1, 1) * 10 ** RNG.uniform(-3, 3)) for _ in range(length)]
            if cancels and length > 1:
                rest = sum((exact(x) * exact(y) for x, y in zip(a[:-1], b)), mp.mpf(0))
                a[-1] = tuple(parts(-rest / exact(b[-1])))
            products = [exact(x) * exact(y) for x, y in zip(a, b)]
            size = mp.fsum(abs(product) for product in products)
            row = [part.hex() for pair in a + b + [parts(mp.fsum(products))] for part in pair]
            cases.append(row + [float(size).hex()])
    return cases


def tables_of(functions):
    tables = {}
    for name, (arguments, function) in functions.items():
        rows = []
        for case in arguments():
            pairs = case if isinstance(case[0], tuple) else (case,)
            value = function(*(exact(pair) for pair in pairs))
            rows.append([part.hex() for pair in (*pairs, parts(value)) for part in pair])
        tables[name] = rows
        print(f"{name}: {len(rows)} cases")
    return tables


def write():
    tables = tables_of(FUNCTIONS)
    tables["dot"] = dots()
    RNG.seed(2)
    tables |= tables_of({name: (arguments, wide(function)) for name, (arguments, function) in MORE_FUNCTIONS.items()})
    lines = [f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]" for name, rows in tables.items()]
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n")


# --- constants ---------------------------------------------------------------------------------


def grid(value, *steps):
    """The multiples of 2**step that make up a value, and the nearest f64 of the rest."""
    found = []
    for step in steps:
        found.append(float(mp.nint(value * mp.mpf(2) ** -step) * mp.mpf(2) ** step))
        value -= found[-1]
    return found + [nearest(value)]


def centre(j):
    """About the inverse of the middle of interval j, coarse enough for it times an f64, less 1, to be one."""
    middle = 1 + mp.mpf(j) / (64 if j >= 0 else 128)
    step = 128 if j >= 0 else 64
    c = float(mp.nint(step / middle) / step)
    return [c] + grid(-mp.log(mp.mpf(c)), -42, -84)


def print_constants():
    mp.mp.prec = 1600
    print("ln 2:", grid(mp.log(2), -42, -84))
    print("1/n!, from n = 2:")
    for n in range(2, 20):
        print(f"    {parts(1 / mp.factorial(n))!r},")
    print("1/(2n + 1), from n = 1:")
    for n in range(1, 12):
        print(f"    {parts(mp.mpf(1) / (2 * n + 1))!r},")
    print("π/2:", [hex(struct.unpack("<Q", struct.pack("<d", part))[0]) for part in parts(mp.pi / 2, 5)], parts(mp.pi / 2, 5))
    print("2π:", parts(2 * mp.pi, 3))
    print("sine, (-1)**n/(2n + 1)!, and cosine, (-1)**n/(2n)!, from n = 1:")
    for n in range(1, 15):
        print(f"    {parts((-1) ** n / mp.factorial(2 * n + 1))!r}, {parts((-1) ** n / mp.factorial(2 * n))!r}")
    print("2/√π:", parts(2 / mp.sqrt(mp.pi)))
    print("arctan(k/16), from k = 1:")
    for k in range(1, 17):
        print(f"    {parts(mp.atan(mp.mpf(k) / 16))!r},")
    whole = int(mp.floor(mp.mpf(2) ** (64 * 21) / (2 * mp.pi)))
    print("bits of 1/(2π):")
    for word in reversed(range(21)):
        print(f"    0x{(whole >> (64 * word)) & (2**64 - 1):016x},")
    print("centres:")
    for j in range(-38, 28):
        print(f"    {centre(j)!r},")


if __name__ == "__main__":
    print_constants() if "constants" in sys.argv[1:] else write()
