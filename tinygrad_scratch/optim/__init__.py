"""Optimizers as pairs of pure functions, in optax's contract, made of small pieces joined by `chain`.

>>> import numpy as np, tinygrad_scratch as tg
>>> params = np.array([1.0, -2.0])
>>> opt = tg.optim.sgd(0.1)
>>> state = opt.init(params)
>>> updates, state = opt.update(tg.grad(lambda x: np.sum(x ** 2))(params), state, params)
>>> tg.optim.apply_updates(params, updates)
array([ 0.8, -1.6])
"""

from .optimizers import adam, sgd
from .schedules import Schedule, inverse_time_decay
from .transform import (
    GradientTransformation,
    apply_updates,
    chain,
    scale,
    scale_by_adam,
    scale_by_learning_rate,
    trace,
)

__all__ = [
    "GradientTransformation",
    "Schedule",
    "adam",
    "apply_updates",
    "chain",
    "inverse_time_decay",
    "scale",
    "scale_by_adam",
    "scale_by_learning_rate",
    "sgd",
    "trace",
]
