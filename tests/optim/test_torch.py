"""Update formulas and schedules give PyTorch's numbers, recorded by `record_torch`."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_scratch import optim

RECORDED = json.loads(Path(__file__).with_name("torch.json").read_text())

OPTIMIZERS = {
    "sgd": optim.sgd(0.1),
    "sgd with L2": optim.chain(optim.add_decayed_weights(0.3), optim.sgd(0.1)),
    "momentum": optim.sgd(0.1, momentum=0.9),
    "nesterov": optim.sgd(0.1, momentum=0.9, nesterov=True),
    "adagrad": optim.adagrad(0.1),
    "rmsprop": optim.rmsprop(0.1),
    "rmsprop with momentum": optim.rmsprop(0.1, decay=0.8, eps=1e-3, momentum=0.7),
    "rmsprop centered": optim.rmsprop(0.1, decay=0.8, centered=True),
    "adadelta": optim.adadelta(),
    "adadelta otherwise": optim.adadelta(0.5, decay=0.7, eps=1e-2),
    "adam": optim.adam(0.1),
    "adam otherwise": optim.adam(0.1, b1=0.7, b2=0.9, eps=1e-2),
    "adamw": optim.adamw(0.1),
    "adamw otherwise": optim.adamw(0.1, b1=0.7, b2=0.9, weight_decay=0.5),
    "nadam": optim.nadam(0.1),
    "nadam otherwise": optim.nadam(0.1, b1=0.7, b2=0.9, eps=1e-2, momentum_decay=0.1),
    "radam": optim.radam(0.1),
    "radam otherwise": optim.radam(0.1, b1=0.7, b2=0.9, eps=1e-2),
}
SCHEDULES = {
    "step_decay": optim.step_decay(0.5, 0.1, every=3),
    "exponential_decay": optim.exponential_decay(0.5, 0.9),
    "linear": optim.linear(0.5, 0.125, steps=5),
    "cosine_decay": optim.cosine_decay(0.5, steps=5, alpha=0.1),
    "one_cycle": optim.one_cycle(0.5, steps=10),
    "one_cycle otherwise": optim.one_cycle(0.5, 8, pct_start=0.45, div_factor=10, final_div_factor=100),
}


def params_after_each_step(opt: Any) -> list[Any]:
    params = {"w": np.array(RECORDED["start"])}
    state, found = opt.init(params), []
    for gradient in RECORDED["gradients"]:
        updates, state = opt.update({"w": np.array(gradient)}, state, params)
        params = optim.apply_updates(params, updates)
        found.append(params["w"])
    return found


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_updates_are_pytorchs(name: str) -> None:
    rtol = 1e-8 if name.startswith("nadam") else 1e-12  # PyTorch keeps the product of the momenta in float32
    np.testing.assert_allclose(params_after_each_step(OPTIMIZERS[name]), RECORDED[name], rtol)


def test_clipping_is_pytorchs() -> None:
    """PyTorch adds 1e-6 to the norm."""
    found = params_after_each_step(optim.chain(optim.clip_by_global_norm(1.0), optim.sgd(0.1)))
    np.testing.assert_allclose(found, RECORDED["clip by global norm"], rtol=1e-5)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_pytorchs(name: str) -> None:
    found = [SCHEDULES[name](step) for step in range(len(RECORDED[name]))]
    np.testing.assert_allclose(found, RECORDED[name], rtol=1e-12, atol=1e-16)
