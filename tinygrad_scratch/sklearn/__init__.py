"""Networks as scikit-learn's estimators, for its pipelines, cross-validation and searches. Needs scikit-learn 1.6.

    hidden_layer_sizes   the widths of the dense layers before the last; one number stands for one layer
    activation           after each of them: the name of one in `tg.nn`, "logistic", "identity", or a function of arrays
    dropout              the share of their outputs that is dropped in training
    net                  a whole Layer in place of these three, which gives the logits of the classes, or the targets
    optimizer            the name of one in `tg.optim`, or a function of the learning rate that makes one
    learning_rate        for it: a number, or a schedule
    alpha                alpha * (the sum of squares of all weights but biases) is added to the mean loss
    batch_size           samples a step
    max_iter             epochs
    early_stopping       keep `validation_fraction` of the samples back, stop once the loss on them did not get better
                         for `n_iter_no_change` epochs, and take the weights that were best
    random_state         as everywhere in scikit-learn; an integer gives the same net every time, bit for bit
    verbose              show a progress bar
    backend              of `tg.jit`: "numba" or "numpy", by default the first if it is installed

A fitted estimator has `net_`, `params_`, `net_state_`, `n_iter_` (epochs made), `history_` (that of `tg.train.fit`) and
`loss_curve_`; a classifier also `classes_`.

To `fit`, data are a distribution: equal samples are one, with the sum of their weights, and a step takes `batch_size`
different ones. So a weight of 2 is the sample twice, a weight of 0 is none, only the ratios of weights count, and the
order of the samples does not. Nets are trained in float32; predictions are computed from their weights in float64, so
that a sample's does not depend on those beside it. Estimators can be pickled whose nets `tg.nn.build` can make.

>>> import tinygrad_scratch as tg
>>> x, y = tg.data.spiral(samples=50, classes=2)
>>> model = tg.sklearn.NetworkClassifier((32,), learning_rate=0.02, max_iter=300, random_state=0)
>>> bool(model.fit(x, y).score(x, y) > 0.9)
True
>>> model.net_
serial(dense(32), relu, dense(2))
"""

from ..core.errors import MissingExtraError

try:
    from .classifier import NetworkClassifier
    from .regressor import NetworkRegressor
except ImportError as error:
    raise MissingExtraError(
        'tg.sklearn needs scikit-learn 1.6 or newer: pip install "tinygrad_scratch[sklearn]"'
    ) from error

__all__ = ["NetworkClassifier", "NetworkRegressor"]
