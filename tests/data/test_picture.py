"""Pictures of one's own: whatever the file, they come as those of the data sets."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_scratch.core.errors import ArgumentError, DataError, MissingExtraError, MissingFileError
from tinygrad_scratch.data import picture

PAGE = np.full((60, 90), 255, np.uint8)
PAGE[10:50, 30:40] = 0  # a bar, 40 high and 10 wide
BAR = np.zeros((28, 28))
BAR[:, 10:17] = 1  # 28 high and 7 wide


@pytest.fixture(autouse=True)
def _pillow() -> None:
    pytest.importorskip("PIL")


def saved(folder: Path, pixels: Any, name: str = "a.png", mode: str | None = None, **options: Any) -> Path:
    from PIL import Image

    image = Image.fromarray(np.asarray(pixels))
    (image if mode is None else image.convert(mode)).save(folder / name, **options)
    return folder / name


def test_dark_on_light_becomes_light_on_dark_in_the_middle(tmp_path: Path) -> None:
    x = picture(saved(tmp_path, PAGE))
    assert x.dtype == np.float32
    assert x.shape == (28, 28)
    np.testing.assert_allclose(x, BAR, atol=0.15)
    assert x[:, :9].max() == x[:, 18:].max() == 0


def test_digits_stand_on_their_centre_of_mass(tmp_path: Path) -> None:
    page = PAGE.copy()
    page[40:50, 30:70] = 0  # an L, 40 high and 40 wide, whose mass is low and left
    x = picture(saved(tmp_path, page), like="mnist")
    rows, columns = (np.flatnonzero(x.any(axis=axis)) for axis in (1, 0))
    assert len(rows) == len(columns) == 20
    middle = [float((x.sum(axis=1 - axis) * np.arange(28)).sum() / x.sum()) for axis in (0, 1)]
    np.testing.assert_allclose(middle, 13.5, atol=0.6)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "LA"])
def test_all_kinds_of_pixels_are_read(tmp_path: Path, mode: str) -> None:
    np.testing.assert_allclose(picture(saved(tmp_path, PAGE, mode=mode)), BAR, atol=0.15)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpegs_are_read(tmp_path: Path, mode: str) -> None:
    np.testing.assert_allclose(picture(saved(tmp_path, PAGE, "a.jpg", mode, quality=95)), BAR, atol=0.2)


def test_sixteen_bits_are_not_cut_off(tmp_path: Path) -> None:
    deep = np.where(PAGE == 0, 10_000, 40_000).astype(np.uint16)  # 8 bits would make it all white
    np.testing.assert_allclose(picture(saved(tmp_path, deep)), BAR, atol=0.15)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    pixels = np.zeros((60, 90, 4), np.uint8)  # black, and transparent but for the bar
    pixels[..., 3] = 255 - PAGE
    np.testing.assert_allclose(picture(saved(tmp_path, pixels)), BAR, atol=0.15)


def test_the_camera_may_be_turned(tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    x = picture(saved(tmp_path, PAGE, "a.jpg", exif=exif, quality=95))
    np.testing.assert_allclose(x, BAR.T, atol=0.25)


@given(st.integers(0, 1000))
def test_negatives_are_the_same_picture(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(seed)
    height, width = rng.integers(3, 80, 2)
    page = np.full((height + 2, width + 2), 230, np.uint8)
    page[1:-1, 1:-1] = rng.integers(0, 231, (height, width))
    page[1, 1] = 0
    dark, light = saved(folder, page, "dark.png"), saved(folder, 255 - page, "light.png")
    x = picture(dark)
    np.testing.assert_allclose(x, picture(light), atol=1e-6)
    np.testing.assert_array_equal(x, picture(dark, invert=True))
    np.testing.assert_allclose(x, picture(light, invert=False), atol=1e-6)
    assert 0 <= x.min() <= x.max() <= 1


@pytest.mark.parametrize("size", [8, 28, 32, 100])
@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (300, 2), (5, 5)])
@pytest.mark.parametrize("like", ["mnist", "fashion"])
def test_any_shape_fits_any_size(tmp_path: Path, size: int, shape: tuple[int, int], like: Any) -> None:
    page = np.pad(np.zeros(shape, np.uint8), 3, constant_values=255)
    x = picture(saved(tmp_path, page), size, like=like)
    assert x.shape == (size, size)
    assert x.max() > 0.5
    assert max(x.any(axis=0).sum(), x.any(axis=1).sum()) == (size if like == "fashion" else size - 2 * (size // 7))


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"%!PS-Adobe-3.0 EPSF-3.0"])
def test_what_is_no_picture_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"picture: .*a\.png (is no picture|cannot be read)"):
        picture(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_pictures_cut_short_are_a_sentence(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, np.random.default_rng(0).integers(0, 255, (60, 60), np.uint8), name)
    whole = path.read_bytes()
    for cut in range(1, len(whole) - 12, 97):
        path.write_bytes(whole[:cut])
        with pytest.raises(DataError, match=r"picture: .*a\..* (is no picture|cannot be read)"):
            picture(path)


@given(st.sampled_from(["png", "jpg", "gif", "bmp", "webp"]), st.data())
def test_damaged_pictures_are_read_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    path = saved(tmp_path_factory.mktemp("pictures"), PAGE, f"a.{kind}", "RGB")
    content = bytearray(path.read_bytes())
    places = st.integers(0, len(content) - 1)
    for place, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8)):
        content[place] = byte
    path.write_bytes(content)
    with contextlib.suppress(DataError):
        x = picture(path)
        assert x.shape == (28, 28)
        assert np.isfinite(x).all()


def test_missing_files_and_folders_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"picture: .*none\.png does not exist"):
        picture(tmp_path / "none.png")
    with pytest.raises(DataError, match=r"picture: .* cannot be read \(.*Is a directory"):
        picture(tmp_path)


def test_huge_pictures_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    path = saved(tmp_path, PAGE)
    with monkeypatch.context() as patch:
        patch.setattr(sys.modules[picture.__module__], "_MOST_PIXELS", 60 * 90 - 1)
        with pytest.raises(DataError, match=r"picture: .*a\.png has too many pixels, expected at most 5,399"):
            picture(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match="has too many pixels"):
        picture(path)


@pytest.mark.parametrize(("grey", "invert"), [(255, "auto"), (0, "auto"), (128, True), (128, False)])
def test_blank_pictures_are_a_sentence(tmp_path: Path, grey: int, invert: Any) -> None:
    with pytest.raises(DataError, match=r"picture: .*a\.png shows nothing: no place is much"):
        picture(saved(tmp_path, np.full((20, 20), grey, np.uint8)), invert=invert)


def test_dark_on_light_shows_nothing_light_on_dark(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no place is much lighter than its edge"):
        picture(saved(tmp_path, PAGE), invert=False)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"size": 7}, "size=7, expected an integer of at least 8"),
        ({"invert": "no"}, "invert='no', expected True, False or 'auto'"),
        ({"like": "cifar"}, "like='cifar', expected 'mnist' or 'fashion'"),
    ],
)
def test_other_options_are_refused(options: Any, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=f"picture: {sentence}"):
        picture("a.png", **options)


def test_missing_pillow_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtraError, match=r"pip install tinygrad_scratch\[viz\]"):
        picture(os.devnull)
