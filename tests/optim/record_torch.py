"""Writes torch.json, the numbers of PyTorch that `test_torch` compares with: `python tests/optim/record_torch.py`.

Each optimizer takes the same two params through the same gradients; each schedule gives its learning rates from step 0.
"""

import json
import math
from pathlib import Path
from typing import Any

START = [1.0, -2.0]
GRADIENTS = [[round(math.cos(3 * k), 3), round(2 * math.sin(k) - 0.5, 3)] for k in range(8)]
OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {"lr": 0.1}),
    "sgd with L2": ("SGD", {"lr": 0.1, "weight_decay": 0.3}),
    "momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "nesterov": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {"lr": 0.1}),
    "rmsprop": ("RMSprop", {"lr": 0.1, "alpha": 0.9}),
    "rmsprop with momentum": ("RMSprop", {"lr": 0.1, "alpha": 0.8, "eps": 1e-3, "momentum": 0.7}),
    "rmsprop centered": ("RMSprop", {"lr": 0.1, "alpha": 0.8, "centered": True}),
    "adadelta": ("Adadelta", {}),
    "adadelta otherwise": ("Adadelta", {"lr": 0.5, "rho": 0.7, "eps": 1e-2}),
    "adam": ("Adam", {"lr": 0.1}),
    "adam otherwise": ("Adam", {"lr": 0.1, "betas": [0.7, 0.9], "eps": 1e-2}),
    "adamw": ("AdamW", {"lr": 0.1}),
    "adamw otherwise": ("AdamW", {"lr": 0.1, "betas": [0.7, 0.9], "weight_decay": 0.5}),
    "nadam": ("NAdam", {"lr": 0.1}),
    "nadam otherwise": ("NAdam", {"lr": 0.1, "betas": [0.7, 0.9], "eps": 1e-2, "momentum_decay": 0.1}),
    "radam": ("RAdam", {"lr": 0.1}),
    "radam otherwise": ("RAdam", {"lr": 0.1, "betas": [0.7, 0.9], "eps": 1e-2}),
    "clip by global norm": ("SGD", {"lr": 0.1}),
}
SCHEDULES: dict[str, tuple[str, float, int, dict[str, Any]]] = {
    "step_decay": ("StepLR", 0.5, 7, {"step_size": 3, "gamma": 0.1}),
    "exponential_decay": ("ExponentialLR", 0.5, 5, {"gamma": 0.9}),
    "linear": ("LinearLR", 0.5, 7, {"start_factor": 1.0, "end_factor": 0.25, "total_iters": 5}),
    "cosine_decay": ("CosineAnnealingLR", 0.5, 6, {"T_max": 5, "eta_min": 0.05}),
    "one_cycle": ("OneCycleLR", 0.5, 10, {"max_lr": 0.5, "total_steps": 10}),
    "one_cycle otherwise": (
        "OneCycleLR", 0.5, 8,
        {"max_lr": 0.5, "total_steps": 8, "pct_start": 0.45, "div_factor": 10.0, "final_div_factor": 100.0},
    ),
}  # fmt: skip


def params_after_each_step(torch: Any, name: str, kind: str, arguments: dict[str, Any]) -> list[list[float]]:
    params = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    opt = getattr(torch.optim, kind)([params], **arguments)
    found = []
    for gradient in GRADIENTS:
        params.grad = torch.tensor(gradient, dtype=torch.float64)
        if name.startswith("clip"):
            torch.nn.utils.clip_grad_norm_([params], 1.0)
        opt.step()
        found.append(params.tolist())
    return found


def learning_rates(torch: Any, kind: str, lr: float, steps: int, arguments: dict[str, Any]) -> list[float]:
    opt = torch.optim.SGD([torch.zeros(1)], lr=lr)
    schedule = getattr(torch.optim.lr_scheduler, kind)(opt, **arguments)
    found = []
    for step in range(steps):
        found.append(schedule.get_last_lr()[0])
        opt.step()
        if step < steps - 1:
            schedule.step()
    return found


def main() -> None:
    import torch  # here, since pytest imports this file to look for doctests

    rows = {
        "torch": torch.__version__,
        "start": START,
        "gradients": GRADIENTS,
        **{name: params_after_each_step(torch, name, *row) for name, row in OPTIMIZERS.items()},
        **{name: learning_rates(torch, *row) for name, row in SCHEDULES.items()},
    }
    lines = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
    Path(__file__).with_name("torch.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
