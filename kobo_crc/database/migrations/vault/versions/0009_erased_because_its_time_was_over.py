"""erased because its time was over"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "erased",
        sa.Column(
            "purpose", sa.Text(), server_default="", nullable=False, comment="whose time was over; empty on request"
        ),
        schema="vault",
    )
