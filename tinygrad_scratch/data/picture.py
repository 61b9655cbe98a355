"""A picture of one's own, as the data sets have theirs: small, grey, light on dark, in the middle.

MNIST scales a digit into 20 x 20 pixels and puts its centre of mass in the middle of 28 x 28; Fashion-MNIST scales a
piece of clothing until it fills 28 pixels in one direction, and centres it in the other.

Sources: http://yann.lecun.com/exdb/mnist; Xiao, Rasul and Vollgraf, arXiv:1708.07747, section 2
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ArgumentError, DataError, MissingExtraError, MissingFileError
from .batches import check_count

_MOST_PIXELS = 100_000_000
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
_CONTRAST = 0.1  # below it, there is nothing to be seen
_VISIBLE = 0.15  # of the strongest grey, below which it is background


def picture(
    path: str | os.PathLike[str],
    size: int = 28,
    invert: bool | Literal["auto"] = "auto",
    like: Literal["mnist", "fashion"] = "fashion",
) -> NDArray[np.float32]:
    """The picture in a PNG or JPEG file, of any size and in any colours, as float32 in [0, 1] of shape (size, size).

    The background becomes 0 and the strongest grey 1. `invert` says whether the background is light; "auto" looks at
    the edge of the picture. The thing on it fills the square as in Fashion-MNIST, or is smaller and stands on its
    centre of mass as in MNIST: `like`.

    Raises MissingFileError if there is no such file; DataError if it is no picture, damaged, has more than 100 million
    pixels, or shows nothing; ArgumentError for other options; MissingExtraError without pillow.

    >>> import tempfile
    >>> from PIL import Image
    >>> page = np.full((60, 80, 3), 255, np.uint8)
    >>> page[10:50, 30:40] = 0  # a dark bar on white
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.fromarray(page).save(folder + "/bar.png")
    ...     x = picture(folder + "/bar.png")
    >>> x.shape, x[:, 12].min(), x[:, 0].max()
    ((28, 28), np.float32(1.0), np.float32(0.0))
    """
    check_count("picture", "size", size, least=8)
    if invert not in (True, False, "auto"):
        raise ArgumentError(f"picture: invert={invert!r}, expected True, False or 'auto'; try 'auto'")
    if like not in ("mnist", "fashion"):
        raise ArgumentError(f"picture: like={like!r}, expected 'mnist' or 'fashion'; give the data set")
    grey = _grey(Path(path))
    edge = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    light = edge > 0.5 if invert == "auto" else invert
    above = np.clip(edge - grey if light else grey - edge, 0, 1)
    strongest = above.max()
    if strongest < _CONTRAST:
        side = "darker" if light else "lighter"
        raise DataError(
            f"picture: {path} shows nothing: no place is much {side} than its edge, expected something on a plain "
            "background; try another picture, or say invert=True (dark on light) or False"
        )
    thing = above / strongest
    thing[thing < _VISIBLE] = 0
    rows, columns = (np.flatnonzero(thing.any(axis=axis)) for axis in (1, 0))
    thing = thing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _placed(thing, size, size - 2 * (size // 7) if like == "mnist" else size, by_mass=like == "mnist")


def _grey(path: Path) -> NDArray[np.float32]:
    """The brightness of each pixel in [0, 1], what is transparent on white, turned as the camera says."""
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError as error:
        raise MissingExtraError("picture needs pillow: pip install tinygrad_scratch[viz]") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we have a limit of our own
            file = Image.open(path, formats=_FORMATS)
        with file:
            pixels = file.width * file.height
            image: Any = ImageOps.exif_transpose(file) if pixels <= _MOST_PIXELS else None
    except FileNotFoundError as error:
        raise MissingFileError(f"picture: {path} does not exist, expected a picture; check the path") from error
    except UnidentifiedImageError as error:
        raise _unfit(path, "is no picture", f"one of {', '.join(_FORMATS)}", "save it as PNG or JPEG") from error
    except Image.DecompressionBombError:
        image = None
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what pillow raises for damaged files
        raise _unfit(path, f"cannot be read ({error})", "a whole picture", "save it anew") from error
    if image is None:
        raise _unfit(path, "has too many pixels", f"at most {_MOST_PIXELS:,}", "make it smaller")
    if image.mode.startswith("I"):  # 16 bits, which convert would cut off
        deep = np.asarray(image, np.float32)
        return np.divide(deep, max(65535, float(deep.max())), dtype=np.float32)
    image = image.convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("L")
    return np.asarray(image, np.float32) / np.float32(255)


def _placed(thing: NDArray[np.float32], size: int, box: int, by_mass: bool) -> NDArray[np.float32]:
    """The thing, scaled to fill `box` in its longer direction, in a square of `size`."""
    from PIL import Image

    scale = box / max(thing.shape)
    height, width = (max(1, round(scale * n)) for n in thing.shape)
    small = Image.fromarray(thing).resize((width, height), Image.Resampling.LANCZOS)
    pixels = np.clip(np.asarray(small), 0, 1)
    top, left = (size - height) // 2, (size - width) // 2
    if by_mass:
        total = pixels.sum()
        middle = [
            float((pixels.sum(axis=1 - axis) * np.arange(n)).sum() / total) for axis, n in enumerate(pixels.shape)
        ]
        top, left = (
            int(np.clip(round((size - 1) / 2 - m), 0, size - n)) for m, n in zip(middle, pixels.shape, strict=True)
        )
    square = np.zeros((size, size), np.float32)
    square[top : top + height, left : left + width] = pixels
    return square


def _unfit(path: Path, found: str, expected: str, advice: str) -> DataError:
    return DataError(f"picture: {path} {found}, expected {expected}; {advice}")
