"""What an organisation gets that takes the centres over: forms, directory, published figures and an empty store.

Rows about people go along only for who agreed to that, for that organisation, in an answer of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import sqlalchemy as sa

from kobo_crc import disclosed, ledger, store, vault, wishes
from kobo_crc.config import Settings, password_name, reply_password
from kobo_crc.consent import YES, passing_to
from kobo_crc.database.counted import shown
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import FACT_TABLES, SUBMISSION
from kobo_crc.database.migrate import upgrade
from kobo_crc.disclosed import NUMBER, Telling
from kobo_crc.errors import ConfigError
from kobo_crc.ledger import Opening
from kobo_crc.opening import opened, refuse_behind
from kobo_crc.outputs.contacts import entries_of, limits_of
from kobo_crc.outputs.exports import figures, writing
from kobo_crc.outputs.exports.directory import directory
from kobo_crc.outputs.exports.directory_fields import OBJECTS
from kobo_crc.outputs.exports.tables import Export
from kobo_crc.outputs.indicators.publication import published, published_months
from kobo_crc.outputs.indicators.words import Labels
from kobo_crc.outputs.locked import locked
from kobo_crc.outputs.sheets import Sheet, workbook
from kobo_crc.schema.derived import DERIVED
from kobo_crc.schema.facts import FACTS, IDENTITY
from kobo_crc.xlsform.dictionary import dictionary
from kobo_crc.xlsform.lists import code_row, read_codes
from kobo_crc.xlsform.read import read_with
from kobo_crc.xlsform.write import write_xlsx

NAMES: Final = ("given_name", "father_name", "grandfather_name", "family_name", "phone", "safe_to_call_code")
HEADER: Final = ("person_code", *NAMES, "sex_code", "birth_year", "centre_code")
NOT_BY_PHONE: Final = frozenset({"no_call", "only_in_centre"})
TOLD: Final = (NUMBER, "name", "phone", "sex", "year of birth", "centre")


@dataclass(frozen=True, slots=True)
class Handed:
    """What was written where: `months` of figures, and `people` who had agreed."""

    folder: Path
    months: int
    people: int


def hand_over(settings: Settings, receiver: str, purpose: str, into: Path, now: datetime) -> Handed:
    """Write everything for the receiver into a new folder, and a line into the audit. `now` is UTC, without zone.

    ConfigError for a receiver that is no organisation, a folder that is not new, and people without a password;
    StoreError when somebody's newest answer may be unknown here.
    """
    code_row(read_codes(settings.forms / "codes"), "organization", receiver)
    folder = into / f"handover-{receiver}"
    if folder.exists():
        raise ConfigError(f"{folder} is there already. Please move it away, or name another folder with --into.")
    with opened(settings) as database:
        with database.reading() as connection:
            rows = list(_people(connection, database, receiver))
            months = published_months(connection)
            if rows:
                refuse_behind(connection, now, "Nobody is passed on")
        sheet = _locked_people(settings, receiver, rows, now) if rows else None
        with database.writing() as connection:
            scope = f"for {receiver}: forms, directory, {len(months)} months of figures, people who agreed"
            ledger.note(connection, Opening("handover", purpose, scope, len(rows)), now)
            cards = [row[0] for row in rows]
            disclosed.remember_people(connection, database.keys, Telling(receiver, "handover", TOLD), cards, now)
        folder.mkdir(parents=True, mode=0o700)
        with database.reading() as connection:
            _write_open_parts(connection, settings, folder, now)
    _write_forms(settings, folder)
    _write_empty_store(settings, folder / "store.db")
    if sheet is not None:
        (folder / "people.xlsx").write_bytes(sheet)
    return Handed(folder, len(months), len(rows))


def _write_forms(settings: Settings, folder: Path) -> None:
    """The forms as text and as workbooks, the code lists, and the dictionary of it all."""
    shutil.copytree(settings.forms, folder / "forms", ignore=shutil.ignore_patterns("xlsx"))
    lists = read_codes(settings.forms / "codes")
    forms = [read_with(path, lists) for path in sorted(settings.forms.glob("*.md"))]
    (folder / "forms" / "xlsx").mkdir()
    for form in forms:
        write_xlsx(form, folder / "forms" / "xlsx" / f"{form.name}.xlsx")
    (folder / "dictionary.md").write_text(dictionary(forms, FACTS, DERIVED), encoding="utf-8")


def _write_open_parts(connection: sa.Connection, settings: Settings, folder: Path, now: datetime) -> None:
    """The directory without sensitive services, and the figures as they were published."""
    language = settings.language
    writing.json(Export(folder, OBJECTS, language), directory(connection, language), now)
    months = {month: published(connection, month) for month in published_months(connection)}
    if months:
        table = figures.flat(months, Labels(connection, language), language)
        writing.excel(Export(folder, (table,), language), now)


def _write_empty_store(settings: Settings, path: Path) -> None:
    """A store of this version's tables, with the code lists and no submission."""
    with TemporaryDirectory() as beside, Database(path, Path(beside) / "vault.db") as empty:
        upgrade(empty)
        with empty.writing() as connection:
            store.sync_codes(connection, read_codes(settings.forms / "codes"), ())
        empty.scrub()


def _people(connection: sa.Connection, database: Database, receiver: str) -> Iterator[tuple[Any, ...]]:
    """A row under HEADER for each card of everybody who agreed to be passed on to the receiver."""
    whose = store.persons(connection)
    agreed = passing_to(receiver, wishes.handover_answers(connection, receiver, whose))
    registered = FACT_TABLES["registration"].c
    centre = FACT_TABLES["visit"].c
    query = (
        sa.select(registered.submission_id, registered.person_code, registered.sex_code, registered.birth_year)
        .add_columns(centre.centre_code)
        .join(SUBMISSION, SUBMISSION.c.submission_id == registered.submission_id)
        .outerjoin(FACT_TABLES["visit"], centre.submission_id == registered.submission_id)
        .where(registered.person_code.is_not(None), shown())
        .order_by(SUBMISSION.c.submitted_at, registered.submission_id)
    )
    newest = {row.person_code: row for row in connection.execute(query)}
    kept = {code: row for code, row in newest.items() if whose.get(code, code) in agreed}
    # Of a card that two people may have, nobody knows which of them agreed.
    doubtful = {card for card, entry in entries_of(connection, set(kept)).items() if entry.doubtful}
    names = _names(connection, database, [row.submission_id for row in kept.values()])
    limits, contact = limits_of(connection, set(kept)), wishes.agreement_of(connection, "contact_code")
    for code, row in sorted(kept.items()):
        if code not in doubtful:
            may_call = contact.allows(code, row.submission_id) and not limits[code] & NOT_BY_PHONE
            said = _phoned_if_safe(names.get(row.submission_id, {}), may_call)
            yield (code, *(said.get(name) for name in NAMES), row.sex_code, row.birth_year, row.centre_code)


def _phoned_if_safe(said: dict[str, Any], may_call: bool) -> dict[str, Any]:
    """With the phone only where a call is safe: how somebody must not be reached does not go along."""
    safe = may_call and said.get("safe_to_call_code") == YES
    return said if safe else said | {"phone": None, "safe_to_call_code": "no"}


def _names(connection: sa.Connection, database: Database, submission_ids: list[int]) -> dict[int, dict[str, Any]]:
    """Each submission's person, by the columns of `identity`; caregivers are others, who were not asked."""
    columns = [column.name for column in IDENTITY.columns]
    rows = vault.opened(connection, database.keys, submission_ids)[IDENTITY.name]
    said = ((row[0], dict(zip(columns, row[3:-2], strict=True))) for row in rows)
    return {number: one for number, one in said if one["role_code"] in (None, "client")}


def _locked_people(settings: Settings, receiver: str, rows: list[tuple[Any, ...]], now: datetime) -> bytes:
    password = reply_password(receiver, settings.secrets)
    if password is None:
        raise ConfigError(
            f"{len(rows)} people agreed to be passed on, and their sheet needs a password. Please agree on one with "
            f"{receiver}, another way than the files, and keep it as {password_name(receiver)}."
        )
    return locked(workbook([Sheet("people", HEADER, rows)], settings.language, made_at=now), password)
