"""Downloads: the whole, right file under the final name, or nothing. All sources are local."""

import hashlib
import io
import os
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from http.client import IncompleteRead
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from tinygrad_scratch.core.cache import cache_folder
from tinygrad_scratch.core.errors import DataError
from tinygrad_scratch.data.download import download

CONTENT = bytes(range(256)) * 1000
MD5 = hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "source.bin"
    path.write_bytes(CONTENT)
    return path.as_uri()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "deep" / "file.bin"


class Reader(io.BytesIO):
    """A response that gives one piece and then fails."""

    def __init__(self, error: BaseException | None, headers: Any = ()) -> None:
        super().__init__(CONTENT)
        self.error = error
        self.headers = dict(headers)

    def read(self, size: int | None = -1) -> bytes:
        if self.error is not None and self.tell():
            raise self.error
        return super().read(size)


def test_download_saves_the_file(source: str, target: Path) -> None:
    download(source, target, MD5)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]


def test_download_takes_capital_checksum_and_str_path(source: str, target: Path) -> None:
    download(source, str(target), MD5.upper())
    assert target.read_bytes() == CONTENT


def test_download_wrong_checksum_leaves_nothing(source: str, target: Path) -> None:
    with pytest.raises(DataError) as caught:
        download(source, target, "0" * 32)
    assert f"{source} has the MD5 checksum {MD5}, expected {'0' * 32}" in str(caught.value)
    assert "try again" in str(caught.value)
    assert list(target.parent.iterdir()) == []


def test_download_failure_keeps_the_old_file(source: str, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(b"old")
    with pytest.raises(DataError, match="MD5"):
        download(source, target, "0" * 32)
    assert target.read_bytes() == b"old"
    download(source, target, MD5)
    assert target.read_bytes() == CONTENT


def test_download_missing_source(tmp_path: Path, target: Path) -> None:
    url = (tmp_path / "none").as_uri()
    with pytest.raises(DataError) as caught:
        download(url, target, MD5)
    assert f"download: {url} could not be saved as {target}" in str(caught.value)
    assert "check the network" in str(caught.value)
    assert "folder=" in str(caught.value)
    assert list(target.parent.iterdir()) == []


def test_download_no_url_at_all(target: Path) -> None:
    with pytest.raises(DataError, match="unknown url type"):
        download("nonsense", target, MD5)


def test_download_folder_cannot_be_made(source: str, tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(DataError, match="writable folder"):
        download(source, tmp_path / "plain" / "below", MD5)


@pytest.mark.parametrize(
    "error", [ConnectionResetError("reset by peer"), TimeoutError("timed out"), IncompleteRead(b"", 9)], ids=repr
)
def test_download_that_breaks_off_is_data_error(monkeypatch: pytest.MonkeyPatch, target: Path, error: Any) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: Reader(error))
    with pytest.raises(DataError) as caught:
        download("http://example.org/a.gz", target, MD5)
    assert str(error) in str(caught.value)
    assert "http://example.org/a.gz" in str(caught.value)
    assert list(target.parent.iterdir()) == []


def test_download_killed_halfway_leaves_nothing(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: Reader(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        download("http://example.org/a.gz", target, MD5)
    assert list(target.parent.iterdir()) == []


def test_download_shows_no_final_name_before_the_end(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    seen = []

    class Watching(Reader):
        def read(self, size: int | None = -1) -> bytes:
            seen.append([path.name for path in target.parent.iterdir()])
            return io.BytesIO.read(self, size)

    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: Watching(None))
    download("http://example.org/a.gz", target, MD5)
    assert len(seen) > 2
    assert all(len(names) == 1 and names[0].endswith(".part") for names in seen)
    assert target.read_bytes() == CONTENT


def test_download_takes_its_name_in_one_step_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, source: str, target: Path
) -> None:
    def refuse(old: Path, new: Path) -> None:
        assert (old.parent, old.read_bytes(), new) == (target.parent, CONTENT, target)
        raise PermissionError("file in use")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(DataError, match="file in use"):
        download(source, target, MD5)
    assert list(target.parent.iterdir()) == []


def test_download_server_says_no(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    def refuse(url: str, timeout: float) -> None:
        raise HTTPError(url, 404, "Not Found", Message(), None)

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(DataError, match="HTTP Error 404: Not Found"):
        download("http://example.org/a.gz", target, MD5)


def test_download_damaged_length_is_data_error(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    headers = {"Content-Length": "many"}
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: Reader(None, headers))
    with pytest.raises(DataError, match="invalid literal"):
        download("http://example.org/a.gz", target, MD5)


def test_download_many_at_once(source: str, target: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: download(source, target, MD5), range(16)))
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]


def test_download_shows_a_bar_with_tqdm(source: str, target: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    download(source, target, MD5)
    assert "source.bin: 100%" in capfd.readouterr().err


def test_download_is_silent_without_tqdm(
    monkeypatch: pytest.MonkeyPatch, source: str, target: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    download(source, target, MD5)
    assert target.read_bytes() == CONTENT
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in "TINYGRAD_SCRATCH_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA":
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    return monkeypatch


def test_cache_folder_of_its_own_variable(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("XDG_CACHE_HOME", "elsewhere")
    bare.setenv("TINYGRAD_SCRATCH_CACHE", "mine")
    assert cache_folder() == Path("mine")


def test_cache_folder_respects_xdg(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("XDG_CACHE_HOME", "elsewhere")
    assert cache_folder() == Path("elsewhere", "tinygrad_scratch")


@pytest.mark.parametrize(
    ("platform", "usual"), [("linux", ".cache"), ("darwin", "Library/Caches"), ("win32", "AppData/Local")]
)
def test_cache_folder_of_the_platform(bare: pytest.MonkeyPatch, platform: str, usual: str) -> None:
    bare.setattr(sys, "platform", platform)
    bare.setenv("TINYGRAD_SCRATCH_CACHE", "")
    assert cache_folder() == Path("home", usual, "tinygrad_scratch")
    bare.setenv("LOCALAPPDATA", "local")
    assert (cache_folder() == Path("local", "tinygrad_scratch")) == (platform == "win32")
