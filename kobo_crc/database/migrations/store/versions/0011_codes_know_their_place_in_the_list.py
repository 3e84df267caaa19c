"""codes know their place in the list: the order of a file's rows is nothing that every database keeps"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in sa.inspect(op.get_bind()).get_table_names():
        if table.startswith("code_"):
            op.add_column(
                table,
                sa.Column(
                    "position", sa.Integer(), nullable=False, server_default="0", comment="its place in the list's file"
                ),
            )
