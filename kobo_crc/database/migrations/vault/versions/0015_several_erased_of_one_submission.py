"""several people erased of one submission"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SCHEMA = "vault"
KEY = ["submission_id", "path", "card"]


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint("erased_pkey", "erased", schema=SCHEMA, type_="primary")
        op.create_primary_key("erased_pkey", "erased", KEY, schema=SCHEMA)
        return
    op.rename_table("erased", "erased_before", schema=SCHEMA)
    op.create_table(
        "erased",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False, comment="the question of the card's number; empty for all of it"),
        sa.Column("card", sa.LargeBinary(), nullable=False, comment="keyed hash of the card's number"),
        sa.Column("erased_at", sa.DateTime(), nullable=False),
        sa.Column(
            "purpose", sa.Text(), server_default="", nullable=False, comment="whose time was over; empty on request"
        ),
        sa.PrimaryKeyConstraint(*KEY),
        schema=SCHEMA,
        comment="what was erased of which submission, so that no later night brings it back",
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO vault.erased SELECT submission_id, path, card, erased_at, purpose FROM vault.erased_before")
    op.drop_table("erased_before", schema=SCHEMA)
