"""The classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from .. import losses, nn
from .network import Network


class NetworkClassifier(ClassifierMixin, Network):  # type: ignore[misc]
    """A net that is trained by its softmax cross-entropy, for any number of classes. Parameters: see `tg.sklearn`.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> y = np.array(["no", "yes", "yes", "no"])
    >>> tg.sklearn.NetworkClassifier(16, learning_rate=0.1, random_state=0, backend="numpy").fit(x, y).predict(x)
    array(['no', 'yes', 'yes', 'no'], dtype='<U3')
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkClassifier:
        """Train on X (n, features) and labels y (n,), with weights (n,) that are not negative.

        Raises ArgumentError or ShapeError for parameters and weights that do not fit, scikit-learn's ValueError for
        data that are no finite numbers, and DivergedError if the loss does not stay finite.
        """
        x, y, weights = self._samples(X, y, sample_weight)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self._train(losses.softmax_cross_entropy, (x, labels, weights), len(self.classes_))
        return self

    def predict(self, X: Any) -> Any:
        """The most probable class of each sample, (n,)."""
        best = np.argmax(self._outputs(X), axis=-1)
        return self.classes_[best]

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, (n, classes), in the order of `classes_`."""
        return nn.functional.softmax(self._outputs(X))

    def predict_log_proba(self, X: Any) -> Any:
        """Its logarithm, which is exact for small ones as well."""
        return nn.functional.log_softmax(self._outputs(X))

    def decision_function(self, X: Any) -> Any:
        """The logits, (n, classes); of two classes the second's less the first's, (n,)."""
        logits = self._outputs(X)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits
