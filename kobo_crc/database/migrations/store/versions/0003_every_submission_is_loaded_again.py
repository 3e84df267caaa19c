"""every submission is loaded again, for the vault's rows were dropped when it began to seal them"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE submission SET plan = ''")
