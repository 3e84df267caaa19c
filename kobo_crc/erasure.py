"""One person's data shown, handed out or erased: in vault, store and files, and on the server if asked.

Erasing destroys the keys first. What follows (facts, report, worklists) is made anew from what is left, so a run cut in
between is healed by the next night.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kobo_crc import burial, disclosed, files, holdings, landing, ledger
from kobo_crc.codes import PERSON_KINDS, is_valid
from kobo_crc.config import Project, Settings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import ATTACHMENT, ERASED, SOURCE, SUBMISSION_KEY
from kobo_crc.database.rows import among
from kobo_crc.disclosed import Knows
from kobo_crc.errors import ConfigError, SourceError
from kobo_crc.ledger import Opening
from kobo_crc.model import Origin
from kobo_crc.people.links import cards_kept, cards_with
from kobo_crc.people.named import submissions_naming
from kobo_crc.people.trace import Trace, traces
from kobo_crc.redaction import FILES, WHOLE, files_of, places, plain
from kobo_crc.sources.attached import attached
from kobo_crc.sources.http import client_of
from kobo_crc.tombstones import keyed_hash

_KEY = SUBMISSION_KEY.c


@dataclass(frozen=True, slots=True)
class Held:
    """A submission that names the person. `answers` are the newest version's, of a shared one the person's items only;
    None where only an older version names the person, the submission was deleted, or the card's number stands within
    a longer answer, which may be about others."""

    form: str
    project: str
    server_id: int
    about: str
    answers: dict[str, Any] | None


OWN, SHARED, EARLIER = "this person alone", "others too", "an older version only"
MENTIONED = "the card within a longer answer"


def card_of(typed: str) -> str:
    """The card's number as it is kept. ConfigError when it is none."""
    number = plain(typed)
    if not is_valid(number) or number[0] not in PERSON_KINDS:
        raise ConfigError(
            "This is no number of a person's card: it has 12 digits, which check each other. Please look again."
        )
    return number


def look(database: Database, card: str, purpose: str, action: str, now: datetime) -> list[Held]:
    """Everything that is held of the person, the newest versions opened. Written into the audit before it is given.

    To an officer's login on a server, what the store's columns say names the person, in the own centres: looking into
    everything else would open it.
    """
    if database.centres is not None:
        _note(database, card, Opening(action, purpose, "", 0), now, _known(database, card))
    found = traced(database, card)
    with database.reading() as connection:
        held = [one for each in found for one in _held(connection, database, each)]
    if database.centres is None:
        numbers = [number for one in found for number in one.submission_ids]
        _note(database, card, Opening(action, purpose, "", len(held)), now, numbers)
    return held


def _known(database: Database, card: str) -> list[int]:
    with database.reading() as connection:
        return submissions_naming(connection, cards_with(connection, card))


def who_knows(database: Database, found: Sequence[Trace]) -> list[Knows]:
    """Everyone who was told of the person in a file from here; still known once the person is erased.

    Not for an officer's login: it is kept for all centres together, and tells of sensitive referrals.
    """
    with database.reading() as connection:
        known = (disclosed.who_knows(connection, database.keys, one.card, one.references) for one in found)
        return [knows for each in known for knows in each]


def files_into(database: Database, settings: Settings, card: str, folder: Path) -> list[Path]:
    """Write the kept files of the person into the folder, in the clear: of a shared submission those of their items.

    To be called after `look`, which tells the audit. None for an officer's login, since files lie where the nights run.
    ConfigError when a file is not where it should be.
    """
    if database.centres is not None:
        return []
    found = traced(database, card)
    own = [number for one in found for number in one.own]
    theirs = ATTACHMENT.c.submission_id.in_(among(own))
    with database.reading() as connection:
        shared = [pair for one in found for pair in _files_of_items(connection, database, one)]
    of_items = sa.tuple_(ATTACHMENT.c.submission_id, ATTACHMENT.c.attachment_uid).in_(shared)
    rows = files.kept(database, sa.or_(theirs, of_items) if shared else theirs)
    return files.write_out(database, settings.vault, rows, folder) if rows else []


def _files_of_items(connection: sa.Connection, database: Database, found: Trace) -> Iterator[tuple[int, str]]:
    for one in holdings.newest(connection, database.keys, sorted(found.shared)):
        said = one.submission.payload if one.submission is not None else {}
        for place in found.shared[one.submission_id]:
            entries = files_of(said, place.repeat, place.number.__eq__)
            yield from ((one.submission_id, file.uid) for file in attached({FILES: entries}))


def erase(database: Database, settings: Settings, card: str, purpose: str, now: datetime) -> list[Trace]:
    """Destroy what the vault holds of the person; returns what it was, of this card and of those joined with it.

    The store follows with the next load.
    """
    found = traced(database, card)
    burial.bury(database, settings, found, now, cards=[one.card for one in found])
    count = len({number for one in found for number in one.submission_ids})
    _note(database, card, Opening("person erase", purpose, "", count), now)
    return found


def mentions(database: Database, found: Sequence[Trace]) -> list[Held]:
    """The submissions that were left as they are, though the card's number stands within one of their answers."""
    with database.reading() as connection:
        bare = (Trace(one.card, mentioned=one.mentioned) for one in found)
        return [held for one in bare for held in _held(connection, database, one)]


def traced(database: Database, card: str) -> list[Trace]:
    """Where the card stands, and every card that somebody joined with it."""
    with database.reading() as connection:
        cards = cards_with(connection, card)
        if database.centres is None:  # an officer's login gets nothing of who is who
            cards = cards_kept(connection, database.keys, cards)
        return traces(connection, database.keys, cards)


def delete_on_server(
    database: Database, settings: Settings, projects: Sequence[Project], card: str, now: datetime
) -> Iterator[tuple[str, int, str]]:
    """Delete on their servers the submissions about this person that were erased here: form, `_id`, the fault or "".

    One that a server refuses to delete is told, and the others are tried all the same.
    """
    with database.reading() as connection:
        mac = keyed_hash(connection, database.keys)(card)
    yield from _delete(database, settings, projects, ERASED.c.card == mac, now)


def delete_overdue_on_server(
    database: Database, settings: Settings, projects: Sequence[Project], now: datetime
) -> Iterator[tuple[str, int, str]]:
    """The same of all submissions that were erased because their time was over."""
    yield from _delete(database, settings, projects, ERASED.c.purpose != "", now)


def _delete(
    database: Database,
    settings: Settings,
    projects: Sequence[Project],
    which: sa.ColumnElement[bool],
    now: datetime,
) -> Iterator[tuple[str, int, str]]:
    for row in _left_on_server(database, which):
        project = next((one for one in projects if one.name == row.project), None)
        if project is None:
            yield row.form, row.server_id, f"no pipeline has a project {row.project} any more"
            continue
        try:
            with closing(client_of(settings, project)) as client:
                client.delete(f"assets/{row.asset_uid}/data/{row.server_id}/")
        except SourceError as fault:
            yield row.form, row.server_id, str(fault)
            continue
        # Known as deleted from now on: many that vanish at once would make the next night stop and ask.
        with database.writing() as connection:
            origin = Origin(row.form, row.project, row.asset_uid)
            landing.bury(connection, origin, [row.submission_id], now.isoformat(" ", "seconds"))
        yield row.form, row.server_id, ""


def _left_on_server(database: Database, which: sa.ColumnElement[bool]) -> list[sa.Row[Any]]:
    whole = sa.select(ERASED.c.submission_id).where(ERASED.c.path == WHOLE, which)
    query = (
        sa.select(_KEY.submission_id, SOURCE.c.form, SOURCE.c.project, SOURCE.c.asset_uid, _KEY.server_id)
        .join(SOURCE, SOURCE.c.source_id == _KEY.source_id)
        .where(_KEY.submission_id.in_(whole), ~_KEY.deleted)
        .order_by(_KEY.server_id)
    )
    with database.reading() as connection:
        return [*connection.execute(query)]


def _held(connection: sa.Connection, database: Database, found: Trace) -> Iterator[Held]:
    numbers = {found.card, *found.references}
    about = dict.fromkeys(found.own, OWN) | dict.fromkeys(found.shared, SHARED) | dict.fromkeys(found.earlier, EARLIER)
    about |= dict.fromkeys(found.mentioned, MENTIONED)
    for one in holdings.newest(connection, database.keys, sorted(about)):
        kind, said = about[one.submission_id], one.submission
        answers = None
        if said is not None and kind == OWN:
            answers = dict(said.payload)
        elif said is not None and kind == SHARED:
            answers = _items(said.payload, {place.repeat for place in found.shared[one.submission_id]}, numbers)
        yield Held(one.origin.form, one.origin.project, one.server_id, kind, answers)


def _items(answers: Any, repeats: set[str], numbers: set[str]) -> dict[str, Any]:
    """The items of these repeats that hold one of the numbers, wherever they are nested."""
    found: dict[str, Any] = {}
    for path, value in answers.items():
        if not isinstance(value, list) or path.startswith("_"):
            continue
        items = [item for item in value if isinstance(item, dict)]
        if path in repeats:
            found[path] = [one for one in items if next(places(one, numbers.__contains__), None) is not None]
        else:
            nested = [part for part in (_items(item, repeats, numbers) for item in items) if part]
            if nested:
                found[path] = nested
    return found


def _note(database: Database, card: str, opening: Opening, now: datetime, submission_ids: Sequence[int] = ()) -> None:
    with database.writing() as connection:
        scope = ledger.card_mark(connection, database.keys, card)
        ledger.note(connection, opening._replace(scope=scope), now, submission_ids)
