"""What people answered to questions of consent, by their newest answer: read from the store, and kept in it."""

from __future__ import annotations

import sqlalchemy as sa

from kobo_crc.consent import Agreement, ConsentAnswer, agreement
from kobo_crc.database.counted import shown
from kobo_crc.database.metadata import DERIVED_TABLES, FACT_TABLES, SUBMISSION
from kobo_crc.database.rows import insert_rows

_PERSON_REPORTING = DERIVED_TABLES["person_reporting"]


def agreement_of(connection: sa.Connection, question: str) -> Agreement:
    """The newest answers of everyone to a question, a column of `consent`, in submissions that outputs show."""
    consent, visit = FACT_TABLES["consent"], FACT_TABLES["visit"]
    query = (
        sa.select(
            *(visit.c.person_code, consent.c.submission_id, visit.c.visited_on),
            *(SUBMISSION.c.submitted_at, consent.c[question]),
        )
        .join(visit, visit.c.submission_id == consent.c.submission_id)
        .join(SUBMISSION, SUBMISSION.c.submission_id == consent.c.submission_id)
        .where(shown())
    )
    return agreement(map(ConsentAnswer._make, connection.execute(query)), persons(connection))


def persons(connection: sa.Connection) -> dict[str, str]:
    """Whose each card is."""
    c = DERIVED_TABLES["person_link"].c
    return {code: person for code, person in connection.execute(sa.select(c.person_code, c.person_id))}


def recompute(connection: sa.Connection) -> None:
    """Write down for each card what its person answered last, for the views that people's tools read.

    Whose each card is must have been worked out.
    """
    connection.execute(sa.delete(_PERSON_REPORTING))
    found = agreement_of(connection, "report_code")
    linked = {card: found.people[person] for card, person in found.persons.items() if person in found.people}
    people = set(found.persons.values())
    others = {card: may for card, may in found.people.items() if card not in people}
    said = sorted((others | linked).items())
    insert_rows(connection, _PERSON_REPORTING, [(card, "yes" if may else "no") for card, may in said])
