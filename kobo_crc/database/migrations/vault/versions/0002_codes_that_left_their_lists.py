"""codes that left their lists"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gone_code",
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "row",
            sa.Text(),
            nullable=False,
            comment="JSON: the code table's row as it was when the code retired",
        ),
        sa.PrimaryKeyConstraint("list_name", "code"),
        schema="vault",
        comment="codes that have left their lists; old answers keep their meaning",
        sqlite_with_rowid=False,
    )
