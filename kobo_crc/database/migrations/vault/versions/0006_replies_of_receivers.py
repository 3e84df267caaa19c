"""replies of receivers"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reply",
        sa.Column("reply_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reference_code", sa.Text(), nullable=False),
        sa.Column("organization_code", sa.Text(), nullable=False, comment="the receiver that replied"),
        sa.Column("event_code", sa.Text(), nullable=False),
        sa.Column("event_on", sa.Date(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False, comment="empty for none"),
        sa.Column("received_at", sa.DateTime(), nullable=False, comment="when its workbook was imported, UTC"),
        sa.PrimaryKeyConstraint("reply_id"),
        sa.UniqueConstraint(
            "reference_code", "organization_code", "event_code", "event_on", "reason_code", name="reply_seen"
        ),
        schema="vault",
        comment="what receivers wrote into their workbooks, append-only; nothing else could tell it again",
    )
