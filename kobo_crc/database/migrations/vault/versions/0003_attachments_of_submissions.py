"""attachments of submissions"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attachment_uid", sa.Text(), nullable=False, comment="the server's own id of the file"),
        sa.Column("question", sa.Text(), nullable=False, comment="the question it answers, with repeat indexes"),
        sa.Column(
            "file", sa.Text(), nullable=False, comment="where it lies below the folder `attachments`, with slashes"
        ),
        sa.Column("mimetype", sa.Text(), nullable=False, comment="what the server says it is"),
        sa.Column("address", sa.Text(), nullable=False, comment="where the server has it: path and query, no host"),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, kept, refused, given_up, removed, erased"),
        sa.Column("size", sa.BigInteger(), nullable=True, comment="bytes, once kept"),
        sa.Column("sha256", sa.Text(), nullable=True, comment="of the content, once kept"),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("tried_at", sa.DateTime(), nullable=True, comment="when it was last asked for"),
        sa.PrimaryKeyConstraint("submission_id", "attachment_uid"),
        schema="vault",
        comment="files that came with submissions; the files themselves lie beside the vault",
    )
    op.create_index("attachment_state", "attachment", ["state"], unique=False, schema="vault")
    op.create_table(
        "attachment_mark",
        sa.Column("source_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "version_id",
            sa.BigInteger(),
            nullable=False,
            comment="the files of all versions up to here are listed",
        ),
        sa.Column(
            "choice",
            sa.Text(),
            nullable=False,
            comment="which questions' files were wanted then; others: list anew",
        ),
        sa.PrimaryKeyConstraint("source_id"),
        schema="vault",
    )
