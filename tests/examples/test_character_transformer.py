"""The transformer that reads and writes Python."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

from .running import is_picture, module, run, script


@pytest.fixture
def made() -> Any:
    return module("character_transformer")


def test_it_learns_and_writes(tmp_path: Path) -> None:
    said, text = script("examples/character_transformer.py", "--quick", "--out", str(tmp_path))
    assert "the gradient of the loss agrees with finite differences" in text
    assert float(said["loss"]) < 0.8 * float(said["loss_before"])
    assert sum(len(line[6:]) + 1 for line in text.splitlines() if line.startswith("    | ")) >= 100
    assert float(said["perplexity"]) == pytest.approx(np.exp(float(said["loss"])), rel=1e-2)
    assert is_picture(said["picture"])


def test_a_temperature_has_to_be_positive() -> None:
    done = run("examples/character_transformer.py", "--temperature", "0")
    assert done.returncode == 2
    assert "got 0.0, expected a number above 0" in done.stderr


def test_text_and_numbers(made: Any) -> None:
    text = made.source(["bisect"])
    assert made.decode(made.encode(text)) == text
    assert made.decode(made.encode("naïve\ttext")) == "na?ve?text"
    x, y = made.pieces(text)
    np.testing.assert_array_equal(x.ravel()[1:], y.ravel()[:-1])
    assert text.startswith(made.decode(x.ravel()))


def test_a_missing_module_is_one_sentence(made: Any) -> None:
    with pytest.raises(tg.errors.MissingFileError, match=r"no_such_module\.py cannot be read"):
        made.source(["no_such_module"])


def test_no_place_sees_a_later_one(made: Any) -> None:
    net = made.transformer()
    params, _ = net.init(tg.random.key(0), (made.LENGTH,))
    seen = np.arange(made.LENGTH) % len(made.ALPHABET)
    other = np.where(np.arange(made.LENGTH) < 40, seen, 0)
    np.testing.assert_array_equal(net(params, seen[None])[0, :40], net(params, other[None])[0, :40])
    shares = made.attention(params, seen)
    np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-5)
    assert not np.triu(shares, 1).any()


def test_cold_writing_takes_the_likeliest(made: Any) -> None:
    net = made.transformer()
    params, _ = net.init(tg.random.key(0), (made.LENGTH,))
    seen = np.zeros(made.LENGTH, int)
    (written,) = made.write(params, seen, tg.random.key(1), 1, 1e-6)
    assert written == np.argmax(net(params, seen[None])[0, -1])
