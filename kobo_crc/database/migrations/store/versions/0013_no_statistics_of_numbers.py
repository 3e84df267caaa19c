"""no statistics of people's numbers"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# PostgreSQL would copy some of them into a catalogue of its own, where erasing cannot reach them.
NUMBERS = {
    "visit": ["person_code"],
    "registration": ["person_code"],
    "referral": ["reference_code", "person_code", "previous_reference_code"],
    "referral_event": ["reference_code"],
    "service_delivery": ["person_code", "reference_code"],
    "attendance": ["person_code"],
    "feedback": ["person_code"],
    "referral_state": ["reference_code", "previous_reference_code", "next_reference_code"],
    "referral_reply": ["reference_code"],
    "person_link": ["person_code", "person_id", "possible_id"],
    "person_reporting": ["person_code"],
}


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table, columns in NUMBERS.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
