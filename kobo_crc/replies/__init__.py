"""Receivers without an account: their workbook goes out under a password, comes back filled, and becomes events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc import disclosed, runs
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import DERIVED_TABLES, FACT_TABLES, PROBLEM
from kobo_crc.disclosed import NUMBER, Telling
from kobo_crc.errors import ConfigError
from kobo_crc.opening import in_the_diary, opened, refuse_older_vault
from kobo_crc.outputs import files
from kobo_crc.outputs.labels import labels
from kobo_crc.pipeline import derive
from kobo_crc.referrals.calendar import calendar_of
from kobo_crc.referrals.lifecycle import day_of
from kobo_crc.referrals.replies import Reply, land
from kobo_crc.referrals.worklist import shared_with
from kobo_crc.replies.choices import choices
from kobo_crc.replies.judging import Known, Refused, judge
from kobo_crc.replies.workbook import Letter, read, write
from kobo_crc.runs import Run
from kobo_crc.xlsform.lists import read_codes

NOT_LISTED: Final = "not_listed"
# A filled workbook has some ten thousand bytes.
LARGEST_BYTES: Final = 20_000_000
STATE = DERIVED_TABLES["referral_state"]
REFERRAL = FACT_TABLES["referral"]


@dataclass(frozen=True, slots=True)
class Made:
    """A receiver's workbook: where it is, and how many referrals it tells of."""

    path: Path
    count: int


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of a filled workbook: replies that are new, that were here already, and rows refused.

    `doubtful` counts the new ones that do not fit their referral as it stands.
    """

    landed: int
    known: int
    doubtful: int
    refused: tuple[Refused, ...]


def make(settings: Settings, receiver: str, password: SecretStr, language: str, now: datetime) -> Made:
    """Write the receiver's workbook into the folder `replies`, under the password. `now` is UTC, without zone.

    It tells only of open referrals that the person agreed to have told to that receiver. ConfigError for a receiver
    that is none, or a password that is too short.
    """
    calendar = calendar_of(read_codes(settings.forms / "codes"))
    with _diary(settings, f"replies ({receiver}, made)", now) as (database, entry):
        with database.reading() as connection:
            name = _receiver(connection, receiver, language)
            words = {codes: labels(connection, codes, language) for codes in ("service", "priority", "referral_state")}
            referrals = list(shared_with(connection, calendar, now, receiver))
            letter = Letter(receiver, name, language, now, referrals, words)
            content = write(letter, choices(connection, language, day_of(now)), password)
        with database.writing() as connection:
            numbers = [one.reference_code for one in referrals]
            disclosed.remember(connection, database.keys, Telling(receiver, "replies", (NUMBER,)), numbers, now)
        path = settings.replies / f"{receiver} {day_of(now)}.xlsx"
        written = files.write(path, content, now=now)
        _close(database, entry, f"{len(referrals)} referrals told to {receiver}.")
    return Made(written, len(referrals))


def bring(settings: Settings, file: Path, receiver: str, password: SecretStr, now: datetime) -> Brought:
    """Land the replies of a filled workbook and bring the referrals' states up to date. `now` is UTC, without zone.

    ConfigError when the file cannot be opened or is not this receiver's.
    """
    rows = read(_content(file), file.name, receiver, password)
    with _diary(settings, f"replies ({receiver}, imported)", now) as (database, entry):
        with database.reading() as connection:
            _receiver(connection, receiver, "en")
            offered, known = choices(connection, "en", day_of(now)), _known(connection)
        judged = [judge(row, receiver, known, offered, day_of(now)) for row in rows]
        told = [one for one in judged if isinstance(one, Reply)]
        refused = tuple(one for one in judged if isinstance(one, Refused))
        with database.writing() as connection:
            landed = land(connection, told, now)
        with database.writing() as connection:
            derive(connection, database.keys)
            doubtful = _doubtful(connection, {reply.reference_code for reply in told})
        _close(database, entry, f"{landed} replies landed, {len(refused)} rows refused.")
    return Brought(landed, len(told) - landed, doubtful, refused)


@contextmanager
def _diary(settings: Settings, name: str, now: datetime) -> Iterator[tuple[Database, Run]]:
    Database.expected(settings)
    with opened(settings) as database:
        refuse_older_vault(database)
        with in_the_diary(database, name, now.replace(tzinfo=UTC)) as entry:
            yield database, entry


def _close(database: Database, entry: Run, note: str) -> None:
    with database.writing() as connection:
        runs.end(connection, entry, runs.OK, note)


def _receiver(connection: sa.Connection, code: str, language: str) -> str:
    """The receiver's name. ConfigError when the code is no organisation's, or stands for many."""
    known = labels(connection, "organization", language)
    if code not in known or code == NOT_LISTED:
        names = ", ".join(sorted(set(known) - {NOT_LISTED}))
        raise ConfigError(f"There is no receiver with this code. Please give one with --receiver: {names}.")
    return known[code]


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise ConfigError(f"{file.name} is far too large for a workbook of replies. Please look at what it is.")
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}). Please check its name and folder.") from error


def _known(connection: sa.Connection) -> dict[str, Known]:
    """Every referral by its number."""
    c = STATE.c
    query = sa.select(c.reference_code, c.receiving_organization_code, REFERRAL.c.consent_share_code, c.sent_at).join(
        REFERRAL, sa.and_(REFERRAL.c.submission_id == c.submission_id, REFERRAL.c.row_path == c.row_path)
    )
    return {
        code: Known(receiver, share, day_of(sent_at) if sent_at else None)
        for code, receiver, share, sent_at in connection.execute(query)
    }


def _doubtful(connection: sa.Connection, codes: set[str]) -> int:
    """How many of these referrals have a reply that does not fit them."""
    c = STATE.c
    at_row = sa.and_(PROBLEM.c.submission_id == c.submission_id, PROBLEM.c.path == c.row_path)
    query = sa.select(c.reference_code).join(PROBLEM, at_row).where(PROBLEM.c.code == "reply_doubtful")
    return len(codes.intersection(connection.execute(query).scalars()))
