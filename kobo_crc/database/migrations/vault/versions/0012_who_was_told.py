"""who was told of which referral"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disclosed",
        sa.Column("referral", sa.Text(), nullable=False, comment="keyed hash of the referral's number"),
        sa.Column("receiver", sa.Text(), nullable=False, comment="who was told: a code of organisations, or a name"),
        sa.Column("way", sa.Text(), nullable=False, comment="letter, contacts, worklist, replies, export"),
        sa.Column("told", sa.Text(), nullable=False, comment="what was told, by kinds"),
        sa.Column("person", sa.Text(), comment="keyed hash of the card's number; NULL where the referral names none"),
        sa.Column("first_at", sa.DateTime(), nullable=False, comment="UTC"),
        sa.Column("last_at", sa.DateTime(), nullable=False, comment="UTC"),
        sa.PrimaryKeyConstraint("referral", "receiver", "way", "told"),
        schema="vault",
        comment="who was told of which referral, for consent that ends",
        sqlite_with_rowid=False,
    )
    op.create_index("disclosed_person", "disclosed", ["person"], schema="vault")
