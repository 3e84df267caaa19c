"""The SQL tables, derived from the schema's data: STORE for the shared store, VAULT (schema `vault`) for the vault."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from kobo_crc.database.appending import keep_append_only
from kobo_crc.schema.codes import CODE_LISTS, EXTRA_COLUMNS
from kobo_crc.schema.derived import DERIVED, DerivedTable
from kobo_crc.schema.facts import FACTS
from kobo_crc.schema.tables import Column, Table

LABEL_COLUMNS = ("label_ar", "label_ckb", "label_en")
VAULT_SCHEMA = "vault"
# On PostgreSQL alone, where it is the path on which tables are found: they are named without it.
STORE_SCHEMA = "store"

STORE = sa.MetaData()
VAULT = sa.MetaData(schema=VAULT_SCHEMA)

_SQL_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "text": sa.Text,
    "code": sa.Text,
    "integer": sa.Integer,
    "decimal": sa.Float,
    "date": sa.Date,
    "time": sa.Time,
    "datetime": sa.DateTime,
}


def _sql_column(column: Column, **options: object) -> sa.Column[object]:
    keys = [sa.ForeignKey(f"code_{column.codes}.code")] if column.codes else []
    return sa.Column(column.name, _SQL_TYPES[column.type], *keys, comment=column.description, **options)  # type: ignore[arg-type]


def _code_table(name: str) -> sa.Table:
    extras = [sa.Column(extra, sa.Text) for extra in EXTRA_COLUMNS.get(name, ())]
    labels = [sa.Column(label, sa.Text, nullable=False) for label in LABEL_COLUMNS]
    return sa.Table(
        f"code_{name}",
        STORE,
        sa.Column("code", sa.Text, primary_key=True),
        *labels,
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        *extras,
        sa.Column("position", sa.Integer, nullable=False, server_default="0", comment="its place in the list's file"),
        sa.Column("retired_on", sa.Date, comment="the day the code was found gone from its list; codes never vanish"),
    )


def _submission_id(metadata: sa.MetaData) -> sa.Column[int]:
    keys = [sa.ForeignKey("submission.submission_id", ondelete="CASCADE")] if metadata is STORE else []
    return sa.Column("submission_id", sa.BigInteger, *keys, primary_key=True, autoincrement=False)


def _sealed_columns() -> tuple[sa.Column[Any], ...]:
    """A vault's row: its values by column name as JSON, sealed, and what they were made from."""
    return (
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("version_id", sa.BigInteger, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
    )


def _fact_table(table: Table) -> sa.Table:
    metadata = VAULT if table.vault else STORE
    numbers = [column.name for column in table.columns if column.rule == "number"]
    return sa.Table(
        table.name,
        metadata,
        _submission_id(metadata),
        sa.Column("row_path", sa.Text, primary_key=True),
        sa.Column("parent_path", sa.Text, nullable=False),
        *(_sealed_columns() if table.vault else map(_sql_column, table.columns)),
        *(sa.Index(f"{table.name}_{name}", name) for name in numbers),
        comment=table.description,
        sqlite_with_rowid=False,
    )


def _derived_table(table: DerivedTable) -> sa.Table:
    columns = (_sql_column(column, primary_key=column.name in table.key) for column in table.columns)
    return sa.Table(table.name, STORE, *columns, comment=table.description, sqlite_with_rowid=False)


CODES: dict[str, sa.Table] = {name: _code_table(name) for name in CODE_LISTS}

SUBMISSION = sa.Table(
    "submission",
    STORE,
    sa.Column("submission_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("asset_uid", sa.Text, nullable=False),
    sa.Column("server_id", sa.BigInteger, nullable=False, comment="KoboToolbox's `_id`"),
    sa.Column("root_uuid", sa.Text, nullable=False, comment="stable across edits"),
    sa.Column("version_id", sa.BigInteger, nullable=False, comment="the landed version these rows were made from"),
    sa.Column("plan", sa.Text, nullable=False, comment="the mapping these rows were made by"),
    sa.Column("form_version", sa.Text, nullable=False),
    sa.Column("submitted_at", sa.DateTime, comment="arrival at the server, UTC"),
    sa.Column("validation_status", sa.Text, nullable=False),
    sa.Column("deleted_on", sa.Date, comment="the day its deletion on the server was seen"),
    sa.Column("centre_code", sa.Text, comment="the centre that it names itself"),
)

FACT_TABLES: dict[str, sa.Table] = {table.name: _fact_table(table) for table in FACTS}
DERIVED_TABLES: dict[str, sa.Table] = {table.name: _derived_table(table) for table in DERIVED}

PROBLEM = sa.Table(
    "problem",
    STORE,
    _submission_id(STORE),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("detail", sa.Text, nullable=False, comment="what was expected; never the answer's value"),
    sqlite_with_rowid=False,
)

RUN = sa.Table(
    "run",
    STORE,
    sa.Column("run_id", sa.Integer, primary_key=True),
    sa.Column("pipeline", sa.Text, nullable=False),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("finished_at", sa.DateTime),
    sa.Column("outcome", sa.Text, nullable=False, comment="running, ok, incomplete (nothing tombstoned), failed"),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("new_count", sa.Integer, nullable=False),
    sa.Column("changed_count", sa.Integer, nullable=False),
    sa.Column("deleted_count", sa.Integer, nullable=False),
    sa.Column("reloaded_count", sa.Integer, nullable=False),
    sa.Column("server_count", sa.Integer, nullable=False, comment="submissions the server says it has"),
    sa.Column("store_count", sa.Integer, nullable=False, comment="live submissions in the store afterwards"),
    sa.Column("problem_count", sa.Integer, nullable=False),
)

MARK = sa.Table(
    "mark",
    STORE,
    sa.Column("name", sa.Text, primary_key=True, comment="`facts` counts writes; `derived` the facts it is of"),
    sa.Column("value", sa.BigInteger, nullable=False),
)

SOURCE = sa.Table(
    "source",
    VAULT,
    sa.Column("source_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("asset_uid", sa.Text, nullable=False, unique=True),
    sa.Column("highest_id", sa.BigInteger, nullable=False, comment="every `_id` up to here has been asked for"),
    sa.Column("project_name", sa.Text, comment="the project's title on the server"),
    sa.Column("deployed_version", sa.Text, comment="the version that tablets get"),
    sa.Column("active", sa.Boolean, comment="false for an archived project"),
    sa.Column("permissions", sa.Text, comment="what the account might do, the last time"),
    sa.Column("swept_at", sa.DateTime, comment="the last complete sweep, UTC"),
    sa.Column("looked_at", sa.DateTime, comment="how far the history was known, by the server's clock"),
)

FORM_VERSION = sa.Table(
    "form_version",
    VAULT,
    sa.Column("source_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version_uid", sa.Text, primary_key=True),
    sa.Column("seen_at", sa.DateTime, nullable=False),
    sqlite_with_rowid=False,
    comment="the versions of a form that were ever deployed, as the server tells them",
)

SUBMISSION_KEY = sa.Table(
    "submission_key",
    VAULT,
    sa.Column("submission_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("source_id", sa.Integer, nullable=False),
    sa.Column("root_uuid", sa.Text, nullable=False),
    sa.Column("server_id", sa.BigInteger, nullable=False),
    sa.Column("version_id", sa.BigInteger, nullable=False, comment="the newest landed version"),
    sa.Column("uuid", sa.Text, nullable=False),
    sa.Column("validation_status", sa.Text, nullable=False),
    sa.Column("attachments", sa.Text, nullable=False, comment="fingerprint, URLs left out"),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("modified", sa.Text, nullable=False, server_default="", comment="`_date_modified`, if served"),
    sa.UniqueConstraint("source_id", "root_uuid", name="submission_key_root"),
    sa.Index("submission_key_server_id", "source_id", "server_id"),
)

LANDED = sa.Table(
    "landed",
    VAULT,
    sa.Column("version_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("submission_id", sa.BigInteger, nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False),
    sa.Column("payload", sa.LargeBinary, comment="the server's JSON as it came, sealed; NULL for a deletion"),
)

DATA_KEY = sa.Table(
    "data_key",
    VAULT,
    sa.Column("submission_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("key_id", sa.Text, nullable=False, comment="the master key that wraps it"),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    comment="the key that seals what a submission says; destroyed with the person's data",
)

VAULT_KEY = sa.Table(
    "vault_key",
    VAULT,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("proof", sa.LargeBinary, nullable=False, comment="a known text sealed under the key, to know it by"),
    sa.Column("made_at", sa.DateTime, nullable=False),
    sa.Column("retired_at", sa.DateTime, comment="NULL for the one in use"),
    sqlite_with_rowid=False,
    comment="the master keys that the vault was ever sealed under; the keys themselves are never here",
)

PURPOSE_KEY = sa.Table(
    "purpose_key",
    VAULT,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key_id", sa.Text, nullable=False, comment="the master key that wraps it"),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
    comment="what the key of each kind of keyed hash is derived from",
)

ERASED = sa.Table(
    "erased",
    VAULT,
    sa.Column("submission_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("path", sa.Text, primary_key=True, comment="the question of the card's number; empty for all of it"),
    sa.Column("card", sa.LargeBinary, primary_key=True, comment="keyed hash of the card's number"),
    sa.Column("erased_at", sa.DateTime, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False, server_default="", comment="whose time was over; empty on request"),
    sqlite_with_rowid=False,
    comment="what was erased of which submission, so that no later night brings it back",
)

AUDIT = sa.Table(
    "audit",
    VAULT,
    sa.Column("audit_id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime, nullable=False, comment="UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="the account on this computer; an officer's login on a server"),
    sa.Column("action", sa.Text, nullable=False, comment="the command"),
    sa.Column("purpose", sa.Text, nullable=False, comment="why, in the words of who did it"),
    sa.Column("scope", sa.Text, nullable=False, comment="which rows: a filter, never a name"),
    sa.Column("row_count", sa.Integer, nullable=False),
    sa.Column("session_id", sa.Integer, comment="of an officer's line: the server's process that wrote it"),
    sa.Column("asked_in", sa.Text, comment="of an officer's line: the number of its transaction"),
    comment="every opening of the vault for a person's eyes, and every export; append-only",
)
keep_append_only(AUDIT)

OPENED = sa.Table(
    "opened",
    VAULT,
    sa.Column("audit_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("submission_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Index("opened_submission_id", "submission_id"),
    sqlite_with_rowid=False,
    comment="which submissions a line of the audit opened; append-only",
)
keep_append_only(OPENED)

GONE_CODE = sa.Table(
    "gone_code",
    VAULT,
    sa.Column("list_name", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("row", sa.Text, nullable=False, comment="JSON: the code table's row as it was when the code retired"),
    sqlite_with_rowid=False,
    comment="codes that have left their lists; old answers keep their meaning",
)

ANSWER = sa.Table(
    "answer",
    VAULT,
    sa.Column("submission_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("path", sa.Text, primary_key=True),
    *_sealed_columns(),
    sqlite_with_rowid=False,
    comment="answers that no cell of the form places in a table; treated as direct identifiers",
)

ATTACHMENT = sa.Table(
    "attachment",
    VAULT,
    sa.Column("submission_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("attachment_uid", sa.Text, primary_key=True, comment="the server's own id of the file"),
    sa.Column("question", sa.Text, nullable=False, comment="the question it answers, with repeat indexes"),
    sa.Column("file", sa.Text, nullable=False, comment="where it lies below the folder `attachments`, with slashes"),
    sa.Column("mimetype", sa.Text, nullable=False, comment="what the server says it is"),
    sa.Column("address", sa.Text, nullable=False, comment="where the server has it: path and query, no host"),
    sa.Column("state", sa.Text, nullable=False, comment="waiting, kept, refused, given_up, removed, lost, erased"),
    sa.Column("size", sa.BigInteger, comment="bytes, once kept"),
    sa.Column("sha256", sa.Text, comment="of the content, once kept"),
    sa.Column("first_seen_at", sa.DateTime, nullable=False),
    sa.Column("tried_at", sa.DateTime, comment="when it was last asked for"),
    sa.Column("sealed", sa.LargeBinary, comment="its name and its key, sealed by the submission's data key"),
    sa.Index("attachment_state", "state"),
    comment="files that came with submissions; the files themselves lie beside the vault",
)

ATTACHMENT_MARK = sa.Table(
    "attachment_mark",
    VAULT,
    sa.Column("source_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version_id", sa.BigInteger, nullable=False, comment="the files of all versions up to here are listed"),
    sa.Column("choice", sa.Text, nullable=False, comment="which questions' files were wanted then; others: list anew"),
)

PUBLISHED_FIGURE = sa.Table(
    "published_figure",
    VAULT,
    sa.Column("month", sa.Text, primary_key=True, comment="such as 2026-10"),
    sa.Column("figure", sa.Text, primary_key=True),
    sa.Column("way", sa.Text, primary_key=True, comment="the way of parting; empty for the total"),
    sa.Column("category", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False, comment="its place in the figure"),
    sa.Column("value", sa.BigInteger, comment="rounded; 0 where it was small, NULL where it is no count"),
    sa.Column("shown", sa.Text, nullable=False, comment="as it was published"),
    sa.Column("published_at", sa.DateTime, nullable=False),
    sqlite_with_rowid=False,
    comment="the figures of each month as they were first published; rows are never changed",
)

PUBLISHED_LIST = sa.Table(
    "published_list",
    VAULT,
    sa.Column("asset_uid", sa.Text, primary_key=True),
    sa.Column("filename", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, comment="of the file, as the server tells it"),
    sa.Column("row_count", sa.Integer, nullable=False),
    sa.Column("published_at", sa.DateTime, nullable=False, comment="UTC"),
    sqlite_with_rowid=False,
    comment="the lists that tablets have, as they were sent last; no row of them",
)

HELD_SUBMISSION = sa.Table(
    "held_submission",
    VAULT,
    sa.Column("submission_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("held_at_s", sa.BigInteger, nullable=False, comment="the server's time of the status, Unix seconds"),
    sa.Column("released", sa.Boolean, nullable=False, comment="whether a person has decided otherwise since"),
    comment="submissions that the pipeline itself put on hold on the server",
)

REPLY = sa.Table(
    "reply",
    VAULT,
    sa.Column("reply_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("reference_code", sa.Text, nullable=False),
    sa.Column("organization_code", sa.Text, nullable=False, comment="the receiver that replied"),
    sa.Column("event_code", sa.Text, nullable=False),
    sa.Column("event_on", sa.Date, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False, comment="empty for none"),
    sa.Column("received_at", sa.DateTime, nullable=False, comment="when its workbook was imported, UTC"),
    sa.UniqueConstraint(
        "reference_code", "organization_code", "event_code", "event_on", "reason_code", name="reply_seen"
    ),
    comment="what receivers wrote into their workbooks, append-only; nothing else could tell it again",
)

CARD_RANGE = sa.Table(
    "card_range",
    VAULT,
    sa.Column("range_id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="the first digit: 1 person cards, 2 referral slips"),
    sa.Column("block", sa.Integer, nullable=False, comment="the next four digits, drawn at random"),
    sa.Column("first_place", sa.Integer, nullable=False, comment="the place in the block's order, from 0"),
    sa.Column("number_count", sa.Integer, nullable=False),
    sa.Column("printed_at", sa.DateTime, nullable=False, comment="UTC"),
    sa.UniqueConstraint("kind", "block", "first_place", name="card_range_once"),
    comment="the numbers that were given out to be printed; never changed",
)

DISCLOSED = sa.Table(
    "disclosed",
    VAULT,
    sa.Column("referral", sa.Text, primary_key=True, comment="keyed hash of the referral's number, or of the card's"),
    sa.Column("receiver", sa.Text, primary_key=True, comment="who was told: a code of organisations, or a name"),
    sa.Column("way", sa.Text, primary_key=True, comment="letter, contacts, worklist, replies, export, handover"),
    sa.Column("told", sa.Text, primary_key=True, comment="what was told, by kinds"),
    sa.Column("person", sa.Text, comment="keyed hash of the card's number; NULL where the referral names none"),
    sa.Column("first_at", sa.DateTime, nullable=False, comment="UTC"),
    sa.Column("last_at", sa.DateTime, nullable=False, comment="UTC"),
    sa.Index("disclosed_person", "person"),
    sqlite_with_rowid=False,
    comment="who was told of which referral or person, for consent that ends",
)
