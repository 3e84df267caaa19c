"""answers are sealed"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import context, op

from kobo_crc.errors import ConfigError

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "vault"


def upgrade() -> None:
    _make_tables()
    _make_audit()
    # Made again from the landing: the store's own migration leaves every submission stale.
    for name, path in (("identity", "row_path"), ("answer", "path")):
        op.drop_table(name, schema=SCHEMA)
        _make_sealed(name, path)
    connection, keys = op.get_bind(), context.config.attributes["keys"]
    if connection.execute(sa.text("SELECT EXISTS (SELECT 1 FROM vault.landed)")).scalar():
        if keys is None:
            raise ConfigError(
                "The vault holds answers that are not sealed. Please back it up, and run `kobo-crc vault init`, which "
                "makes a key and seals them; then run again."
            )
        keys.seal_landed(connection, datetime.now(UTC).replace(tzinfo=None, microsecond=0))


def _make_tables() -> None:
    op.create_table(
        "data_key",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False, comment="the master key that wraps it"),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("submission_id"),
        schema=SCHEMA,
        comment="the key that seals what a submission says; destroyed with the person's data",
    )
    op.create_table(
        "vault_key",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column(
            "proof", sa.LargeBinary(), nullable=False, comment="a known text sealed under the key, to know it by"
        ),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("retired_at", sa.DateTime(), nullable=True, comment="NULL for the one in use"),
        sa.PrimaryKeyConstraint("key_id"),
        schema=SCHEMA,
        comment="the master keys that the vault was ever sealed under; the keys themselves are never here",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "purpose_key",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False, comment="the master key that wraps it"),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
        schema=SCHEMA,
        comment="what the key of each kind of keyed hash is derived from",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erased",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False, comment="the question of the card's number; empty for all of it"),
        sa.Column(
            "card",
            sa.LargeBinary(),
            nullable=False,
            comment="keyed hash of the card's number; empty for all of it",
        ),
        sa.Column("erased_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", "path"),
        schema=SCHEMA,
        comment="what was erased of which submission, so that no later night brings it back",
        sqlite_with_rowid=False,
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False, comment="UTC"),
        sa.Column("who", sa.Text(), nullable=False, comment="the account on this computer"),
        sa.Column("action", sa.Text(), nullable=False, comment="the command"),
        sa.Column("purpose", sa.Text(), nullable=False, comment="why, in the words of who did it"),
        sa.Column("scope", sa.Text(), nullable=False, comment="which rows: a filter, never a name"),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id"),
        schema=SCHEMA,
        comment="every opening of the vault for a person's eyes, and every export; append-only",
    )
    if op.get_bind().dialect.name == "postgresql":
        _refuse_on_postgresql()
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER vault.audit_no_{change.lower()} BEFORE {change} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )


def _refuse_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION vault.refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'the audit is append-only'; END$$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.audit "
        "EXECUTE FUNCTION vault.refuse_change()"
    )


def _make_sealed(name: str, path: str) -> None:
    comments = {
        "identity": "Names and phone numbers, as typed. Kept in the vault only.",
        "answer": "answers that no cell of the form places in a table; treated as direct identifiers",
    }
    parent = [sa.Column("parent_path", sa.Text(), nullable=False)] if name == "identity" else []
    op.create_table(
        name,
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(path, sa.Text(), nullable=False),
        *parent,
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", path),
        schema=SCHEMA,
        comment=comments[name],
        sqlite_with_rowid=False,
    )
