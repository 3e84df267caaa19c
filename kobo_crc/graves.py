"""What was erased since a copy of the vault was made, erased again in that copy: known by keyed hashes alone.

The copy is searched for whose numbers they are: there they still stand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from kobo_crc import landing, vault
from kobo_crc.attachments import forget_others
from kobo_crc.codes import is_valid
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import ERASED, REPLY, SOURCE, SUBMISSION_KEY
from kobo_crc.database.rows import among, among_texts, insert_rows
from kobo_crc.model import Origin
from kobo_crc.people import links
from kobo_crc.people.trace import versions
from kobo_crc.redaction import WHOLE, plain, texts
from kobo_crc.tombstones import keyed_hash

_KEY = SUBMISSION_KEY.c


class Grave(NamedTuple):
    """A row of `erased`, by the ids that another vault knows its submission by."""

    form: str
    project: str
    asset_uid: str
    root_uuid: str
    server_id: int
    path: str
    card: bytes
    erased_at: datetime
    purpose: str

    @property
    def what(self) -> tuple[object, ...]:
        """What makes it the same in another vault, whatever the project is called now."""
        return self.asset_uid, self.root_uuid, self.path, self.card, self.erased_at


@dataclass(slots=True)
class _Named:
    """What a copy says of those who were erased since. `numbers` are theirs; the submissions name one of them, `today`
    in the newest version. `replied` are the numbers of their referrals to which receivers replied."""

    numbers: set[str] = field(default_factory=set)
    submissions: set[int] = field(default_factory=set)
    today: set[int] = field(default_factory=set)
    replied: set[str] = field(default_factory=set)


def graves_in(connection: sa.Connection) -> list[Grave]:
    """Everything that was erased in this vault."""
    query = (
        sa.select(SOURCE.c.form, SOURCE.c.project, SOURCE.c.asset_uid, _KEY.root_uuid, _KEY.server_id)
        .add_columns(ERASED.c.path, ERASED.c.card, ERASED.c.erased_at, ERASED.c.purpose)
        .join(SUBMISSION_KEY, _KEY.submission_id == ERASED.c.submission_id)
        .join(SOURCE, SOURCE.c.source_id == _KEY.source_id)
    )
    return [Grave._make(row) for row in connection.execute(query)]


def bury_again(connection: sa.Connection, keys: Keys, graves: Iterable[Grave], seen_at: str) -> tuple[int, int]:
    """Erase of this vault what those graves say and its own do not; how many that were, and how many were left open.

    Of a submission that it has never seen the tombstone is kept; a part of one is left open. Whoever was erased, came
    back and was copied stays: their grave is here too.
    """
    held = {grave.what for grave in graves_in(connection)}
    since = [grave for grave in graves if grave.what not in held]
    numbers = [_number(connection, grave) for grave in since]
    own = {number for number, grave in zip(numbers, since, strict=True) if number and grave.path == WHOLE}
    named = _named(connection, keys, {grave.card for grave in since}, own)
    for number, grave in zip(numbers, since, strict=True):
        _bury(connection, keys, number, grave, seen_at)
    known = {number for number in numbers if number}
    _empty_others(connection, keys, named, named.submissions - known, seen_at)
    vault.forget(connection, among(sorted(known | named.submissions)))
    for card in sorted(named.numbers):
        links.forget(connection, keys, card)
    connection.execute(sa.delete(REPLY).where(REPLY.c.reference_code.in_(among_texts(sorted(named.replied)))))
    # One submission may have a grave for each card of one person.
    places = {grave.what[:3]: number is None for number, grave in zip(numbers, since, strict=True)}
    return len(places) - sum(places.values()), sum(places.values())


def _number(connection: sa.Connection, grave: Grave) -> int | None:
    """Its submission here; one erased whole that was never seen here gets a number, to be known by when it comes."""
    source_id = landing.source_of(connection, Origin(grave.form, grave.project, grave.asset_uid))
    here = sa.select(_KEY.submission_id).where(_KEY.source_id == source_id, _KEY.root_uuid == grave.root_uuid)
    number: int | None = connection.execute(here).scalar()
    if number is None and grave.path == WHOLE:
        return landing.reserve(connection, source_id, grave.root_uuid, grave.server_id)
    return number


def _named(connection: sa.Connection, keys: Keys, hashes: Collection[bytes], own: Collection[int]) -> _Named:
    """Read every version in the vault for numbers with these hashes; in their own submissions, for referrals too."""
    found, hashed = _Named(), keyed_hash(connection, keys)
    referrals = set(connection.execute(sa.select(REPLY.c.reference_code)).scalars())
    for one in versions(connection, keys) if hashes else ():
        said = set(map(plain, texts(one.answers)))
        if theirs := {number for number in said if is_valid(number) and hashed(number) in hashes}:
            found.numbers |= theirs
            found.submissions.add(one.submission_id)
            found.today |= {one.submission_id} if one.newest else set()
        if one.submission_id in own:
            found.replied |= said & referrals
    return found


def _bury(connection: sa.Connection, keys: Keys, number: int | None, grave: Grave, seen_at: str) -> None:
    if number is None:
        return
    same = sa.and_(ERASED.c.submission_id == number, ERASED.c.path == grave.path, ERASED.c.card == grave.card)
    connection.execute(sa.delete(ERASED).where(same))
    insert_rows(connection, ERASED, [(number, grave.path, grave.card, str(grave.erased_at), grave.purpose)])
    if grave.path == WHOLE:
        landing.erase(connection, keys, [number], seen_at)
    else:
        forget_others(connection, number, landing.reseal(connection, keys, number, seen_at))


def _empty_others(connection: sa.Connection, keys: Keys, named: _Named, others: set[int], seen_at: str) -> None:
    """Others' submissions, in which the card stood by mistake: in an older version, which goes; or still in the newest
    that was copied, which is fetched again from the server, where it was put right."""
    landing.empty(connection, keys, sorted(others & named.today), seen_at)
    for number in sorted(others - named.today):
        forget_others(connection, number, landing.reseal(connection, keys, number, seen_at))
