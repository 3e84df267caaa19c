"""what each person answered last to being counted in reports"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_reporting",
        sa.Column("person_code", sa.Text(), nullable=False, comment="number of the person's card"),
        sa.Column(
            "report_code",
            sa.Text(),
            nullable=True,
            comment="may the person be counted, without name, in reports; no = opted out",
        ),
        sa.ForeignKeyConstraint(["report_code"], ["code_yes_no.code"]),
        sa.PrimaryKeyConstraint("person_code"),
        comment="What each person answered last to being counted in reports; it holds for all their visits.",
        sqlite_with_rowid=False,
    )
    op.execute("DELETE FROM mark WHERE name = 'derived'")  # to be filled by the next run, whatever has changed
