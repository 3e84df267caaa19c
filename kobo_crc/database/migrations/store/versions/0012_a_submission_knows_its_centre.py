"""a submission knows its centre: what an officer may see is asked of that one column"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# In the order in which the program looks for a submission's centre.
TOLD_BY = ("visit", "referral_event", "service_delivery", "session", "feedback", "centre_day", "directory_entry")


def upgrade() -> None:
    op.add_column("submission", sa.Column("centre_code", sa.Text(), comment="the centre that it names itself"))
    for table in TOLD_BY:
        op.execute(
            f"UPDATE submission SET centre_code = (SELECT max(centre_code) FROM {table} "
            f"WHERE {table}.submission_id = submission.submission_id) WHERE centre_code IS NULL"
        )
