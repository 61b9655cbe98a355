"""Optimizers as pairs of pure functions, in optax's contract, made of small pieces joined by `chain`.

>>> import numpy as np, tinygrad_scratch as tg
>>> params = np.array([1.0, -2.0])
>>> opt = tg.optim.sgd(0.1)
>>> state = opt.init(params)
>>> updates, state = opt.update(tg.grad(lambda x: np.sum(x ** 2))(params), state, params)
>>> tg.optim.apply_updates(params, updates)
array([ 0.8, -1.6])
"""

from .averaging import accumulate, average_weights
from .lbfgs import lbfgs
from .minimize import scipy_minimize
from .optimizers import adadelta, adagrad, adam, adamw, lion, nadam, radam, rmsprop, sgd
from .scaling import (
    scale_by_adadelta,
    scale_by_adam,
    scale_by_lion,
    scale_by_nadam,
    scale_by_radam,
    scale_by_rms,
    scale_by_rss,
    trace,
)
from .schedules import (
    Schedule,
    cosine_decay,
    exponential_decay,
    inverse_time_decay,
    join,
    linear,
    one_cycle,
    step_decay,
    warm_up,
)
from .shaping import add_decayed_weights, clip, clip_by_global_norm, clip_by_norm, freeze
from .transform import GradientTransformation, apply_updates, chain, read, scale, scale_by_learning_rate

__all__ = [
    "GradientTransformation",
    "Schedule",
    "accumulate",
    "adadelta",
    "adagrad",
    "adam",
    "adamw",
    "add_decayed_weights",
    "apply_updates",
    "average_weights",
    "chain",
    "clip",
    "clip_by_global_norm",
    "clip_by_norm",
    "cosine_decay",
    "exponential_decay",
    "freeze",
    "inverse_time_decay",
    "join",
    "lbfgs",
    "linear",
    "lion",
    "nadam",
    "one_cycle",
    "radam",
    "read",
    "rmsprop",
    "scale",
    "scale_by_adadelta",
    "scale_by_adam",
    "scale_by_learning_rate",
    "scale_by_lion",
    "scale_by_nadam",
    "scale_by_radam",
    "scale_by_rms",
    "scale_by_rss",
    "scipy_minimize",
    "sgd",
    "step_decay",
    "trace",
    "warm_up",
]
