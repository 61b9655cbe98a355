"""Other libraries as sides: JAX, PyTorch, autograd and MyGrad, each in its own idiom, loaded only when asked for."""

from __future__ import annotations

import importlib.util
import os
from typing import Any, NamedTuple

import numpy as np

import tinygrad_scratch as tg

from . import models
from .rows import Row
from .sides import Builder, Update, copies, make, numpy_optimizer
from .timing import Side


class Peer(NamedTuple):
    """The module to find, what pip calls it, and the builder; `library` makes its `models.Library` (PyTorch: none)."""

    module: str
    pip: str
    build: Builder
    library: Any = None


def threads() -> int:
    """What the setting allows (see `timing`)."""
    return int(os.environ.get("OMP_NUM_THREADS", "1"))


# ---- JAX: one compiled step, its state donated ---------------------------------------------------------------------


def jax_library() -> models.Library:
    """JAX's names."""
    import jax
    import jax.numpy as jnp

    def cross_entropy(z: Any, labels: Any) -> Any:
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), labels[:, None], 1))

    def conv(x: Any, w: Any) -> Any:
        return jax.lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def max_pool(x: Any) -> Any:
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    return models.Library(
        jnp,
        jax.nn.relu,
        jax.nn.sigmoid,
        jax.nn.softmax,
        cross_entropy,
        erf=jax.scipy.special.erf,
        conv=conv,
        max_pool=max_pool,
        scan=jax.lax.scan,
    )


def jax_optimizer(row: Row, lr: float) -> tuple[Any, Update | None]:
    """SGD or Adam in jax.numpy, for XLA to fuse."""
    import jax.numpy as jnp

    def sgd(params: Any, gradients: Any, state: Any) -> Any:
        return [w - lr * g for w, g in zip(params, gradients, strict=True)], state

    def adam(params: Any, gradients: Any, state: Any) -> Any:
        step, ms, vs = state
        step = step + 1
        ms = [0.9 * m + 0.1 * g for m, g in zip(ms, gradients, strict=True)]
        vs = [0.999 * v + 0.001 * g * g for v, g in zip(vs, gradients, strict=True)]
        by_m, by_v = 1 - 0.9**step, 1 - 0.999**step
        new = [w - lr * (m / by_m) / (jnp.sqrt(v / by_v) + 1e-8) for w, m, v in zip(params, ms, vs, strict=True)]
        return new, (step, ms, vs)

    if row.optimizer == "adam":
        zeros = [[jnp.zeros_like(p) for p in row.params] for _ in range(2)]
        return (jnp.float32(0), *zeros), adam
    return None, sgd if row.optimizer else None


def jax_side(row: Row, lr: float) -> Side:
    """`jax.jit` of the step."""
    import jax

    jax.config.update("jax_enable_x64", True)
    library = jax_library()
    gradient = jax.value_and_grad(lambda params, *data: row.loss(library, params, *data))
    params = [jax.numpy.array(p) for p in row.params]
    data = tuple(jax.numpy.array(d) for d in row.data)
    optimizer = jax_optimizer(row, lr)
    return make(
        row, params, gradient, optimizer, jax.jit, lambda f: jax.jit(f, donate_argnums=0), data, jax.block_until_ready
    )


# ---- PyTorch: tensors and optimizers that change in place ----------------------------------------------------------


def torch_side(row: Row, lr: float, compiled: bool = False) -> Side:
    """`loss.backward()` and `torch.optim`; a formula by `torch.autograd.grad`."""
    import torch

    from . import torch_models

    torch.set_num_threads(threads())
    function = getattr(torch_models, row.loss.__name__)
    loss = torch.compile(function) if compiled else function
    params = [torch.tensor(p, requires_grad=True) for p in row.params]
    data = [torch.tensor(d) for d in row.data]
    if row.optimizer is None:

        def evaluate(state: Any) -> Any:
            value = loss(params, *data)
            return value, torch.autograd.grad(value, params)

        return Side(None, evaluate, lambda state: [state[0].detach().numpy(), *[g.numpy() for g in state[1]]])

    kind = torch.optim.Adam if row.optimizer == "adam" else torch.optim.SGD
    opt = kind(params, lr=lr, foreach=True)

    def step(state: Any) -> Any:
        opt.zero_grad()
        value = loss(params, *data)
        value.backward()
        opt.step()
        return value

    return Side(None, step, lambda value: [value.detach().numpy(), *[p.detach().numpy() for p in params]])


# ---- autograd and MyGrad: eager, on NumPy's arrays -----------------------------------------------------------------


def autograd_library() -> models.Library:
    """autograd's names; it has no convolution made for nets."""
    import autograd.numpy as anp
    from autograd.scipy import special

    def softmax(z: Any) -> Any:
        return anp.exp(z - special.logsumexp(z, axis=-1, keepdims=True))

    def cross_entropy(z: Any, labels: Any) -> Any:
        return anp.mean(special.logsumexp(z, axis=1) - z[np.arange(len(labels)), labels])

    def relu(x: Any) -> Any:
        return anp.maximum(x, 0)

    return models.Library(anp, relu, special.expit, softmax, cross_entropy, erf=special.erf)


def autograd_side(row: Row, lr: float) -> Side:
    """`autograd.value_and_grad`, and the optimizer by hand."""
    import autograd

    library = autograd_library()
    gradient = autograd.value_and_grad(lambda params, *data: row.loss(library, params, *data))
    return make(row, copies(row), gradient, numpy_optimizer(row, lr))


def mygrad_library() -> models.Library:
    """MyGrad's names; channels come first in its convolution, and it has no erf."""
    import mygrad as mg
    from mygrad import nnet

    def conv(x: Any, w: Any) -> Any:
        first = mg.transpose(x, (0, 3, 1, 2))
        return mg.transpose(nnet.conv_nd(first, w.transpose(3, 2, 0, 1), stride=1, padding=1), (0, 2, 3, 1))

    def max_pool(x: Any) -> Any:
        return nnet.max_pool(x.transpose(0, 3, 1, 2), (2, 2), 2).transpose(0, 2, 3, 1)

    return models.Library(
        mg,
        nnet.relu,
        nnet.sigmoid,
        nnet.softmax,
        nnet.softmax_crossentropy,
        conv=conv,
        max_pool=max_pool,
    )


def mygrad_side(row: Row, lr: float) -> Side:
    """`loss.backward()`, and the optimizer by hand."""
    import mygrad as mg

    mg.turn_memory_guarding_off()  # as MyGrad's manual advises for speed: arrays are not locked
    library = mygrad_library()

    def gradient(params: Any, *data: Any) -> tuple[Any, Any]:
        tensors = [mg.tensor(p, copy=False) for p in params]
        loss = row.loss(library, tensors, *data)
        loss.backward()
        return loss.data, [t.grad for t in tensors]

    return make(row, copies(row), gradient, numpy_optimizer(row, lr))


PEERS = {
    "jax": Peer("jax", "jax", jax_side, jax_library),
    "torch": Peer("torch", "torch", torch_side),
    "torch.compile": Peer("torch", "torch", lambda row, lr: torch_side(row, lr, compiled=True)),
    "autograd": Peer("autograd", "autograd", autograd_side, autograd_library),
    "mygrad": Peer("mygrad", "mygrad", mygrad_side, mygrad_library),
}


def require(names: list[str], rows: list[str]) -> None:
    """Raises MissingExtraError, which names the pip command, for what is not installed and was asked for."""
    wanted = {PEERS[name].module: PEERS[name].pip for name in names}
    if "black-scholes-erf" in rows:
        wanted["scipy"] = "scipy"
    missing = [module for module in wanted if importlib.util.find_spec(module) is None]
    if missing:
        pip = " ".join(wanted[module] for module in missing)
        raise tg.errors.MissingExtraError(f"{', '.join(missing)} cannot be imported: pip install {pip}")


def takes_part(name: str, row: Row) -> bool:
    """Whether a peer has what the row needs."""
    library = PEERS[name].library
    return library is None or all(getattr(library(), need) is not None for need in row.needs)
