"""Bessel functions and their kin, by their variable: each derivative is a sum of neighbouring orders."""

# mypy: disable-error-code="has-type"
# (rules name functions that are defined below them)

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.primitive import Primitive
from .call import function, no_rule, only_real, part, several, special, written
from .gamma import rgamma


def _of_order(name: str, rule: Any) -> Primitive:
    return special(name, no_rule(name, "the order"), rule)


def _difference(f: Any, v: Any, z: Any) -> Any:
    return (f(v - 1.0, z) - f(v + 1.0, z)) / 2


def _mean(f: Any, v: Any, z: Any) -> Any:
    return (f(v - 1.0, z) + f(v + 1.0, z)) / 2


# DLMF 10.6.1, 10.29.1
jv = _of_order("jv", lambda g, ans, v, z: g * _difference(jv, v, z))
yv = _of_order("yv", lambda g, ans, v, z: g * _difference(yv, v, z))
yn = _of_order("yn", lambda g, ans, n, x: g * _difference(yv, n, x))
iv = _of_order("iv", lambda g, ans, v, z: g * _mean(iv, v, z))
kv = _of_order("kv", lambda g, ans, v, z: -g * _mean(kv, v, z))
kn = _of_order("kn", lambda g, ans, n, x: -g * _mean(kv, n, x))
hankel1 = _of_order("hankel1", lambda g, ans, v, z: g * _difference(hankel1, v, z))
hankel2 = _of_order("hankel2", lambda g, ans, v, z: g * _difference(hankel2, v, z))

# the same, scaled by exponentials; those with the real or imaginary part in it have no complex derivative
jve = _of_order("jve", lambda g, ans, v, z: g * _difference(jve, v, only_real("jve", z)))
yve = _of_order("yve", lambda g, ans, v, z: g * _difference(yve, v, only_real("yve", z)))
ive = _of_order("ive", lambda g, ans, v, z: g * (_mean(ive, v, z) - np.sign(only_real("ive", z)) * ans))
kve = _of_order("kve", lambda g, ans, v, z: g * (ans - _mean(kve, v, z)))
hankel1e = _of_order("hankel1e", lambda g, ans, v, z: g * (_difference(hankel1e, v, z) - 1j * ans))
hankel2e = _of_order("hankel2e", lambda g, ans, v, z: g * (_difference(hankel2e, v, z) + 1j * ans))

# orders 0 and 1: DLMF 10.6.3, 10.29.3
j0 = special("j0", lambda g, ans, x: -g * j1(x))
j1 = special("j1", lambda g, ans, x: g * (j0(x) - jv(2, x)) / 2)
y0 = special("y0", lambda g, ans, x: -g * y1(x))
y1 = special("y1", lambda g, ans, x: g * (y0(x) - yv(2, x)) / 2)
i0 = special("i0", lambda g, ans, x: g * i1(x))
i1 = special("i1", lambda g, ans, x: g * (i0(x) + iv(2, x)) / 2)
k0 = special("k0", lambda g, ans, x: -g * k1(x))
k1 = special("k1", lambda g, ans, x: -g * (k0(x) + kv(2, x)) / 2)
i0e = special("i0e", lambda g, ans, x: g * (i1e(x) - np.sign(x) * ans))
i1e = special("i1e", lambda g, ans, x: g * ((i0e(x) + ive(2, x)) / 2 - np.sign(x) * ans))
k0e = special("k0e", lambda g, ans, x: g * (ans - k1e(x)))
k1e = special("k1e", lambda g, ans, x: g * (ans - (k0e(x) + kve(2, x)) / 2))


# ---- spherical: DLMF 10.51(i), 10.51(ii) ----------------------------------------------------------------------------


def _spherical(name: str, before: int, after: int) -> tuple[Primitive, Any]:
    """The function f of order n, and f'(n) = (before * n f(n - 1) + after * (n + 1) f(n + 1)) / (2n + 1)."""

    def derivative(n: Any, z: Any) -> Any:
        lower = before * n * f(np.maximum(n - 1, 0), z)
        return (lower + after * (n + 1) * f(n + 1, z)) / (2 * n + 1)

    f = function(f"spherical_{name}", None, lambda g, ans, n, z: g * derivative(n, z))
    return f, derivative


spherical_jn, spherical_jn_slope = _spherical("jn", 1, -1)
spherical_yn, spherical_yn_slope = _spherical("yn", 1, -1)
spherical_in, spherical_in_slope = _spherical("in", 1, 1)
spherical_kn, spherical_kn_slope = _spherical("kn", -1, -1)


# ---- Struve: DLMF 11.4(v) -------------------------------------------------------------------------------------------


def _excess(v: Any, x: Any) -> Any:
    return np.power(x / 2, v) * rgamma(v + 1.5) / (2 * math.sqrt(math.pi))


struve = _of_order("struve", lambda g, ans, v, x: g * (_difference(struve, v, x) + _excess(v, x)))
modstruve = _of_order("modstruve", lambda g, ans, v, x: g * (_mean(modstruve, v, x) + _excess(v, x)))

# the integral from 0 to 1 of x^lmb J(nu, 2 a x)
besselpoly = special(
    "besselpoly",
    lambda g, ans, a, lmb, nu: g * (besselpoly(a, lmb + 1.0, nu - 1.0) - besselpoly(a, lmb + 1.0, nu + 1.0)),
    no_rule("besselpoly", "lmb"),
    no_rule("besselpoly", "nu"),
)


# ---- Airy: w'' = z w, DLMF 9.2.1; scaled by exp(2/3 z sqrt(z)) and, for Bi, its inverse ------------------------------

ai = part("airy", 0, lambda g, ans, z: g * aip(z))
aip = part("airy", 1, lambda g, ans, z: g * z * ai(z))
bi = part("airy", 2, lambda g, ans, z: g * bip(z))
bip = part("airy", 3, lambda g, ans, z: g * z * bi(z))
several("airy", ai, aip, bi, bip)


def _root(z: Any) -> Any:
    """sqrt(z), and 0 for z < 0, where Bi is not scaled."""
    positive = np.greater(only_real("airye", z), 0)
    return np.where(positive, np.sqrt(np.where(positive, z, 1)), 0)


aie = part("airye", 0, lambda g, ans, z: g * (aipe(z) + _root(z) * ans))
aipe = part("airye", 1, lambda g, ans, z: g * (z * aie(z) + _root(z) * ans))
bie = part("airye", 2, lambda g, ans, z: g * (bipe(z) - _root(z) * ans))
bipe = part("airye", 3, lambda g, ans, z: g * (z * bie(z) - _root(z) * ans))
several("airye", aie, aipe, bie, bipe)


# ---- Kelvin: x^2 w'' + x w' = i x^2 w, DLMF 10.61.3 ------------------------------------------------------------------


def _ratio(w: Any, x: Any, at_zero: float) -> Any:
    """w / x, where both are 0 its limit."""
    zero = np.equal(x, 0)
    return np.where(zero, at_zero, w / np.where(zero, 1, x))


ber = special("ber", lambda g, ans, x: g * berp(x))
bei = special("bei", lambda g, ans, x: g * beip(x))
berp = special("berp", lambda g, ans, x: -g * (bei(x) + _ratio(ans, x, 0)))
beip = special("beip", lambda g, ans, x: g * (ber(x) - _ratio(ans, x, 0.5)))
ker = special("ker", lambda g, ans, x: g * kerp(x))
kei = special("kei", lambda g, ans, x: g * keip(x))
kerp = special("kerp", lambda g, ans, x: -g * (kei(x) + ans / x))
keip = special("keip", lambda g, ans, x: g * (ker(x) - ans / x))
written("kelvin", lambda x: (
    ber(x) + 1j * bei(x), ker(x) + 1j * kei(x), berp(x) + 1j * beip(x), kerp(x) + 1j * keip(x),
))  # fmt: skip


# ---- parabolic cylinder: w'' = (x^2 / 4 + a) w, DLMF 12.2.2 ----------------------------------------------------------


def _cylinder(name: str, factor: Any) -> None:
    """The function and its derivative by x, for w'' = factor(order, x) w."""
    f = part(name, 0, no_rule(name, "the order"), lambda g, ans, v, x: g * slope(v, x))
    slope = part(name, 1, no_rule(name, "the order"), lambda g, ans, v, x: g * factor(v, x) * f(v, x))
    several(name, f, slope)


_cylinder("pbdv", lambda v, x: x * x / 4 - v - 0.5)
_cylinder("pbvv", lambda v, x: x * x / 4 - v - 0.5)
_cylinder("pbwa", lambda a, x: a - x * x / 4)
