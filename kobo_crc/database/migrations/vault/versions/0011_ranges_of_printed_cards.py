"""ranges of printed cards"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_range",
        sa.Column("range_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="the first digit: 1 person cards, 2 referral slips"),
        sa.Column("block", sa.Integer(), nullable=False, comment="the next four digits, drawn at random"),
        sa.Column("first_place", sa.Integer(), nullable=False, comment="the place in the block's order, from 0"),
        sa.Column("number_count", sa.Integer(), nullable=False),
        sa.Column("printed_at", sa.DateTime(), nullable=False, comment="UTC"),
        sa.PrimaryKeyConstraint("range_id"),
        sa.UniqueConstraint("kind", "block", "first_place", name="card_range_once"),
        schema="vault",
        comment="the numbers that were given out to be printed; never changed",
    )
