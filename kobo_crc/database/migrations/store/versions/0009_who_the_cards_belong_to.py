"""who the cards belong to"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_link",
        sa.Column("person_code", sa.Text(), nullable=False, comment="number of the card"),
        sa.Column("person_id", sa.Text(), nullable=True, comment="the person; the same for cards that somebody joined"),
        sa.Column(
            "possible_id",
            sa.Text(),
            nullable=True,
            comment="the same for people who may be one, while nobody has decided; the person otherwise",
        ),
        sa.PrimaryKeyConstraint("person_code"),
        comment="Who the cards belong to: random numbers from the vault, which say nothing outside this store.",
        sqlite_with_rowid=False,
    )
    # Every submission is loaded again: the vault's match keys are made with its rows.
    op.execute("UPDATE submission SET plan = ''")
