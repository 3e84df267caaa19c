"""lists that tablets have"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_list",
        sa.Column("asset_uid", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="of the file, as the server tells it"),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False, comment="UTC"),
        sa.PrimaryKeyConstraint("asset_uid", "filename"),
        schema="vault",
        comment="the lists that tablets have, as they were sent last; no row of them",
        sqlite_with_rowid=False,
    )
