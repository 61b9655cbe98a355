"""Networks as pairs of pure functions. `functional` holds the formulas, `layers` wraps them with their weights."""

from . import functional
from .functional import log_softmax, relu, sigmoid, softmax, softplus, tanh
from .layers import Layer, activation, dense, dropout, glorot_uniform, he_normal, serial

__all__ = [
    "Layer",
    "activation",
    "dense",
    "dropout",
    "functional",
    "glorot_uniform",
    "he_normal",
    "log_softmax",
    "relu",
    "serial",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
]
