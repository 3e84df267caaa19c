"""replies of receivers"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "referral_reply",
        sa.Column("reply_id", sa.Integer(), nullable=False, comment="number of the reply in the vault"),
        sa.Column("reference_code", sa.Text(), nullable=True, comment="number of the referral"),
        sa.Column("organization_code", sa.Text(), nullable=True, comment="the receiver that replied"),
        sa.Column("event_code", sa.Text(), nullable=True, comment="what happened, as the receiver says"),
        sa.Column("event_on", sa.Date(), nullable=True, comment="day it happened, as told"),
        sa.Column("reason_code", sa.Text(), nullable=True, comment="why it was not accepted or not served"),
        sa.Column("received_at", sa.DateTime(), nullable=True, comment="when the workbook was imported, UTC"),
        sa.ForeignKeyConstraint(["event_code"], ["code_referral_event.code"]),
        sa.ForeignKeyConstraint(["organization_code"], ["code_organization.code"]),
        sa.ForeignKeyConstraint(["reason_code"], ["code_event_reason.code"]),
        sa.PrimaryKeyConstraint("reply_id"),
        comment="What receivers wrote into their workbooks: of each step the newest reply. Kept in the vault.",
        sqlite_with_rowid=False,
    )
