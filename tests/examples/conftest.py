"""What the tests of scripts share: a small Fashion-MNIST."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def clothes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the four files: whole batches of pictures in ten classes, each class one bright pair of rows."""
    folder = tmp_path_factory.mktemp("clothes")
    rng = np.random.default_rng(0)
    for part, n in (("train", 640), ("t10k", 256)):
        labels = rng.integers(0, 10, n).astype(np.uint8)
        images = rng.integers(0, 60, (n, 28, 28)).astype(np.uint8)
        for row in (0, 1):
            images[np.arange(n), 2 * labels + row] = 255
        for name, array in ((f"{part}-images-idx3-ubyte", images), (f"{part}-labels-idx1-ubyte", labels)):
            header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (folder / f"{name}.gz").write_bytes(gzip.compress(header + array.tobytes()))
    return folder
