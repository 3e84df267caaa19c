"""who is who"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA = "vault"


def upgrade() -> None:
    op.create_table(
        "person_card",
        sa.Column("card", sa.Text(), nullable=False, comment="keyed hash of the card's number, hexadecimal"),
        sa.Column("person_id", sa.Text(), nullable=False, comment="random; given once, never again"),
        sa.PrimaryKeyConstraint("card"),
        schema=SCHEMA,
        comment="who a card belongs to; goes with the person's erasure",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "match_key",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row_path", sa.Text(), nullable=False, comment="the row of `identity` that it was made from"),
        sa.Column("kind", sa.Text(), nullable=False, comment="name_and_year, whole_name, phone_and_name"),
        sa.Column("card", sa.Text(), nullable=False, comment="keyed hash of the card's number, hexadecimal"),
        sa.Column("key", sa.Text(), nullable=False, comment="keyed hash of what two registrations may share"),
        sa.PrimaryKeyConstraint("submission_id", "row_path", "kind"),
        schema=SCHEMA,
        comment="what the same person is found by; made with the rows of `identity`",
        sqlite_with_rowid=False,
    )
    op.create_index("match_key_key", "match_key", ["kind", "key"], unique=False, schema=SCHEMA)
    op.create_table(
        "person_decision",
        sa.Column("decision_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False, comment="the smaller of the two"),
        sa.Column("other_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False, comment="join, apart, undo; the newest of a pair counts"),
        sa.Column("decided_at", sa.DateTime(), nullable=False, comment="UTC"),
        sa.Column("who", sa.Text(), nullable=False, comment="the account on this computer"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why, in the words of who decided"),
        sa.PrimaryKeyConstraint("decision_id"),
        schema=SCHEMA,
        comment="what people decided on who is who; rows are never changed or removed",
    )
