"""Who was told of which referral or person, and what: remembered by keyed hashes, to be found when consent ends.

The hashes outlive an erasure, for as long as the settings say: whoever has the card or the referral's number can still
be told who knows.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import sqlalchemy as sa

from kobo_crc.database import asking
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import DISCLOSED, FACT_TABLES
from kobo_crc.database.rows import among_texts

Way = Literal["letter", "contacts", "worklist", "replies", "export", "handover"]
# What is told beside the kinds of information that a person agrees to (`shared_information`).
NUMBER: Final = "number"
ROW: Final = "row without names"
_C = DISCLOSED.c
_REFERRAL = FACT_TABLES["referral"].c


class Telling(NamedTuple):
    """To whom, in which way, and what: an organisation's code, or `centre baiji`, or a name given for an export."""

    receiver: str
    way: Way
    told: tuple[str, ...]


class Knows(NamedTuple):
    """Somebody who was told of a person or a referral; times are UTC, without zone."""

    receiver: str
    way: str
    told: str
    first_at: datetime
    last_at: datetime


def remember(
    connection: sa.Connection, keys: Keys, telling: Telling, reference_codes: Collection[str], at: datetime
) -> None:
    """Write down that these referrals were told; what was told before gets a new last time. `at` is UTC, no zone.

    For an officer's login on a server, the server does it and sets the time.
    """
    people = _people(connection, reference_codes)
    _write_down(connection, keys, telling, {code: people.get(code) for code in reference_codes}, at)


def remember_people(
    connection: sa.Connection, keys: Keys, telling: Telling, cards: Collection[str], at: datetime
) -> None:
    """The same of people who were told of themselves, and not for a referral: the card stands for it."""
    _write_down(connection, keys, telling, {card: card for card in cards}, at)


def _write_down(
    connection: sa.Connection, keys: Keys, telling: Telling, told: Mapping[str, str | None], at: datetime
) -> None:
    """`told` are the numbers that were told, each with the card of its person, if known."""
    hashed = _keyed_hash(connection, keys)
    marks = {hashed(number): hashed(card) if card else None for number, card in told.items()}
    if asking.must_ask(connection):
        asking.tell(connection, telling.receiver, telling.way, ", ".join(telling.told), marks)
    else:
        _keep(connection, telling, marks, at)


def _keep(connection: sa.Connection, telling: Telling, marks: Mapping[str, str | None], at: datetime) -> None:
    said = {"receiver": telling.receiver, "way": telling.way, "told": ", ".join(telling.told)}
    same = sa.and_(*(_C[name] == value for name, value in said.items()))
    again = sa.and_(same, _C.referral.in_(among_texts(sorted(marks))))
    known = set(connection.execute(sa.select(_C.referral).where(again)).scalars())
    connection.execute(sa.update(DISCLOSED).where(again).values(last_at=at))
    fresh = [
        {"referral": mark, "person": person, "first_at": at, "last_at": at, **said}
        for mark, person in marks.items()
        if mark not in known
    ]
    if fresh:
        connection.execute(sa.insert(DISCLOSED), fresh)


def who_knows(connection: sa.Connection, keys: Keys, card: str, reference_codes: Iterable[str]) -> list[Knows]:
    """Everyone who was told of the person with that card ("" for none), or of these referrals."""
    hashed = _keyed_hash(connection, keys)
    hers = sa.or_(
        _C.referral.in_(among_texts([hashed(code) for code in reference_codes])),
        _C.person == hashed(card) if card else sa.false(),
    )
    times = (sa.func.min(_C.first_at, type_=sa.DateTime()), sa.func.max(_C.last_at, type_=sa.DateTime()))
    query = sa.select(_C.receiver, _C.way, _C.told, *times).where(hers).group_by(_C.receiver, _C.way, _C.told)
    return [Knows(*row) for row in connection.execute(query.order_by(_C.receiver, _C.way, _C.told))]


def over(connection: sa.Connection, keys: Keys, moment: datetime) -> list[sa.Row[Any]]:
    """The rows told last before that moment (UTC), of people and referrals that the store does not have any more."""
    hashed = _keyed_hash(connection, keys)
    held = {hashed(number) for number in _numbers(connection)}
    rows = connection.execute(sa.select(DISCLOSED).where(_C.last_at < moment).order_by(*DISCLOSED.primary_key))
    return [row for row in rows if row.referral not in held and row.person not in held]


def forget(connection: sa.Connection, rows: Iterable[sa.Row[Any]]) -> None:
    """Drop these rows."""
    for row in rows:
        same = (column == getattr(row, column.name) for column in DISCLOSED.primary_key)
        connection.execute(sa.delete(DISCLOSED).where(*same))


def everything(connection: sa.Connection) -> list[dict[str, Any]]:
    """Every row, to be kept when an older vault is put back."""
    return [dict(row) for row in connection.execute(sa.select(DISCLOSED)).mappings()]


def keep(connection: sa.Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Put rows back that this vault does not have; those it has get the later last time."""
    for row in rows:
        key = sa.and_(*(_C[column.name] == row[column.name] for column in DISCLOSED.primary_key))
        held = connection.execute(sa.select(_C.last_at).where(key)).scalar()
        if held is None:
            connection.execute(sa.insert(DISCLOSED), [row])
        elif held < row["last_at"]:
            connection.execute(sa.update(DISCLOSED).where(key).values(last_at=row["last_at"]))


def _people(connection: sa.Connection, reference_codes: Collection[str]) -> dict[str, str]:
    """The number of the person of each of these referrals that names one."""
    wanted = _REFERRAL.reference_code.in_(among_texts(sorted(reference_codes)))
    query = sa.select(_REFERRAL.reference_code, _REFERRAL.person_code).where(wanted, _REFERRAL.person_code.is_not(None))
    return {code: person for code, person in connection.execute(query)}


def _numbers(connection: sa.Connection) -> Iterator[str]:
    """Every card and every referral's number that the store names."""
    for table in FACT_TABLES.values():
        for name in {"person_code", "reference_code"} & set(table.c.keys()):
            named = sa.select(table.c[name]).where(table.c[name].is_not(None)).distinct()
            yield from connection.execute(named).scalars()


def _keyed_hash(connection: sa.Connection, keys: Keys) -> Callable[[str], str]:
    key = keys.for_purpose(connection, "disclosed")
    return lambda number: hmac.digest(key, number.encode(), "sha256").hex()
