"""consent to a handover is asked in a form of its own, organisation by organisation"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEPT = (
    "submission_id, row_path, parent_path, record_code, contact_code, report_code, share_code, given_by_code, "
    "child_assent_code, method_code"
)


def upgrade() -> None:
    # SQLite drops no column that a foreign key names: the table is made anew, with its rows.
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
    op.create_table(
        "handover_consent",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row_path", sa.Text(), nullable=False),
        sa.Column("parent_path", sa.Text(), nullable=False),
        sa.Column("centre_code", sa.Text(), nullable=True, comment="the centre that it belongs to"),
        sa.Column("partner_code", sa.Text(), nullable=True, comment="the organisation whose staff did it"),
        sa.Column(
            "staff_code", sa.Text(), nullable=True, comment="the member of staff who asked; a code, never a name"
        ),
        sa.Column("said_on", sa.Date(), nullable=True, comment="day of the answer as staff state it"),
        sa.Column("person_code", sa.Text(), nullable=True, comment="number of the person's card"),
        sa.Column(
            "organization_code", sa.Text(), nullable=True, comment="the organisation that is to take the centre over"
        ),
        sa.Column(
            "agreed_code",
            sa.Text(),
            nullable=True,
            comment="may the person be passed on to it; a later no takes a yes back",
        ),
        sa.Column("given_by_code", sa.Text(), nullable=True, comment="who agreed"),
        sa.Column(
            "child_assent_code",
            sa.Text(),
            nullable=True,
            comment="whether a child agreed as well, when a caregiver answered",
        ),
        sa.Column("method_code", sa.Text(), nullable=True, comment="how the consent was given"),
        sa.Column(
            "recorded_at",
            sa.DateTime(),
            nullable=True,
            comment="when the answer was written down, by the tablet's clock, UTC",
        ),
        sa.ForeignKeyConstraint(["centre_code"], ["code_centre.code"]),
        sa.ForeignKeyConstraint(["partner_code"], ["code_organization.code"]),
        sa.ForeignKeyConstraint(["staff_code"], ["code_staff.code"]),
        sa.ForeignKeyConstraint(["organization_code"], ["code_organization.code"]),
        sa.ForeignKeyConstraint(["agreed_code"], ["code_yes_no.code"]),
        sa.ForeignKeyConstraint(["given_by_code"], ["code_consent_given_by.code"]),
        sa.ForeignKeyConstraint(["child_assent_code"], ["code_yes_no.code"]),
        sa.ForeignKeyConstraint(["method_code"], ["code_consent_method.code"]),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.submission_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("submission_id", "row_path"),
        comment="What one person answered, on one day, when asked whether they may be passed on to one organisation, name and all.",
        sqlite_with_rowid=False,
    )
    op.create_index("handover_consent_person_code", "handover_consent", ["person_code"], unique=False)
    if op.get_context().dialect.name == "postgresql":  # as 0013 does for the other tables
        op.execute("ALTER TABLE handover_consent ALTER COLUMN person_code SET STATISTICS 0")
