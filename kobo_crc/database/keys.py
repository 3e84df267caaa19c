"""The vault's keys: which master key it is sealed under, and a data key for each submission, wrapped by it.

A data key is made when the submission is first landed. Where it is destroyed, everything sealed by it is lost, in
every copy of the vault that is made from then on.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from kobo_crc.database.metadata import ATTACHMENT, DATA_KEY, LANDED, PURPOSE_KEY, VAULT_KEY
from kobo_crc.database.rows import among, insert_rows
from kobo_crc.errors import StoreError
from kobo_crc.sealing import DataKey, MasterKey, new_secret

# Keys that stand ready: those of a page are asked for again when its rows are made.
KEPT_READY = 1_000
AT_ONCE = 1000
_PURPOSES = "purpose_key"
_PROOF = b"This vault is sealed under this key."


class Keys:
    """The keys of a vault that has been unlocked with its master key."""

    def __init__(self, master: MasterKey) -> None:
        self.master = master
        self._ready: dict[int, DataKey] = {}

    def make(self, connection: sa.Connection, submission_ids: Sequence[int]) -> dict[int, DataKey]:
        """Give these submissions, which have none, a data key each."""
        made, key_id = {number: new_secret() for number in submission_ids}, self.master.key_id
        wrapped = [(number, key_id, self._wrapped(number, secret)) for number, secret in made.items()]
        insert_rows(connection, DATA_KEY, wrapped)
        return self._remember({number: DataKey(secret) for number, secret in made.items()})

    def of(self, connection: sa.Connection, submission_ids: Sequence[int]) -> dict[int, DataKey]:
        """The data keys of these submissions; those whose key was destroyed are left out. StoreError."""
        ready = {number: self._ready[number] for number in submission_ids if number in self._ready}
        wanted = [number for number in submission_ids if number not in ready]
        if not wanted:
            return ready
        query = sa.select(DATA_KEY).where(DATA_KEY.c.submission_id.in_(among(wanted)))
        held = self._remember({row.submission_id: DataKey(self._unwrapped(row)) for row in connection.execute(query)})
        return ready | held

    def for_new(self, connection: sa.Connection, submission_ids: Sequence[int]) -> dict[int, DataKey]:
        """The data keys of these submissions, made for those that never had one or whose key was destroyed."""
        known = self.of(connection, submission_ids)
        return known | self.make(connection, [one for one in dict.fromkeys(submission_ids) if one not in known])

    def destroy(self, connection: sa.Connection, submission_ids: Sequence[int]) -> None:
        """Forget these submissions' keys: what they sealed, the keys of files too, cannot be opened any more."""
        connection.execute(sa.delete(ATTACHMENT).where(ATTACHMENT.c.submission_id.in_(among(submission_ids))))
        connection.execute(sa.delete(DATA_KEY).where(DATA_KEY.c.submission_id.in_(among(submission_ids))))
        for number in submission_ids:
            self._ready.pop(number, None)

    def let_go(self) -> None:
        """Have no key stand ready: the next is asked of the vault."""
        self._ready.clear()

    def renew(self, connection: sa.Connection, submission_id: int) -> DataKey:
        """Another data key for the submission. The keys of its files are sealed by it; all else of the old is lost."""
        c = ATTACHMENT.c
        held = connection.execute(sa.select(ATTACHMENT).where(c.submission_id == submission_id)).all()
        old = self.of(connection, [submission_id])[submission_id]
        self.destroy(connection, [submission_id])
        self.make(connection, [submission_id])
        new = self.of(connection, [submission_id])[submission_id]
        for row in held:
            place = file_place(submission_id, row.attachment_uid)
            again = row.sealed and new.seal(old.unseal(row.sealed, place), place)
            connection.execute(sa.insert(ATTACHMENT).values(**{**row._mapping, "sealed": again}))
        return new

    def for_purpose(self, connection: sa.Connection, purpose: str) -> bytes:
        """The 32 bytes that keyed hashes of that purpose are made with, and no other; the same in every later copy."""
        held = connection.execute(sa.select(PURPOSE_KEY.c.wrapped)).scalar_one()
        return hmac.digest(self.master.unwrap(held, _PURPOSES), purpose.encode(), "sha256")

    def begin(self, connection: sa.Connection, made_at: datetime) -> None:
        """Seal an empty vault under the master key, with what its keyed hashes come from."""
        seal_under(connection, self.master, made_at)
        wrapped = self.master.wrap(new_secret(), _PURPOSES)
        insert_rows(connection, PURPOSE_KEY, [(1, self.master.key_id, wrapped)])

    def seal_landed(self, connection: sa.Connection, now: datetime) -> None:
        """Seal what an earlier version of the program landed bare. For the migration alone."""
        self.begin(connection, now)
        bare = sa.select(LANDED.c.submission_id).distinct().order_by(LANDED.c.submission_id)
        numbers = list(connection.execute(bare).scalars())
        for start in range(0, len(numbers), AT_ONCE):
            batch = numbers[start : start + AT_ONCE]
            self.make(connection, batch)
            keys, c = self.of(connection, batch), LANDED.c
            whole = sa.select(c.version_id, c.submission_id, c.payload).where(c.submission_id.in_(among(batch)))
            for version, number, payload in connection.execute(whole.where(c.payload.is_not(None))).all():
                sealed = keys[number].seal(payload, f"landed/{version}")
                connection.execute(sa.update(LANDED).where(c.version_id == version).values(payload=sealed))

    def rewrap(self, connection: sa.Connection, master: MasterKey, made_at: datetime) -> int:
        """Wrap every key by a new master key, under which the vault is sealed from then on; returns how many."""
        numbers = list(connection.execute(sa.select(DATA_KEY.c.submission_id)).scalars())
        for start in range(0, len(numbers), AT_ONCE):
            batch = DATA_KEY.c.submission_id.in_(among(numbers[start : start + AT_ONCE]))
            secrets = [
                (r.submission_id, self._unwrapped(r)) for r in connection.execute(sa.select(DATA_KEY).where(batch))
            ]
            connection.execute(sa.delete(DATA_KEY).where(batch))
            fresh = [(number, master.key_id, master.wrap(key, f"data_key/{number}")) for number, key in secrets]
            insert_rows(connection, DATA_KEY, fresh)
        held = connection.execute(sa.select(PURPOSE_KEY.c.wrapped)).scalar_one()
        again = master.wrap(self.master.unwrap(held, _PURPOSES), _PURPOSES)
        connection.execute(sa.update(PURPOSE_KEY).values(key_id=master.key_id, wrapped=again))
        seal_under(connection, master, made_at)
        return len(numbers)

    def _wrapped(self, number: int, secret: bytes) -> bytes:
        return self.master.wrap(secret, f"data_key/{number}")

    def _unwrapped(self, row: sa.Row[Any]) -> bytes:
        return self.master.unwrap(row.wrapped, f"data_key/{row.submission_id}")

    def _remember(self, keys: dict[int, DataKey]) -> dict[int, DataKey]:
        if len(self._ready) > KEPT_READY:
            self._ready.clear()
        self._ready.update(keys)
        return keys


def file_place(submission_id: int, uid: str) -> str:
    """What the key and the chunks of a submission's file are sealed for."""
    return f"{ATTACHMENT.name}/{submission_id}/{uid}"


def seal_under(connection: sa.Connection, master: MasterKey, made_at: datetime) -> None:
    """Write down that the vault is sealed under this key from now on, with a proof to know it by."""
    connection.execute(sa.update(VAULT_KEY).where(VAULT_KEY.c.retired_at.is_(None)).values(retired_at=made_at))
    proof = master.wrap(_PROOF, "vault_key")
    connection.execute(sa.insert(VAULT_KEY).values(key_id=master.key_id, proof=proof, made_at=made_at))


def key_id_of(connection: sa.Connection) -> str | None:
    """The id of the master key that the vault is sealed under; None before it has one."""
    if not connection.dialect.has_table(connection, VAULT_KEY.name, schema=VAULT_KEY.schema):
        return None
    current = sa.select(VAULT_KEY.c.key_id).where(VAULT_KEY.c.retired_at.is_(None))
    held: str | None = connection.execute(current).scalar()
    return held


def unlock(connection: sa.Connection, master: MasterKey) -> Keys:
    """The vault's keys. StoreError when it is sealed under another master key."""
    c = VAULT_KEY.c
    held = connection.execute(sa.select(VAULT_KEY).where(c.retired_at.is_(None))).one()
    if held.key_id != master.key_id or master.unwrap(held.proof, "vault_key") != _PROOF:
        raise StoreError(f"The vault is sealed under the key {held.key_id}, not under {master.key_id}.")
    return Keys(master)
