"""A run of training in a file: the state, the best one and the history, and the settings they came from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from .. import io
from ..core.errors import ArgumentError
from .result import Result

_KIND, _VERSION = "tinygrad_scratch.train.fit", 1


class Checkpoint:
    """A file that may be there, with a run under the same settings; or none at all (`file` None)."""

    def __init__(self, file: str | os.PathLike[str] | None, settings: dict[str, Any]) -> None:
        self.path = None if file is None else Path(file)
        self.settings = {"kind": _KIND, "version": _VERSION, **settings}

    def restore(self, start: Result) -> Result:
        """The run in the file; `start` if there is none yet. What is there must have been begun from such a state."""
        if self.path is None or not self.path.exists():
            return start
        about = io.load_metadata(self.path)
        if not isinstance(about, dict) or about.get("kind") != _KIND:
            raise ArgumentError(f"fit: {self.path} holds a tree, but no run of fit; give another file as checkpoint")
        for name, value in self.settings.items():
            if about.get(name) != value:
                raise ArgumentError(
                    f"fit: {self.path} holds a run with {name}={about.get(name)!r}, got {value!r}; call fit as before "
                    "to go on with it, or give another file to begin anew"
                )
        past = {name: np.zeros(about["epochs"]) for name in about["history"]}
        best = start.state if about["best_epoch"] else None
        found = io.load(self.path, like={"best": best, "history": past, "state": start.state})
        history = {name: found["history"][name].tolist() for name in about["history"]}
        return Result(found["state"], history, found["best"], about["best_epoch"], about["stopped"])

    def save(self, result: Result) -> None:
        """Write the run, in one step: whoever is killed on the way leaves the file before."""
        if self.path is None:
            return
        numbers = {name: np.array(values) for name, values in result.history.items()}
        about = {"epochs": result.epochs, "best_epoch": result.best_epoch, "stopped": result.stopped}
        io.save(
            self.path,
            {"best": result.best, "history": numbers, "state": result.state},
            metadata={**self.settings, **about, "history": list(result.history)},
        )
