"""What the server and the copy say, read without any code of the product."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kobo_crc.config import Settings

Rows = dict[str, set[tuple[Any, ...]]]


def root_of(record: dict[str, Any]) -> str:
    """The id that no edit changes."""
    return str(record["meta/rootUuid"]).removeprefix("uuid:")


def expected_rows(records: Iterable[dict[str, Any]], *, statuses: bool) -> Rows:
    """What vault and store have to say of these records."""
    known = {"jalawla"}
    rows: Rows = {name: set() for name in ("submission", "visit", "identity", "need", "referral", "landed")}
    for one in records:
        root = root_of(one)
        rows["landed"].add((root, _text(one, statuses)))
        status = (one.get("_validation_status") or {}).get("uid", "")
        rows["submission"].add((root, one["_id"], status if statuses else ""))
        centre, day = one.get("visit/centre"), one.get("visit/day")
        if centre or day:
            day = day if day and day.startswith("2026-") else None
            rows["visit"].add((root, centre if centre in known else None, day))
        if one.get("given"):
            rows["identity"].add((root, one["given"]))
        rows["need"] |= {(root, code) for code in one.get("needs", "").split()}
        items = enumerate(one.get("referral", ()), 1)
        rows["referral"] |= {(root, f"referral[{number}]", item["referral/number"]) for number, item in items}
    return rows


QUERIES = {
    "submission": "SELECT root_uuid, server_id, validation_status FROM submission WHERE deleted_on IS NULL",
    "visit": "SELECT root_uuid, visit.centre_code, visited_on FROM visit JOIN submission USING (submission_id)",
    "need": "SELECT root_uuid, service_code FROM need JOIN submission USING (submission_id)",
    "referral": "SELECT root_uuid, row_path, reference_code FROM referral JOIN submission USING (submission_id)",
    "landed": "SELECT root_uuid, k.submission_id, version_id, payload, wrapped FROM vault.submission_key k "
    "JOIN vault.landed USING (version_id) JOIN vault.data_key d ON d.submission_id = k.submission_id WHERE NOT deleted",
    "identity": "SELECT root_uuid, i.submission_id, i.submission_id || '/' || row_path, sealed, wrapped "
    "FROM vault.identity i JOIN submission s ON s.submission_id = i.submission_id AND s.version_id = i.version_id "
    "AND s.plan = i.plan JOIN vault.data_key d ON d.submission_id = i.submission_id",
}


def held_rows(settings: Settings, *, statuses: bool) -> Rows:
    """What they say."""
    connection = sqlite3.connect(settings.store)
    try:
        connection.execute("ATTACH DATABASE ? AS vault", (str(settings.vault),))
        rows: Rows = {name: set(connection.execute(query)) for name, query in QUERIES.items()}
    finally:
        connection.close()
    opened = Opened(settings)
    rows["landed"] = {(row[0], _text(opened.json("landed", row), statuses)) for row in rows["landed"]}
    rows["identity"] = {(row[0], opened.json("identity", row)["given_name"]) for row in rows["identity"]}
    if not statuses:
        rows["submission"] = {(*row[:2], "") for row in rows["submission"]}
    return rows


class Opened:
    """Opens what the vault has sealed, with the key of the secrets folder."""

    def __init__(self, settings: Settings) -> None:
        text = (settings.secrets / "kobo_crc_vault_key").read_text(encoding="utf-8")
        self._master = base64.b32decode(text.strip().replace("-", ""))[:32]

    def json(self, table: str, row: tuple[Any, ...]) -> Any:
        """What a row says: root id, number of the submission, place in the table, what is sealed, its wrapped key."""
        _, number, place, sealed, wrapped = row
        return json.loads(_opened(_opened(self._master, wrapped, f"data_key/{number}"), sealed, f"{table}/{place}"))


def _opened(key: bytes, sealed: bytes, place: str) -> bytes:
    return AESGCM(key).decrypt(sealed[1:13], sealed[13:], place.encode())


def _text(record: dict[str, Any], statuses: bool) -> str:
    """A record as text that is equal where the record is; without `statuses`, less what no history tells of."""
    left_out = () if statuses else ("_validation_status", "_attachments")
    return json.dumps({key: value for key, value in record.items() if key not in left_out}, sort_keys=True)


def tombstones(vault: Path) -> set[str]:
    """The roots that the vault holds as deleted, as a killed run may have left it.

    Read from a copy: opening the vault itself would mend its write-ahead log, which is the next run's work.
    """
    if not vault.exists():
        return set()
    with tempfile.TemporaryDirectory() as folder:
        for path in vault.parent.glob(f"{vault.name}*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, folder)
        connection = sqlite3.connect(Path(folder) / vault.name)
        try:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'submission_key'").fetchone():
                return set()
            return {root for (root,) in connection.execute("SELECT root_uuid FROM submission_key WHERE deleted")}
        finally:
            connection.close()
