"""Data to learn from: IDX files, MNIST and Fashion-MNIST, small sample sets, pictures of one's own, and batches.

>>> import tinygrad_scratch as tg
>>> from tinygrad_scratch.data import batches, spiral
>>> x, y = spiral(samples=100, classes=3)
>>> for x_batch, y_batch in batches((x, y), size=128, key=tg.random.key(0)):
...     print(x_batch.shape, y_batch.shape)
(128, 2) (128,)
(128, 2) (128,)
(44, 2) (44,)
"""

from .batches import batches, num_batches
from .idx import read_idx
from .images import FASHION_MNIST_NAMES, Dataset, fashion_mnist, load_idx_folder, mnist
from .picture import picture
from .prefetch import prefetch
from .samples import blobs, digits, plane, sine, spiral, surface, wave

__all__ = [
    "FASHION_MNIST_NAMES",
    "Dataset",
    "batches",
    "blobs",
    "digits",
    "fashion_mnist",
    "load_idx_folder",
    "mnist",
    "num_batches",
    "picture",
    "plane",
    "prefetch",
    "read_idx",
    "sine",
    "spiral",
    "surface",
    "wave",
]
