"""files are sealed"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "attachment",
        sa.Column("sealed", sa.LargeBinary(), comment="its name and its key, sealed by the submission's data key"),
        schema="vault",
    )
