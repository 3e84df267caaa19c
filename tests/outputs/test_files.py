"""Outputs are written whole, and never fail because somebody is reading the last one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from kobo_crc.errors import ConfigError
from kobo_crc.outputs.files import write

NOW = datetime(2026, 11, 23, 21, 5, 33)
DATED = "report 2026-11-23 210533.xlsx"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file that another program holds, as on Windows: it can be neither replaced nor opened to write."""
    path = tmp_path / "report.xlsx"
    path.write_bytes(b"old")
    replace, opened = Path.replace, Path.open

    def refuse(self: Path, target: Path) -> Path:
        if target == path:
            raise PermissionError(13, "in use")
        return replace(self, target)

    def refuse_open(self: Path, mode: str = "r", *rest: object, **options: object) -> object:
        if self == path and mode == "r+b":
            raise PermissionError(13, "in use")
        return opened(self, mode, *rest, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(Path, "open", refuse_open)
    return path


def test_write__new_folder__makes_it(tmp_path: Path) -> None:
    path = tmp_path / "مركز" / "report.xlsx"
    assert write(path, b"new", now=NOW) == path
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_write__older_one__is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes(b"a longer old one")
    assert write(path, b"new", now=NOW).read_bytes() == b"new"


def test_write__open_elsewhere__dated_beside(held: Path) -> None:
    path = write(held, b"new", now=NOW)
    assert (path.name, path.read_bytes(), held.read_bytes()) == (DATED, b"new", b"old")
    assert sorted(one.name for one in held.parent.iterdir()) == [DATED, "report.xlsx"]


def test_write__folder_is_a_file__says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match="Please check the folder"):
        write(tmp_path / "file" / "report.xlsx", b"new", now=NOW)
