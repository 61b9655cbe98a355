"""The regressor."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import check_array

from .. import losses
from .network import Network


class NetworkRegressor(RegressorMixin, Network):  # type: ignore[misc]
    """A net that is trained by its squared error, for one target or several. Parameters: see `tg.sklearn`.

    Targets are learnt as they are; those far from the size of 1 are best scaled by TransformedTargetRegressor.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> x = np.linspace(-1, 1, 50)[:, None]
    >>> model = tg.sklearn.NetworkRegressor(16, learning_rate=0.03, random_state=0, backend="numpy")
    >>> bool(model.fit(x, x[:, 0] ** 2).score(x, x[:, 0] ** 2) > 0.95)
    True
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        """Train on X (n, features) and y (n,) or (n, targets), with weights (n,) that are not negative.

        Raises as that of `NetworkClassifier`.
        """
        x, y, weights = self._samples(X, y, sample_weight, multi_output=True, y_numeric=True)
        y = check_array(y, dtype=np.float32, ensure_2d=False, input_name="y")
        self._target_shape = y.shape[1:]
        targets = y.reshape(len(y), -1)
        self._train(losses.squared_error, (x, targets, weights), targets.shape[1])
        return self

    def predict(self, X: Any) -> Any:
        """The targets of each sample: (n,) or (n, targets), as y was."""
        outputs = self._outputs(X)
        return outputs.reshape(-1, *self._target_shape)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
