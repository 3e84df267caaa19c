"""Photos and letters of submissions, over real HTTP: fetched once, checked, named safely, erased in time."""

from __future__ import annotations

import os
import shutil
import signal
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc import backups, custody, erasure, pipeline
from kobo_crc.chunks import SealedWriter
from kobo_crc.codes import PERSON_CARD, random_code
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import ATTACHMENT, AUDIT, PROBLEM
from kobo_crc.errors import Fatal, StoreError
from kobo_crc.files import take_out
from kobo_crc.opening import opened
from kobo_crc.runs import OK, Run
from kobo_crc.sealed_files import content, seal_of
from kobo_crc.sealing import DataKey
from kobo_crc.simulator.submissions import Attachment
from kobo_crc.sources.faults import Refused
from kobo_crc.sources.http import Client
from tests.commands import Command, settings_file
from tests.e2e.centre import NOW, Centre, unsealed

AT = datetime(2026, 11, 24, 9, 0)
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
    return with_photos(centre)


def with_photos(centre: Centre) -> Centre:
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

    Where a file's name says `N-…`, it answers the photo of the N-th referral.

    Their links name another host than the server's, as behind a proxy.
    """
    row = centre.world.projects[centre.asset_uid].store.by_id[server_id]
    row.attachments = tuple(
        Attachment(centre.world.ids.uid("att"), name, f"alice/{name}", kind, _question(name, question), content)
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


def _question(name: str, question: str) -> str:
    number, dash, _ = name.partition("-")
    return f"referral[{number}]/photo" if dash and number.isdecimal() else question


def folder(centre: Centre) -> Path:
    return centre.settings.vault.parent / "attachments"


def raw(centre: Centre) -> dict[str, bytes]:
    """What lies in the folder as it lies there, half-fetched files included: path and content."""
    there = folder(centre)
    found = (path for path in there.rglob("*") if path.is_file())
    return {path.relative_to(there).as_posix(): path.read_bytes() for path in found}


def rows(centre: Centre) -> list[tuple[Any, str, DataKey]]:
    """The table of files with each one's own name and its submission's key, in the order of names."""
    with unsealed(centre.settings) as database, database.reading() as connection:
        held = connection.execute(sa.select(ATTACHMENT)).all()
        keys = database.keys.of(connection, [row.submission_id for row in held])
    named = [(row, seal_of(row, keys[row.submission_id]).name, keys[row.submission_id]) for row in held]
    return sorted(named, key=lambda one: (one[0].submission_id, one[1]))


def files(centre: Centre) -> dict[str, bytes]:
    """What lies in the folder, opened: submission and own name, and content. Every file there has its row."""
    there = folder(centre)
    kept = [(row, name, key) for row, name, key in rows(centre) if (there / row.file).exists()]
    assert {row.file for row, _, _ in kept} == {path for path in raw(centre) if not path.startswith(".incoming/")}
    opened = ((f"{row.submission_id}/{name}", b"".join(content(there, row, key))) for row, name, key in kept)
    return dict(opened)


def states(centre: Centre) -> list[str]:
    return [row.state for row, _, _ in rows(centre)]


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
    assert len(files(photos)) == 4 and all(path.startswith("1/att") for path in raw(photos))
    assert not vault.exists() or vault.read_bytes()[:6] == b"SQLite"
    with opened(photos.settings) as database:
        paths = take_out(database, vault, 1, "to try", vault.parent / "out" / "deep", AT)
    assert sorted(path.name for path in paths) == ["A (2).JPG", "_CON.jpg", "a.jpg", "vault.db"]
    assert {path.parent for path in paths} == {vault.parent / "out" / "deep"}


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

    def killed(_: Client, __: str, into: SealedWriter) -> None:
        into.write(JPEG[:150_000])
        into._file.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    def night() -> Run:
        Client.download = killed  # type: ignore[assignment,method-assign]
        return photos.night()

    assert photos.cut(night, step=-1)
    [(path, half)] = raw(photos).items()
    assert path == ".incoming/1.part" and len(half) > 100_000 and b"xxxx" not in half
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
        assert set(files(photos).values()) <= {JPEG}
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


def test_night__kept_file__stands_nowhere_in_the_clear_nor_does_its_name(photos: Centre) -> None:
    attach(photos, photos.submit(), ("زينب id.jpg", "image/jpeg", JPEG))
    photos.night()
    [(path, lies)] = raw(photos).items()
    assert "زينب" not in path and b"JFIF" not in lies and b"xxxx" not in lies
    assert "زينب id".encode() not in photos.vault_bytes()
    assert files(photos) == {"1/زينب id.jpg": JPEG}


def test_rotation__leaves_files_as_they_are_and_they_open(photos: Centre) -> None:
    attach(photos, photos.submit(), ("a.jpg", "image/jpeg", JPEG))
    photos.night()
    before = raw(photos)
    with opened(photos.settings) as database:
        custody.rotate(database, photos.settings, AT)
    assert raw(photos) == before and files(photos) == {"1/a.jpg": JPEG}


def test_kept_file__altered_cut_or_swapped__does_not_open(photos: Centre) -> None:
    for _ in range(2):
        attach(photos, photos.submit(), ("a.jpg", "image/jpeg", JPEG))
    photos.night()
    [first, second] = sorted(raw(photos))
    whole = folder(photos).joinpath(first).read_bytes()
    for broken in (whole[:-1], whole[:65_565], whole + b"x", whole[:9] + b"x" + whole[10:]):
        folder(photos).joinpath(first).write_bytes(broken)
        with pytest.raises(StoreError, match="altered"):
            files(photos)
    folder(photos).joinpath(first).write_bytes(folder(photos).joinpath(second).read_bytes())
    with pytest.raises(StoreError, match="altered"):
        files(photos)


def bare(centre: Centre) -> None:
    """The folder and its table as the version before left them: in the clear, under readable names."""
    there = folder(centre)
    with unsealed(centre.settings) as database:
        for row, name, key in rows(centre):
            path = f"{row.submission_id}/{name}"
            (there / path).write_bytes(b"".join(content(there, row, key)))
            (there / row.file).unlink()
            here = ATTACHMENT.c.attachment_uid == row.attachment_uid
            with database.writing() as connection:
                connection.execute(sa.update(ATTACHMENT).where(here).values(file=path, sealed=None))


@pytest.mark.parametrize("step", [None, *range(1, 30, 3)])
def test_night__files_kept_bare_before__are_sealed_cut_or_not(photos: Centre, step: int | None) -> None:
    for name in ("a.jpg", "b.jpg"):
        attach(photos, photos.submit(), (name, "image/jpeg", JPEG + name.encode()))
    photos.night()
    bare(photos)
    assert sorted(raw(photos)) == ["1/a.jpg", "2/b.jpg"]
    if step is not None:
        photos.cut_night(step)
    photos.night()
    assert files(photos) == {"1/a.jpg": JPEG + b"a.jpg", "2/b.jpg": JPEG + b"b.jpg"}
    assert not [path for path, lies in raw(photos).items() if b"xxxx" in lies or not path.endswith(".sealed")]


def test_files_command__writes_them_out_and_into_the_audit(photos: Centre, kobo_crc: Command) -> None:
    folder = settings_file(photos.settings)
    server_id = photos.submit()
    attach(photos, server_id, ("a.jpg", "image/jpeg", JPEG))
    photos.night()
    out = folder / "for the court"
    words = ["--purpose", "asked by the person", "--into", str(out), "--folder", str(folder)]
    assert kobo_crc("files", str(server_id), *words).code == 0
    assert (out / "a.jpg").read_bytes() == JPEG
    with Database.of(photos.settings) as database, database.reading() as connection:
        c = AUDIT.c
        [told] = connection.execute(sa.select(c.action, c.purpose, c.scope, c.row_count)).all()
    assert tuple(told) == ("files", "asked by the person", f"_id {server_id}", 1)
    assert "No file of _id 999 is kept" in kobo_crc("files", "999", *words).error


ROSA, NUR = (random_code(PERSON_CARD, Random(seed)) for seed in (1, 2))


@pytest.fixture
def shared(photos: Centre) -> Centre:
    """One submission with a referral and a photo of each, Rosa and Nur; and one of Rosa's own with a photo."""
    both = photos.submit(referral=[{"referral/card": ROSA}, {"referral/card": NUR}])
    pictures = [(f"{number}-{name}.jpg", "image/jpeg", JPEG + name.encode()) for number, name in ((1, "r"), (2, "n"))]
    attach(photos, both, *pictures)
    own = photos.submit(remark=ROSA)
    attach(photos, own, ("own.jpg", "image/jpeg", JPEG))
    photos.night()
    assert sorted(files(photos)) == ["1/1-r.jpg", "1/2-n.jpg", "2/own.jpg"]
    return photos


def erase(centre: Centre) -> None:
    with opened(centre.settings) as database:
        erasure.erase(database, centre.settings, ROSA, "to try", AT)


def test_export__files_of_the_person__are_written_out_and_those_of_others_not(shared: Centre, tmp_path: Path) -> None:
    with opened(shared.settings) as database:
        paths = erasure.files_into(database, shared.settings, ROSA, tmp_path / "copy-files")
        none = erasure.files_into(database, shared.settings, random_code(PERSON_CARD, Random(9)), tmp_path / "none")
    assert {path.name: path.read_bytes() for path in paths} == {"1-r.jpg": JPEG + b"r", "own.jpg": JPEG}
    assert none == [] and not (tmp_path / "none").exists()


def test_erase__files_of_the_persons_items__go_and_those_of_others_open(shared: Centre) -> None:
    erase(shared)
    assert files(shared) == {"1/2-n.jpg": JPEG + b"n"}
    shared.night()
    shared.change(1, lambda record: record.update({"given": "edited"}))
    shared.night()
    assert files(shared) == {"1/2-n.jpg": JPEG + b"n"} and shared.outcomes()[-1] == "ok"
    assert shared.rebuild().outcome == "ok"
    assert files(shared) == {"1/2-n.jpg": JPEG + b"n"}


@pytest.mark.parametrize("step", range(1, 6))
def test_erase__killed_at_any_commit__the_next_time_and_night_leave_no_file_of_the_person(
    shared: Centre, step: int
) -> None:
    shared.cut(lambda: erase(shared), step)
    erase(shared)
    shared.night()
    assert files(shared) == {"1/2-n.jpg": JPEG + b"n"}


def test_erase__file_of_a_server_that_names_no_question__goes_by_its_name(photos: Centre) -> None:
    both = photos.submit(
        referral=[{"referral/card": ROSA, "referral/photo": "r.jpg"}, {"referral/photo": "n.jpg", "referral/card": NUR}]
    )
    attach(photos, both, ("r.jpg", "image/jpeg", JPEG), ("n.jpg", "image/jpeg", JPEG), question="")
    want(photos, '["direct"]')
    photos.night()
    assert sorted(files(photos)) == ["1/n.jpg", "1/r.jpg"]
    erase(photos)
    photos.night()
    assert sorted(files(photos)) == ["1/n.jpg"]


def test_restore__brings_back_no_file_of_who_was_erased_since(shared: Centre, tmp_path: Path) -> None:
    copy = backups.back_up(shared.settings, tmp_path / "copies", 30, AT).path
    erase(shared)
    backups.restore(shared.settings, copy, AT)
    shared.rebuild()
    shared.night()
    assert files(shared) == {"1/2-n.jpg": JPEG + b"n"}


def test_restore__onto_another_machine__files_are_fetched_again_where_the_server_has_them(
    centre: Centre, tmp_path: Path
) -> None:
    """The copy of the vault has no files. One is still on the server, one removed there, one's submission deleted."""
    with_photos(centre)
    still, removed, deleted = (add_photo(centre, f"{name}.jpg") for name in "abc")
    centre.night()
    attach(centre, removed)
    centre.night()
    copy = backups.back_up(centre.settings, tmp_path / "copies", 30, AT).path
    aside = shutil.copytree(folder(centre), tmp_path / "aside")
    centre.delete(deleted)
    shutil.rmtree(folder(centre))
    centre.lose_vault()
    backups.restore(centre.settings, copy, AT)
    centre.rebuild()
    run = centre.night()
    assert (run.outcome, files(centre)) == (OK, {"1/a.jpg": JPEG + b"a"})
    assert states(centre) == ["kept", "lost", "erased"] and problems(centre) == ["file_lost"]
    with opened(centre.settings) as database:
        assert take_out(database, centre.settings.vault, still, "to try", tmp_path / "out", AT)
    shutil.copytree(aside / "2", folder(centre) / "2")
    centre.night()
    assert files(centre) == {"1/a.jpg": JPEG + b"a", "2/b.jpg": JPEG + b"b"}
    assert states(centre) == ["kept", "removed", "erased"] and problems(centre) == []


def problems(centre: Centre) -> list[str]:
    """The codes of what is wrong with files."""
    with unsealed(centre.settings) as database, database.reading() as connection:
        return list(connection.execute(sa.select(PROBLEM.c.code).where(PROBLEM.c.step == "attachments")).scalars())


def add_photo(centre: Centre, name: str) -> int:
    server_id = centre.submit()
    attach(centre, server_id, (name, "image/jpeg", JPEG + name[:1].encode()))
    return server_id


def test_night__kept_file_whose_server_lost_it_too__is_asked_for_as_long_as_any_other(photos: Centre) -> None:
    attach(photos, photos.submit(), ("a.jpg", "image/jpeg", JPEG))
    photos.night()
    shutil.rmtree(folder(photos))
    photos.world.faults.order([{"path": "*/attachments/*", "status": 404, "times": 0}])
    later = NOW + timedelta(days=100)
    pipeline.run(photos.settings, "nightly", now=later)
    assert states(photos) == ["waiting"]
    pipeline.run(photos.settings, "nightly", now=later + timedelta(days=31))
    assert states(photos) == ["given_up"]


def test_file__named_twice__is_one(photos: Centre) -> None:
    photos.submit()
    attach(photos, 1, ("1-photo.jpg", "image/jpeg", JPEG))
    row = photos.world.projects[photos.asset_uid].store.by_id[1]
    row.write(row.record | {"_attachments": row.record["_attachments"] * 2})
    run = photos.night()
    assert (run.outcome, run.note) == (OK, "")
    assert len(rows(photos)) == 1


def test_file__that_the_server_refuses__is_told_and_keeps_no_other_from_coming(
    photos: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a storage does that says 403 of what it has lost."""
    for _ in range(2):
        attach(photos, photos.submit(), ("1-photo.jpg", "image/jpeg", JPEG))
    download = Client.download

    def refused(self: Client, address: str, into: SealedWriter) -> None:
        if "/data/1/" in address:
            raise Refused("the server refused the request (403)", 403, "")
        download(self, address, into)

    monkeypatch.setattr(Client, "download", refused)
    with pytest.raises(Refused):
        photos.night()
    assert [row.state for row, _, _ in rows(photos)] == ["waiting", "kept"]
    want(photos, '["none", "quasi"]', days=3)
    with pytest.raises(Refused):
        pipeline.run(photos.settings, "nightly", now=NOW + timedelta(days=4))
    assert pipeline.run(photos.settings, "nightly", now=NOW + timedelta(days=5)).outcome == OK


def test_erase__two_people_of_one_submission_one_after_the_other__each_loses_the_own_photo(photos: Centre) -> None:
    """The server numbers the photos by its own items, of which the first are gone here by then."""
    people = [random_code(PERSON_CARD, Random(seed)) for seed in range(3)]
    photos.submit(referral=[{"referral/number": "", "referral/card": card} for card in people])
    attach(photos, 1, *((f"{number}-photo.jpg", "image/jpeg", JPEG) for number in (1, 2, 3)))
    photos.night()
    for card in people[:2]:
        with opened(photos.settings) as database:
            erasure.erase(database, photos.settings, card, "to try", AT)
        assert photos.night().outcome == OK
    assert [row.question for row, _, _ in rows(photos)] == ["referral[3]/photo"]
    photos.change(1, lambda record: record.update({"given": "edited"}))
    assert photos.night().changed_count == 1
    assert [row.question for row, _, _ in rows(photos) if row.state == "kept"] == ["referral[3]/photo"]
