"""Cards that may be one person's, side by side: what the store knows of each, and on request the names, audited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from kobo_crc import ledger, vault
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import FACT_TABLES, SUBMISSION
from kobo_crc.ledger import Opening
from kobo_crc.people.links import alike, cards_of_people, decided, open_pairs
from kobo_crc.schema.facts import IDENTITY


@dataclass(frozen=True, slots=True)
class Card:
    """A card as the store knows it: codes and days, no name."""

    code: str
    centre_code: str = ""
    sex_code: str = ""
    birth_year: int | None = None
    first_on: date | None = None
    last_on: date | None = None
    visits: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """Two people who may be one, each by the cards that are theirs, and what they share."""

    one: Card
    other: Card
    kinds: tuple[str, ...]


def matches(database: Database) -> list[Match]:
    """The pairs on which nobody has decided; those that share most first."""
    with database.reading() as connection:
        shared = alike(connection)
        pairs = open_pairs(shared, decided(connection))
        cards = cards_of_people(connection, database.keys)
        known = [pair for pair in pairs if pair[0] in cards and pair[1] in cards]
        seen = {code: _card(connection, code) for pair in known for person in pair for code in cards[person][:1]}
    found = [
        Match(seen[cards[one][0]], seen[cards[other][0]], tuple(sorted(shared[one, other]))) for one, other in known
    ]
    return sorted(found, key=lambda match: (-len(match.kinds), match.one.code, match.other.code))


def _card(connection: sa.Connection, code: str) -> Card:
    visit, registered = FACT_TABLES["visit"].c, FACT_TABLES["registration"].c
    met = connection.execute(
        sa.select(visit.visited_on, visit.centre_code).where(visit.person_code == code).order_by(visit.visited_on)
    ).all()
    said = connection.execute(
        sa.select(registered.sex_code, registered.birth_year)
        .join(SUBMISSION, SUBMISSION.c.submission_id == registered.submission_id)
        .where(registered.person_code == code)
        .order_by(SUBMISSION.c.submitted_at.desc())
    ).first()
    days = [row.visited_on for row in met if row.visited_on]
    centre = next((row.centre_code for row in reversed(met) if row.centre_code), "")
    sex, year = (said.sex_code or "", said.birth_year) if said else ("", None)
    return Card(code, centre, sex, year, min(days, default=None), max(days, default=None), len(met))


def names_of(database: Database, cards: Sequence[str], purpose: str, now: datetime) -> list[tuple[str, list[str]]]:
    """Each card with the names and phones that were registered under it. Written into the audit before."""
    with database.reading() as connection:
        registered = {card: _registering(connection, card) for card in cards}
        scope = ", ".join(ledger.card_mark(connection, database.keys, card) for card in cards)
    opening = Opening("people look", purpose, scope, len(cards))
    with database.writing() as connection:
        ledger.note(connection, opening, now, [number for ids in registered.values() for number in ids])
    with database.reading() as connection:
        return [(card, sorted(set(_names(connection, database, registered[card])))) for card in cards]


def _registering(connection: sa.Connection, card: str) -> list[int]:
    c = FACT_TABLES["registration"].c
    return list(connection.execute(sa.select(c.submission_id).where(c.person_code == card)).scalars())


def _names(connection: sa.Connection, database: Database, submission_ids: Sequence[int]) -> Iterator[str]:
    columns = [column.name for column in IDENTITY.columns]
    for row in vault.opened(connection, database.keys, submission_ids)[IDENTITY.name]:
        said = dict(zip(columns, row[3:-2], strict=True))
        parts = (said[f"{who}_name"] for who in ("given", "father", "grandfather", "family"))
        role = f" ({said['role_code']})" if said["role_code"] not in (None, "client") else ""
        yield f"{' '.join(part for part in parts if part)}{role} · {said['phone'] or '-'}"
