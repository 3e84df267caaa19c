"""submissions put on hold"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held_submission",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "held_at_s", sa.BigInteger(), nullable=False, comment="the server's time of the status, Unix seconds"
        ),
        sa.Column("released", sa.Boolean(), nullable=False, comment="whether a person has decided otherwise since"),
        sa.PrimaryKeyConstraint("submission_id"),
        schema="vault",
        comment="submissions that the pipeline itself put on hold on the server",
    )
