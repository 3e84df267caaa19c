"""referrals that follow one another"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("previous_reference_code", sa.Text(), comment="number of the earlier referral that this one follows"),
        sa.Column("next_reference_code", sa.Text(), comment="number of the first referral that followed this one"),
    ):
        op.add_column("referral_state", column)
    op.execute("DELETE FROM mark WHERE name = 'derived'")  # the next run fills them
