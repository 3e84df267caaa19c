"""which submissions each line of the audit opened, and in which session an officer asked"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCHEMA = "vault"


def upgrade() -> None:
    session = sa.Column("session_id", sa.Integer(), comment="of an officer's line: the server's process that wrote it")
    op.add_column("audit", session, schema=SCHEMA)
    asked_in = sa.Column("asked_in", sa.Text(), comment="of an officer's line: the number of its transaction")
    op.add_column("audit", asked_in, schema=SCHEMA)
    op.create_table(
        "opened",
        sa.Column("audit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("audit_id", "submission_id"),
        schema=SCHEMA,
        comment="which submissions a line of the audit opened; append-only",
        sqlite_with_rowid=False,
    )
    op.create_index("opened_submission_id", "opened", ["submission_id"], schema=SCHEMA)
    _keep_append_only()


def _keep_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER opened_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.opened "
            "EXECUTE FUNCTION vault.refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER vault.opened_no_{change.lower()} BEFORE {change} ON opened "
            "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER vault.opened_no_replace BEFORE INSERT ON opened WHEN EXISTS "
        "(SELECT 1 FROM opened a WHERE a.audit_id = NEW.audit_id AND a.submission_id = NEW.submission_id) "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
    )
