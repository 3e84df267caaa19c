"""no line of the audit in another's place"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":  # whose INSERT OR REPLACE tells no trigger of what goes
        op.execute(
            "CREATE TRIGGER vault.audit_no_replace BEFORE INSERT ON audit WHEN EXISTS "
            "(SELECT 1 FROM audit a WHERE a.audit_id = NEW.audit_id) "
            "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )
