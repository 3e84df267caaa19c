"""Photos and letters of submissions, over real HTTP: fetched once, checked, named safely, erased in time."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import sqlalchemy as sa

from kobo_crc import pipeline
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import ATTACHMENT, PROBLEM
from kobo_crc.errors import Fatal, StoreError
from kobo_crc.runs import Run
from kobo_crc.simulator.submissions import Attachment
from kobo_crc.sources.http import Client
from tests.e2e.centre import NOW, Centre

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"x" * 200_000
PDF = b"%PDF-1.7 " + b"y" * 300

# The small form with a photo for each referral, a letter without a class, and a recording that names people.
ROWS = """|        | image | photo | Photo | صورة | وێنە | quasi | - | |
|        | end_repeat |
|        | file | letter | Letter | رسالة | نامە | | - | |
|        | audio | voice | Voice | صوت | دەنگ | direct | - | |
"""


@pytest.fixture
def photos(centre: Centre) -> Centre:
    """The centre, with files wanted of questions that are `none` or `quasi`."""
    form = centre.settings.forms / "small.md"
    text = form.read_text(encoding="utf-8")
    end = next(line for line in text.splitlines(keepends=True) if "end_repeat" in line)
    width = end.count("|")
    rows = "".join(padded(row, width) + "\n" for row in ROWS.splitlines())
    form.write_text(text.replace(end, rows), encoding="utf-8")
    want(centre, '["none", "quasi"]')
    return centre


def padded(row: str, width: int) -> str:
    return row.rstrip() + " |" * (width - row.count("|"))


def want(centre: Centre, classes: str, days: int = 30) -> None:
    (centre.settings.pipelines / "nightly.toml").write_text(
        'title = "Test"\nforms = ["small"]\nsteps = ["pull", "load", "attachments", "derive"]\n'
        f"attachments = {classes}\nattachment_days = {days}\n",
        encoding="utf-8",
    )


def attach(centre: Centre, server_id: int, *files: tuple[str, str, bytes], question: str = "referral[1]/photo") -> None:
    """Files arrive at the server, or take the place of those there: (name, media type, content).

    Their links name another host than the server's, as behind a proxy.
    """
    row = centre.world.projects[centre.asset_uid].store.by_id[server_id]
    row.attachments = tuple(
        Attachment(centre.world.ids.uid("att"), name, f"alice/{name}", kind, question, content)
        for name, kind, content in files
    )
    base = f"https://files.example.org/api/v2/assets/{centre.asset_uid}/data/{server_id}/attachments"
    row.write(
        row.record
        | {
            "_attachments": [
                {
                    "download_url": f"{base}/{file.uid}/",
                    "filename": file.filename,
                    "media_file_basename": file.basename,
                    "mimetype": file.mimetype,
                    "uid": file.uid,
                    "is_deleted": False,
                    "question_xpath": file.xpath,
                }
                for file in row.attachments
            ]
        }
    )


def folder(centre: Centre) -> Path:
    return centre.settings.vault.parent / "attachments"


def files(centre: Centre) -> dict[str, bytes]:
    """What lies in the folder, half-fetched files included: path and content."""
    there = folder(centre)
    found = (path for path in there.rglob("*") if path.is_file())
    return {path.relative_to(there).as_posix(): path.read_bytes() for path in found}


def states(centre: Centre) -> list[str]:
    with Database.of(centre.settings) as database, database.reading() as connection:
        return list(connection.execute(sa.select(ATTACHMENT.c.state).order_by(ATTACHMENT.c.file)).scalars())


def file_problems(centre: Centre) -> list[tuple[str, str]]:
    query = sa.select(PROBLEM.c.code, PROBLEM.c.path).where(PROBLEM.c.step == "attachments")
    with Database.of(centre.settings) as database, database.reading() as connection:
        return [tuple(row) for row in connection.execute(query)]


def later(centre: Centre, days: int) -> Run:
    return pipeline.run(centre.settings, "nightly", now=NOW + timedelta(days=days))


@pytest.fixture
def requests(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The addresses of files that the server was asked for."""
    asked: list[str] = []
    strike = centre.world.faults.strike

    def noted(method: str, path: str) -> Any:
        if "/attachments/" in path:
            asked.append(path)
        return strike(method, path)

    monkeypatch.setattr(centre.world.faults, "strike", noted)
    yield asked


def test_night__wanted_file__is_kept_whole_and_fetched_once(photos: Centre, requests: list[str]) -> None:
    server_id = photos.submit()
    attach(photos, server_id, ("صورة ١.jpg", "image/jpeg", JPEG))
    photos.night()
    photos.night()
    assert files(photos) == {"1/صورة ١.jpg": JPEG}
    assert len(requests) == 1 and photos.outcomes() == ["ok", "ok"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in the folder")
def test_night__kept_file__is_for_its_own_account_alone(photos: Centre) -> None:
    attach(photos, photos.submit(), ("a.jpg", "image/jpeg", JPEG))
    photos.night()
    for path in [folder(photos), *folder(photos).rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize("question", ["letter", "voice", "added_on_the_server", ""])
def test_night__file_of_a_class_not_listed__stays_on_the_server(
    photos: Centre, requests: list[str], question: str
) -> None:
    attach(photos, photos.submit(), ("a.pdf", "application/pdf", PDF), question=question)
    photos.night()
    assert files(photos) == {} and requests == [] and states(photos) == []


def test_night__class_listed_later__brings_the_files_of_old_submissions(photos: Centre) -> None:
    attach(photos, photos.submit(), ("a.pdf", "application/pdf", PDF), question="letter")
    photos.night()
    want(photos, '["quasi", "direct"]')
    photos.night()
    assert files(photos) == {"1/a.pdf": PDF}


def test_night__names_with_tricks_and_clashes__stay_below_the_folder(photos: Centre) -> None:
    names = ["../../vault.db", "CON.jpg", "a.jpg", "A.JPG"]
    attach(photos, photos.submit(), *[(name, "image/jpeg", JPEG) for name in names])
    vault = photos.settings.vault
    photos.night()
    assert sorted(files(photos)) == ["1/A (2).JPG", "1/_CON.jpg", "1/a.jpg", "1/vault.db"]
    assert vault.read_bytes()[:6] == b"SQLite"


def test_night__late_file__comes_with_the_night_after(photos: Centre) -> None:
    server_id = photos.submit()
    photos.night()
    attach(photos, server_id, ("a.jpg", "image/jpeg", JPEG))
    photos.night()
    assert files(photos) == {"1/a.jpg": JPEG}


def test_night__file_of_another_kind__is_refused_and_named(photos: Centre, requests: list[str]) -> None:
    attach(photos, photos.submit(), ("a.jpg", "image/jpeg", b"MZ" + JPEG))
    photos.night()
    photos.night()
    assert files(photos) == {} and states(photos) == ["refused"] and len(requests) == 1
    assert file_problems(photos) == [("file_not_as_declared", "referral[1]/photo")]
    photos.rebuild()
    assert file_problems(photos) == [("file_not_as_declared", "referral[1]/photo")]


def test_night__file_never_given__is_asked_for_until_the_age_limit(photos: Centre, requests: list[str]) -> None:
    want(photos, '["quasi"]', days=2)
    attach(photos, photos.submit(), ("a.jpg", "image/jpeg", JPEG))
    photos.world.faults.order([{"path": "*/attachments/*", "status": 404, "times": 0}])
    found = []
    for day in range(5):
        later(photos, day)
        found.append((states(photos), len(requests), len(file_problems(photos))))
    assert found == [
        (["waiting"], 1, 0),
        (["waiting"], 2, 0),
        (["waiting"], 3, 0),
        (["given_up"], 4, 1),
        (["given_up"], 4, 1),
    ]


@pytest.mark.parametrize("fault", [{"kind": "cut"}, {"kind": "html", "status": 200}, {"kind": "status", "status": 503}])
def test_night__download_broken_off_once__is_whole_in_the_end(
    photos: Centre, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kobo_crc.sources.http.time.sleep", lambda _: None)
    monkeypatch.setattr("urllib3.util.retry.time.sleep", lambda _: None)
    attach(photos, photos.submit(), ("a.jpg", "image/jpeg", JPEG))
    photos.world.faults.order([{"path": "*/attachments/*", "times": 1, **fault}])
    assert photos.night().note == ""
    assert states(photos) == ["kept"]
    assert files(photos) == {"1/a.jpg": JPEG} and photos.outcomes() == ["ok"]


def test_night__server_that_gives_no_file__ends_incomplete_and_the_next_brings_all(
    photos: Centre, requests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    photos.settings = photos.settings.model_copy(update={"retries": 0})
    for _ in range(5):
        attach(photos, photos.submit(), ("a.jpg", "image/jpeg", JPEG))
    photos.world.faults.order([{"path": "*/attachments/*", "kind": "cut", "times": 0}])
    entry = photos.night()
    assert entry.outcome == "incomplete" and "files are still to come" in entry.note
    assert files(photos) == {} and len(requests) == 3
    photos.world.faults.clear()
    photos.night()
    assert len(files(photos)) == 5 and photos.outcomes() == ["incomplete", "ok"]


def test_night__submission_deleted__its_files_go(photos: Centre) -> None:
    doomed, other = photos.submit(), photos.submit()
    for server_id in (doomed, other):
        attach(photos, server_id, ("a.jpg", "image/jpeg", JPEG))
    photos.night()
    photos.delete(doomed)
    photos.night()
    assert list(files(photos)) == ["2/a.jpg"] and states(photos) == ["erased", "kept"]


def test_night__deleted_submission_put_back__has_its_files_again(photos: Centre) -> None:
    server_id = photos.submit()
    attach(photos, server_id, ("a.jpg", "image/jpeg", JPEG))
    photos.night()
    row = photos.world.projects[photos.asset_uid].store.by_id[server_id]
    photos.delete(server_id)
    photos.night()
    assert files(photos) == {}
    photos.world.projects[photos.asset_uid].store.add(row)
    photos.night()
    assert files(photos) == {"1/a.jpg": JPEG} and states(photos) == ["kept"]


def test_crash__in_the_middle_of_a_file__leaves_nothing_under_its_name(photos: Centre) -> None:
    attach(photos, photos.submit(), ("a.jpg", "image/jpeg", JPEG))

    def killed(_: Client, __: str, into: BinaryIO) -> None:
        into.write(JPEG[:1000])
        into.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    def night() -> Run:
        Client.download = killed  # type: ignore[assignment,method-assign]
        return photos.night()

    assert photos.cut(night, step=-1)
    assert files(photos) == {".incoming/1.part": JPEG[:1000]}
    photos.night()
    assert files(photos) == {"1/a.jpg": JPEG} and states(photos) == ["kept"]


def test_night__file_removed_on_the_server__stays_and_is_marked(photos: Centre) -> None:
    server_id = photos.submit()
    attach(photos, server_id, ("a.jpg", "image/jpeg", JPEG))
    photos.night()
    attach(photos, server_id, ("b.jpg", "image/jpeg", JPEG + b"2"))
    photos.night()
    assert sorted(files(photos)) == ["1/a.jpg", "1/b.jpg"] and states(photos) == ["removed", "kept"]


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_crash__at_any_step__leaves_no_half_file_and_the_next_night_has_all(photos: Centre, first: int) -> None:
    attach(photos, photos.submit(), ("a.jpg", "image/jpeg", JPEG))
    photos.submit()
    for step in range(first, first + 20):
        photos.cut_night(step)
        assert set(files(photos).values()) <= {JPEG} or folder(photos).joinpath(".incoming").exists()
        assert all(content == JPEG for path, content in files(photos).items() if not path.startswith(".incoming/"))
    photos.night()
    assert files(photos) == {"1/a.jpg": JPEG} and states(photos) == ["kept"]


def test_night__folder_that_takes_no_file__is_one_fault(photos: Centre) -> None:
    attach(photos, photos.submit(), ("a.jpg", "image/jpeg", JPEG))
    folder(photos).write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot take a file"):
        photos.night()
    folder(photos).unlink()
    photos.night()
    assert files(photos) == {"1/a.jpg": JPEG}


def test_night__token_refused_for_files__is_a_fault(photos: Centre) -> None:
    attach(photos, photos.submit(), ("a.jpg", "image/jpeg", JPEG))
    photos.world.faults.order([{"path": "*/attachments/*", "status": 401, "times": 0}])
    with pytest.raises(Fatal, match="token"):
        photos.night()
