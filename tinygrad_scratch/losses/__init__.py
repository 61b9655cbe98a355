"""Losses: one value an example, predictions first and targets second. The caller reduces, usually by np.mean.

Predictions and targets have one shape (n, ...) and the answer, of shape (n,), is the mean over the other axes; where a
class or a vector is one target, it lies along the last axis, and the answer has the shape of the axes before. Shapes
are checked, never broadcast. Integers are lifted to floats, and float32 stays float32. Values are checked where a loss
needs them in a range; inside `jit`, once, when the function is recorded.

Losses of logits (`sigmoid_cross_entropy`, `softmax_cross_entropy`) are right for logits of any size. Prefer them to
those of probabilities (`binary_cross_entropy`, `categorical_cross_entropy`), which cannot tell 1 - 1e-20 from 1.

>>> import numpy as np, tinygrad_scratch as tg
>>> tg.losses.squared_error(np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[1.0, 0.0], [3.0, 4.0]]))
array([2. , 0.5])
"""

from .binary import binary_cross_entropy, focal, hinge, sigmoid_cross_entropy
from .categorical import categorical_cross_entropy, kl_divergence, multiclass_hinge, softmax_cross_entropy
from .likelihood import gaussian_nll, poisson
from .penalties import l1, l2
from .regression import absolute_error, cosine_distance, huber, log_cosh, quantile, squared_error, sum_of_squares

__all__ = [
    "absolute_error",
    "binary_cross_entropy",
    "categorical_cross_entropy",
    "cosine_distance",
    "focal",
    "gaussian_nll",
    "hinge",
    "huber",
    "kl_divergence",
    "l1",
    "l2",
    "log_cosh",
    "multiclass_hinge",
    "poisson",
    "quantile",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "squared_error",
    "sum_of_squares",
]
