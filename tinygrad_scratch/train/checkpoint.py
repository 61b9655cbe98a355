"""A run of training in a file: the state, the best one and the history, and the settings they came from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .. import io
from ..compile.jit import make_graph
from ..core.errors import ArgumentError
from .result import Result

_KIND, _VERSION = "tinygrad_scratch.train.fit", 1


class Checkpoint:
    """A file that may be there, with a run under the same settings; or none at all (`file` None)."""

    def __init__(self, file: str | os.PathLike[str] | None, settings: dict[str, Any]) -> None:
        self.path = None if file is None else Path(file)
        self.settings = {"kind": _KIND, "version": _VERSION, **settings}
        self.program: str | None = None  # a digest of what the step does

    def restore(self, start: Result) -> Result:
        """The run in the file; `start` if there is none yet. What is there must have been begun from such a state."""
        if self.path is None:
            return start
        if not self.path.exists():
            self.save(start)  # what cannot be written is said before the work, not after it
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
        self.program = about["program"]
        past = {name: np.zeros(about["epochs"]) for name in about["history"]}
        best = start.state if about["best_epoch"] else None
        found = io.load(self.path, like={"best": best, "history": past, "state": start.state})
        history = {name: found["history"][name].tolist() for name in about["history"]}
        return Result(found["state"], history, found["best"], about["best_epoch"], about["stopped"])

    def recognise(self, step: Callable[..., Any], state: Any, *batch: Any) -> None:
        """Note what the step does to its first batch. Raises ArgumentError if that in the file did something else."""
        if self.path is None:
            return
        program = hashlib.sha256(str(make_graph(step)(state, *batch)).encode()).hexdigest()
        if self.program not in (None, program):
            raise ArgumentError(
                f"fit: {self.path} holds a run of another program: the net, the loss, the optimizer, the learning "
                "rate or the shapes of the batches differ; call fit as before to go on with it, or give another file"
            )
        self.program = program

    def save(self, result: Result) -> None:
        """Write the run, in one step: whoever is killed on the way leaves the file before."""
        if self.path is None:
            return
        numbers = {name: np.array(values) for name, values in result.history.items()}
        about = {"epochs": result.epochs, "best_epoch": result.best_epoch, "stopped": result.stopped}
        about["program"] = self.program
        io.save(
            self.path,
            {"best": result.best, "history": numbers, "state": result.state},
            metadata={**self.settings, **about, "history": list(result.history)},
        )
