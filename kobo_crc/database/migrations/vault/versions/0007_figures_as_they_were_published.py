"""figures as they were published"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_figure",
        sa.Column("month", sa.Text(), nullable=False, comment="such as 2026-10"),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False, comment="the way of parting; empty for the total"),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="its place in the figure"),
        sa.Column("value", sa.BigInteger(), comment="rounded; 0 where it was small, NULL where it is no count"),
        sa.Column("shown", sa.Text(), nullable=False, comment="as it was published"),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("month", "figure", "way", "category"),
        schema="vault",
        comment="the figures of each month as they were first published; rows are never changed",
        sqlite_with_rowid=False,
    )
