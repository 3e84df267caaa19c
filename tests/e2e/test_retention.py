"""Data past its time, over real HTTP: counted, erased with the server's copies, never brought back."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc import pipeline, retention
from kobo_crc.cli import keeping
from kobo_crc.codes import PERSON_CARD, random_code
from kobo_crc.config import Settings, load_pipeline
from kobo_crc.database.metadata import AUDIT, LANDED
from kobo_crc.erasure import delete_overdue_on_server
from kobo_crc.errors import ConfigError, StoreError
from kobo_crc.opening import opened
from kobo_crc.retention.due import DELETED, PEOPLE, UNNAMED, Line
from kobo_crc.runs import OK
from tests.commands import Command, settings_file
from tests.e2e.centre import NOW, Centre, unsealed

AT = NOW.replace(tzinfo=None) + timedelta(hours=2)
OLD, NEW = "2024-03-01T10:00:00", "2026-11-01T10:00:00"
ROSA, NUR, SAMI = (random_code(PERSON_CARD, Random(seed)) for seed in (1, 2, 3))


@pytest.fixture
def old_centre(centre: Centre) -> Centre:
    """Rosa came long ago, twice. Nur came long ago and again. Sami's referral of long ago is still open. Somebody
    unknown came long ago."""
    form = centre.settings.forms / "small.md"
    text = form.read_text(encoding="utf-8")
    remark = next(line for line in text.splitlines() if "| remark" in line)
    cells = remark.split("|")
    cells[7], cells[8] = " quasi ", " visit.person_code "
    form.write_text(text.replace(remark, "|".join(cells)), encoding="utf-8")
    for card, at, open_referrals in ((ROSA, OLD, 0), (ROSA, OLD, 0), (NUR, OLD, 0), (NUR, NEW, 0), (SAMI, OLD, 1)):
        centre.submit(remark=card, referrals=open_referrals, given=f"of-{card[:3]}", _submission_time=at)
    centre.submit(referrals=0, given="unknown", _submission_time=OLD)
    centre.settings = kept(centre.settings, keep_people_months=24)
    assert centre.night().outcome == OK
    return centre


def kept(settings: Settings, **keys: Any) -> Settings:
    return settings.model_copy(update={"keep_decided_by": "focal point, 2026-11-01", **keys})


def due(centre: Centre) -> list[Line]:
    with opened(centre.settings) as database:
        return retention.find(database, centre.settings, AT).lines()


def erase(centre: Centre) -> None:
    with opened(centre.settings) as database:
        retention.erase(database, centre.settings, retention.find(database, centre.settings, AT), AT)
    pipeline.load(centre.settings, "nightly")
    with opened(centre.settings) as database:
        database.scrub()


def told(centre: Centre) -> list[tuple[str, str, int]]:
    """The audit of what was erased."""
    c = AUDIT.c
    with unsealed(centre.settings) as database, database.reading() as connection:
        query = sa.select(c.purpose, c.scope, c.row_count).where(c.action == "retention")
        return [tuple(row) for row in connection.execute(query)]


def test_find__nothing_set__says_who_must_decide(old_centre: Centre) -> None:
    old_centre.settings = old_centre.settings.model_copy(update={"keep_people_months": 0})
    with pytest.raises(ConfigError, match="whoever answers for data protection"):
        due(old_centre)


def test_find__counts_by_purpose_and_centre__and_who_waits(old_centre: Centre) -> None:
    assert due(old_centre) == [Line(PEOPLE, "jalawla", 1, 2, 1)]
    old_centre.settings = kept(old_centre.settings, keep_unnamed_months=12)
    assert due(old_centre) == [Line(PEOPLE, "jalawla", 1, 2, 1), Line(UNNAMED, "jalawla", 1, 1, 0)]
    old_centre.settings = kept(old_centre.settings, keep_people_months=36, keep_unnamed_months=36)
    assert due(old_centre) == []


def test_erase__those_past_their_time__and_nobody_else(old_centre: Centre) -> None:
    before = old_centre.rows()
    erase(old_centre)
    assert ROSA.encode() not in old_centre.on_disk()
    after = old_centre.rows()
    assert [row for row in before["visit"] if row[0] > 2] == after["visit"]
    assert {row[0] for row in after["identity"]} == {3, 4, 5, 6}
    assert told(old_centre) == [("time over, as decided by focal point, 2026-11-01", "people jalawla", 2)]
    assert due(old_centre) == [Line(PEOPLE, "jalawla", 0, 0, 1)]
    assert (old_centre.night().outcome, old_centre.rows()) == (OK, after)


def test_erase__unnamed_past_their_time__go_without_a_card(old_centre: Centre) -> None:
    old_centre.settings = kept(old_centre.settings, keep_people_months=0, keep_unnamed_months=12)
    erase(old_centre)
    assert {row[0] for row in old_centre.rows()["visit"]} == {1, 2, 3, 4, 5}


def test_erase__on_the_server__and_the_next_night_is_quiet(old_centre: Centre) -> None:
    erase(old_centre)
    settings = old_centre.settings
    with opened(settings) as database:
        done = list(delete_overdue_on_server(database, settings, load_pipeline(settings, "nightly").projects, AT))
        again = list(delete_overdue_on_server(database, settings, load_pipeline(settings, "nightly").projects, AT))
    assert done == [("small", 1, ""), ("small", 2, "")] and again == []
    assert old_centre.live_ids() == [3, 4, 5, 6]
    night = old_centre.night()
    assert (night.outcome, night.deleted_count, night.note) == (OK, 0, "")


@pytest.mark.parametrize("step", range(1, 16, 2))
def test_erase__killed_at_any_commit__is_finished_by_giving_it_again(old_centre: Centre, step: int) -> None:
    old_centre.cut(lambda: erase(old_centre), step)
    pipeline.load(old_centre.settings, "nightly")
    erase(old_centre)
    assert {row[0] for row in old_centre.rows()["visit"]} == {3, 4, 5, 6}
    assert due(old_centre) == [Line(PEOPLE, "jalawla", 0, 0, 1)]


def test_find__store_that_may_not_know_of_the_newest__refuses(old_centre: Centre) -> None:
    with opened(old_centre.settings) as database, pytest.raises(StoreError, match="newest visit"):
        retention.find(database, old_centre.settings, AT + timedelta(days=4))
    nightly = old_centre.settings.pipelines / "nightly.toml"
    nightly.write_text('title = "Pulled only"\nforms = ["small"]\nsteps = ["pull"]\n', encoding="utf-8")
    old_centre.submit(remark=ROSA, _submission_time=NEW)
    old_centre.night()
    with pytest.raises(StoreError, match="not loaded"):
        due(old_centre)


def landed(centre: Centre, submission_id: int) -> list[Any]:
    with unsealed(centre.settings) as database, database.reading() as connection:
        c = LANDED.c
        return list(connection.execute(sa.select(c.payload).where(c.submission_id == submission_id)).scalars())


def test_erase__deleted_on_the_server_long_ago__is_shredded_and_stays_known_as_deleted(old_centre: Centre) -> None:
    old_centre.settings = kept(old_centre.settings, keep_people_months=0, keep_deleted_days=30)
    record = dict(old_centre.record(4))
    old_centre.delete(4)
    old_centre.night()
    assert due(old_centre) == [] and len(landed(old_centre, 4)) == 2
    pipeline.run(old_centre.settings, "nightly", now=NOW + timedelta(days=31))
    late = AT + timedelta(days=31)
    with opened(old_centre.settings) as database:
        found = retention.find(database, old_centre.settings, late)
        assert found.lines() == [Line(DELETED, "", 1, 1, 0)]
        retention.erase(database, old_centre.settings, found, late)
        assert retention.find(database, old_centre.settings, late).lines() == []
    assert landed(old_centre, 4) == [None]
    assert old_centre.night().outcome == OK
    old_centre.put_back(record)
    night = old_centre.night()
    assert (night.outcome, night.changed_count) == (OK, 1)
    assert 4 in {row[0] for row in old_centre.rows()["identity"]}


def test_retention_command__counts_then_erases_and_never_names(
    old_centre: Centre, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = settings_file(old_centre.settings, keep_people_months=24, keep_decided_by="focal point")
    monkeypatch.setattr(keeping, "now_utc", lambda: AT)
    folder = ["--folder", str(there)]
    said = kobo_crc("retention", "--dry-run", *folder).out
    assert "people · jalawla · 1 in 2 submissions; 1 more wait for an open referral or complaint" in said
    assert "1 cases are past their time." in said and ROSA not in said
    assert due(old_centre) == [Line(PEOPLE, "jalawla", 1, 2, 1)]
    said = kobo_crc("retention", "--yes", "--on-server", *folder).out
    assert "2 submissions were deleted on the server." in said
    assert old_centre.live_ids() == [3, 4, 5, 6]


def test_month__of_the_last_visit__is_what_counts(old_centre: Centre) -> None:
    limits = retention.limits_of(old_centre.settings, datetime(2026, 11, 27))
    assert limits == {PEOPLE: datetime(2024, 11, 27)}
