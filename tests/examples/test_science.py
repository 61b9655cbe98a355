"""The scientist's code that learns."""

from pathlib import Path

from .running import is_picture, script


def test_it_finds_rates_and_waves(tmp_path: Path) -> None:
    said, text = script("examples/science.py", "--quick", "--out", str(tmp_path))
    assert text.count("the gradient of the loss agrees with finite differences") == 2
    assert "die" in text
    assert float(said["largest_error_of_rates"]) < 0.5
    assert 0 <= float(said["covered"]) <= 1
    assert is_picture(said["picture"])
