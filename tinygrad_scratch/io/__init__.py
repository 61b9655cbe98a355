"""Trees in files: weights and states as safetensors (`.safetensors`) or NumPy's `.npz`, by the ending of the name.

An array has the name of its path in the tree ("0/w"), so that other programs can read it; in a key "%", "/", "\\\\"
and control characters are percent-encoded, as in URLs. The structure stands beside the arrays as JSON, and with it all
that is no array: None, numbers, strings. Nothing is pickled, so a file from elsewhere can do no harm; a file of which
a bit has changed is refused, by its checksums.

dict, OrderedDict, list and tuple come back by themselves. NamedTuples, dataclasses and registered classes are not in
the file but in a program: `load(file, like=tree)` takes them from a tree of the same structure.

>>> import pathlib, tempfile
>>> import numpy as np, tinygrad_scratch as tg
>>> with tempfile.TemporaryDirectory() as folder:
...     file = pathlib.Path(folder, "weights.npz")
...     tg.io.save(file, [{"w": np.ones(2)}, 0.5], metadata={"epoch": 3})
...     tg.io.load(file), tg.io.load_metadata(file), sorted(np.load(file))
([{'w': array([1., 1.])}, 0.5], {'epoch': 3}, ['0/w', '__metadata__.json'])
"""

from .model import Model, load_model, save_model
from .trees import load, load_metadata, save

__all__ = ["Model", "load", "load_metadata", "load_model", "save", "save_model"]
