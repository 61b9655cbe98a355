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


def test_the_mode_of_the_old_file_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    for mode in (0o600, 0o444):
        file.chmod(mode)
        with replacing(file) as part:
            part.write_text("new")
        assert file.stat().st_mode & 0o777 == mode
        assert file.read_text() == "new"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "file", tmp_path / "link"
    link.symlink_to(Path("far", "file"))
    for text in ("new", "newer"):
        with replacing(link) as part:
            part.write_text(text)
        assert link.is_symlink()
        assert target.read_text() == text
    assert list(target.parent.iterdir()) == [target]
