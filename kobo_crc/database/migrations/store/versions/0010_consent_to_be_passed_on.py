"""consent to be passed on to another organisation"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEPT = (
    "submission_id, row_path, parent_path, record_code, contact_code, report_code, share_code, given_by_code, "
    "child_assent_code, method_code"
)


def upgrade() -> None:
    # SQLite adds no column with a foreign key of its own line: the table is made anew, with its rows.
    op.execute(f"CREATE TABLE consent_before AS SELECT {KEPT} FROM consent")
    op.drop_table("consent")
    op.create_table(
        "consent",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row_path", sa.Text(), nullable=False),
        sa.Column("parent_path", sa.Text(), nullable=False),
        sa.Column(
            "record_code",
            sa.Text(),
            nullable=True,
            comment="may the centre write down who the person is and what they need",
        ),
        sa.Column("contact_code", sa.Text(), nullable=True, comment="may the centre contact the person later"),
        sa.Column(
            "report_code",
            sa.Text(),
            nullable=True,
            comment="may the person be counted, without name, in reports; no = opted out",
        ),
        sa.Column(
            "share_code",
            sa.Text(),
            nullable=True,
            comment="may receivers go on knowing what they were told; no = taken back",
        ),
        sa.Column("given_by_code", sa.Text(), nullable=True, comment="who answered the consent questions"),
        sa.Column(
            "child_assent_code",
            sa.Text(),
            nullable=True,
            comment="whether a child agreed as well, when a caregiver answered",
        ),
        sa.Column("method_code", sa.Text(), nullable=True, comment="how the consent was given"),
        sa.Column(
            "handover_to_code",
            sa.Text(),
            nullable=True,
            comment="the organisation to which the person agreed to be passed on, name and all, asked for that alone",
        ),
        sa.ForeignKeyConstraint(
            ["child_assent_code"],
            ["code_yes_no.code"],
        ),
        sa.ForeignKeyConstraint(
            ["contact_code"],
            ["code_yes_no.code"],
        ),
        sa.ForeignKeyConstraint(
            ["given_by_code"],
            ["code_consent_given_by.code"],
        ),
        sa.ForeignKeyConstraint(
            ["handover_to_code"],
            ["code_organization.code"],
        ),
        sa.ForeignKeyConstraint(
            ["method_code"],
            ["code_consent_method.code"],
        ),
        sa.ForeignKeyConstraint(
            ["record_code"],
            ["code_yes_no.code"],
        ),
        sa.ForeignKeyConstraint(
            ["report_code"],
            ["code_yes_no.code"],
        ),
        sa.ForeignKeyConstraint(
            ["share_code"],
            ["code_yes_no.code"],
        ),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.submission_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("submission_id", "row_path"),
        comment="What the person agreed to in this visit. An empty answer is never a yes.",
        sqlite_with_rowid=False,
    )
    op.execute(f"INSERT INTO consent ({KEPT}) SELECT {KEPT} FROM consent_before")
    op.drop_table("consent_before")
