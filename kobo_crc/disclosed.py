"""Who was told of which referral, and what: remembered by keyed hashes, so that it can be found when consent ends.

The hashes outlive an erasure: whoever has the card or the referral's number can still be told who knows.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import sqlalchemy as sa

from kobo_crc.database import asking
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import DISCLOSED, FACT_TABLES
from kobo_crc.database.rows import among_texts

Way = Literal["letter", "contacts", "worklist", "replies", "export"]
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
    hashed = _keyed_hash(connection, keys)
    people = {code: hashed(card) for code, card in _people(connection, reference_codes).items()}
    marks = {hashed(code): people.get(code) for code in reference_codes}
    if asking.must_ask(connection):
        asking.tell(connection, telling.receiver, telling.way, ", ".join(telling.told), marks)
    else:
        _keep(connection, telling, marks, at)


def _keep(connection: sa.Connection, telling: Telling, marks: Mapping[str, str | None], at: datetime) -> None:
    receiver, way, told = telling.receiver, telling.way, ", ".join(telling.told)
    same = sa.and_(_C.receiver == receiver, _C.way == way, _C.told == told)
    again = sa.and_(same, _C.referral.in_(among_texts(sorted(marks))))
    known = set(connection.execute(sa.select(_C.referral).where(again)).scalars())
    connection.execute(sa.update(DISCLOSED).where(again).values(last_at=at))
    fresh = [
        {"referral": mark, "person": person, "first_at": at, "last_at": at}
        | {"receiver": receiver, "way": way, "told": told}
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


def _keyed_hash(connection: sa.Connection, keys: Keys) -> Callable[[str], str]:
    key = keys.for_purpose(connection, "disclosed")
    return lambda number: hmac.digest(key, number.encode(), "sha256").hex()
