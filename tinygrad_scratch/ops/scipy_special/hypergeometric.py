"""Hypergeometric functions by their variable, and functions that are solutions of simple equations."""

# mypy: disable-error-code="has-type"
# (rules name functions that are defined below them)

from __future__ import annotations

import numpy as np

from .call import no_rule, special

hyp0f1 = special("hyp0f1", no_rule("hyp0f1", "v"), lambda g, ans, v, z: g * hyp0f1(v + 1.0, z) / v)  # DLMF 16.3.1
hyp1f1 = special(  # DLMF 13.3.15
    "hyp1f1",
    no_rule("hyp1f1", "a"),
    no_rule("hyp1f1", "b"),
    lambda g, ans, a, b, x: g * (a / b) * hyp1f1(a + 1.0, b + 1.0, x),
)
hyperu = special(  # DLMF 13.3.22
    "hyperu",
    no_rule("hyperu", "a"),
    no_rule("hyperu", "b"),
    lambda g, ans, a, b, x: -g * a * hyperu(a + 1.0, b + 1.0, x),
)
hyp2f1 = special(  # DLMF 15.5.1
    "hyp2f1",
    no_rule("hyp2f1", "a"),
    no_rule("hyp2f1", "b"),
    no_rule("hyp2f1", "c"),
    lambda g, ans, a, b, c, z: g * (a * b / c) * hyp2f1(a + 1.0, b + 1.0, c + 1.0, z),
)
wright_bessel = special(  # DLMF 10.46.1, term by term
    "wright_bessel",
    no_rule("wright_bessel", "a"),
    no_rule("wright_bessel", "b"),
    lambda g, ans, a, b, x: g * wright_bessel(a, a + b, x),
)
log_wright_bessel = special(
    "log_wright_bessel",
    no_rule("log_wright_bessel", "a"),
    no_rule("log_wright_bessel", "b"),
    lambda g, ans, a, b, x: g * np.exp(log_wright_bessel(a, a + b, x) - ans),
)
wrightomega = special("wrightomega", lambda g, ans, z: g * ans / (1 + ans))  # omega + log(omega) = z
lambertw = special(  # W exp(W) = z: DLMF 4.13.1
    "_lambertw", lambda g, ans, z, k, tol: g * np.exp(-ans) / (1 + ans), None, None
)
