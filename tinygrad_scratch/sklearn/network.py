"""What the estimators share: parameters, the net and the optimizer that they stand for, training, the net's outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import losses, nn, optim, random
from ..core import tree
from ..core.errors import ArgumentError, ShapeError
from ..data.batches import batches, check_count
from ..losses.arguments import demand_number
from ..train import fit, supervised
from .samples import Samples, checked_weights, distinct, held_back

_ACTIVATIONS = {"logistic": nn.sigmoid, "identity": np.positive}  # scikit-learn's names
_OPTIMIZERS = ("adadelta", "adagrad", "adam", "adamw", "lion", "nadam", "radam", "rmsprop", "sgd")
_NETS = ("net", "net_")  # the attributes that are pickled by name
_ROWS = 4096  # so many samples are predicted at a time


class Network(BaseEstimator):  # type: ignore[misc]
    """The base of the estimators; the parameters are explained in `tg.sklearn`."""

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | Callable[[Any], Any] = "relu",
        *,
        dropout: float = 0.0,
        net: nn.Layer | None = None,
        optimizer: str | Callable[[Any], optim.GradientTransformation] = "adam",
        learning_rate: float | optim.Schedule = 1e-3,
        alpha: float = 1e-4,
        batch_size: int = 200,
        max_iter: int = 200,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        random_state: Any = None,
        verbose: bool = False,
        backend: str | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.net = net
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.random_state = random_state
        self.verbose = verbose
        self.backend = backend

    # ---- training ---------------------------------------------------------------------------------------------------

    def _samples(self, X: Any, y: Any, sample_weight: Any, **options: Any) -> Samples:
        """The samples that count; `options` are of scikit-learn's validate_data."""
        self._check_arguments()
        dtype = np.float32 if self.net is None else self.net.dtype
        x, y = validate_data(self, X, y, dtype=dtype, **options)
        weights = checked_weights(self._name, sample_weight, len(x))
        counts = weights > 0
        return x[counts], y[counts], weights[counts]

    def _train(self, loss: Callable[[Any, Any], Any], samples: Samples, outputs: int) -> None:
        """Fit a net with so many outputs."""
        seed = int(check_random_state(self.random_state).randint(2**31))
        for_net, for_order, for_split = random.split(random.key(seed), 3)
        data = distinct(*samples)
        net = self._layers(outputs)
        task = supervised(net, loss, self._transformation(), penalty=self._penalty if self.alpha else None)
        state = task.init(for_net, data[0].shape[1:])
        if (shape := task.predict(state, data[0][:1]).shape) != (1, outputs):
            raise ShapeError(
                f"{self._name}: net={net} makes {shape[1:]} of a sample of {data[0].shape[1:]}, expected ({outputs},): "
                "one number for each class or target"
            )
        stopping: dict[str, Any] = {}
        if self.early_stopping:
            data, held = held_back(self._name, for_split, data, self.validation_fraction)
            stopping = {"evaluate": task.evaluate, "validation": held, "monitor": "val_loss"}
            stopping["patience"] = self.n_iter_no_change
        done = fit(
            task.step,
            state,
            data,
            self.max_iter,
            batch_size=self.batch_size,
            key=for_order,
            progress=bool(self.verbose),
            backend=self.backend,
            **stopping,
        )
        chosen = done.best if self.early_stopping else done.state
        self.net_, self.params_, self.net_state_ = net, chosen.params, chosen.net_state
        self.n_iter_, self.history_, self.loss_curve_ = done.epochs, done.history, done.history["loss"]

    def _penalty(self, params: Any) -> Any:
        return self.alpha * losses.l2([w for w in tree.leaves(params) if w.ndim > 1])

    def _outputs(self, X: Any) -> Any:
        """What the net says of each sample, (n, outputs)."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=_wide(self.net_.dtype), reset=False)
        params, state = tree.map(lambda w: w.astype(_wide(w.dtype)), (self.params_, self.net_state_))
        return np.concatenate([self.net_.apply(params, state, part)[0] for (part,) in batches((x,), _ROWS)])

    # ---- what the parameters stand for ------------------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _check_arguments(self) -> None:
        """Those that nothing else checks."""
        for name in ("batch_size", "max_iter", "n_iter_no_change"):
            check_count(self._name, name, getattr(self, name))
        demand_number(self._name, "alpha", self.alpha, lambda a: (a >= 0) & (a < np.inf), "be finite and at least 0")
        share = self.validation_fraction
        demand_number(self._name, "validation_fraction", share, lambda f: (f > 0) & (f < 1), "lie between 0 and 1")
        if self.net is not None and not isinstance(self.net, nn.Layer):
            raise ArgumentError(
                f"{self._name}: net is a {type(self.net).__name__}, expected a Layer, such as tg.nn.serial(...)"
            )

    def _layers(self, outputs: int) -> nn.Layer:
        if self.net is not None:
            return self.net
        layers: list[Any] = []
        for size in np.ravel(self.hidden_layer_sizes).tolist():
            layers += [nn.dense(size), self._function()]
            if self.dropout != 0:
                layers.append(nn.dropout(self.dropout))
        return nn.serial(*layers, nn.dense(outputs))

    def _function(self) -> Any:
        """The activation."""
        if callable(self.activation):
            return self.activation
        name = str(self.activation)
        found = _ACTIVATIONS.get(name) or getattr(nn.functional, name, None)
        if found is None:
            raise ArgumentError(
                f'{self._name}: activation={self.activation!r}, expected the name of one in tg.nn, such as "relu", '
                "or a function of arrays"
            )
        return found

    def _transformation(self) -> optim.GradientTransformation:
        """The optimizer."""
        make: Any = getattr(optim, self.optimizer) if self.optimizer in _OPTIMIZERS else self.optimizer
        if not callable(make):
            raise ArgumentError(
                f"{self._name}: optimizer={self.optimizer!r}, expected one of {', '.join(_OPTIMIZERS)}, or a function "
                "of the learning rate, such as functools.partial(tg.optim.sgd, momentum=0.9)"
            )
        made: optim.GradientTransformation = make(self.learning_rate)
        return made

    # ---- pickling: nets hold functions, so they are kept as the expressions that make them --------------------------

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        for name in _NETS:
            if isinstance(net := state.get(name), nn.Layer):
                state[name] = repr(net)
                self._built(repr(net))
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for name in _NETS:
            if isinstance(text := state.get(name), str):
                setattr(self, name, self._built(text))

    def _built(self, text: str) -> nn.Layer:
        own = getattr(self.activation, "__name__", None)
        try:
            return nn.build(text, {own: self.activation} if own else None)
        except ArgumentError as error:
            raise ArgumentError(
                f"{self._name}: a net with a function of one's own cannot be pickled, got {text}. Give the function as "
                "activation, or keep the program that makes the net and save params_ with tg.io.save"
            ) from error


def _wide(dtype: Any) -> Any:
    """That of predictions: float64 in place of other floats."""
    return np.float64 if np.dtype(dtype).kind == "f" else dtype
