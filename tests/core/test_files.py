"""Files take their name whole, or not at all."""

from pathlib import Path

import pytest

from tinygrad_scratch.core.files import replacing


def test_the_name_is_taken_when_the_block_ends(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "file"
    for text in ("old", "new"):
        with replacing(file) as part:
            part.write_text(text)
            assert not file.exists() or file.read_text() == "old"
        assert file.read_text() == text
        assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_alone(tmp_path: Path, error: type[BaseException]) -> None:
    file = tmp_path / "file"
    file.write_text("old")

    def fail() -> None:
        with replacing(file) as part:
            part.write_text("half of it")
            raise error

    with pytest.raises(error):
        fail()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with replacing(file) as first, replacing(file) as second:
        first.write_text("outer")
        second.write_text("inner")
    assert file.read_text() == "outer"
    assert list(tmp_path.iterdir()) == [file]
