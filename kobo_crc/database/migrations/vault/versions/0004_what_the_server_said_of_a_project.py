"""what the server said of a project"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_version",
        sa.Column("source_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version_uid", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "version_uid"),
        schema="vault",
        comment="the versions of a form that were ever deployed, as the server tells them",
        sqlite_with_rowid=False,
    )
    for column in (
        sa.Column("project_name", sa.Text(), comment="the project's title on the server"),
        sa.Column("deployed_version", sa.Text(), comment="the version that tablets get"),
        sa.Column("active", sa.Boolean(), comment="false for an archived project"),
        sa.Column("permissions", sa.Text(), comment="what the account might do, the last time"),
        sa.Column("swept_at", sa.DateTime(), comment="the last complete sweep, UTC"),
        sa.Column("looked_at", sa.DateTime(), comment="the last sweep or look into the history, UTC"),
    ):
        op.add_column("source", column, schema="vault")
    op.add_column(
        "submission_key",
        sa.Column("modified", sa.Text(), server_default="", nullable=False, comment="`_date_modified`, if served"),
        schema="vault",
    )
