"""What people answered to questions of consent, by their newest answer: read from the store, and kept in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from kobo_crc.consent import YES, Agreement, ConsentAnswer, HandoverAnswer, agreement
from kobo_crc.database.counted import shown
from kobo_crc.database.metadata import CODES, DERIVED_TABLES, FACT_TABLES, SUBMISSION
from kobo_crc.database.rows import insert_rows
from kobo_crc.store import persons

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


def handover_answers(connection: sa.Connection, receiver: str, whose: dict[str, str]) -> Iterator[HandoverAnswer]:
    """What people answered to being passed on to that organisation, and what they took back or ruled out in a visit.

    `whose` says whose each card is; a card that is not among them is a person of its own.
    """
    for code, number, day, arrived, agreed, child in connection.execute(_asked(receiver)):
        passed_on = agreed == YES and child != "no"
        yield HandoverAnswer(whose.get(code, code), number, day, arrived, receiver, passed_on)
    for code, number, day, arrived in connection.execute(_ended(receiver)):
        yield HandoverAnswer(whose.get(code, code), number, day, arrived, "", agreed=False)


def _asked(receiver: str) -> sa.Select[Any]:
    asked = FACT_TABLES["handover_consent"].c
    return (
        sa.select(asked.person_code, asked.submission_id, asked.said_on, SUBMISSION.c.submitted_at)
        .add_columns(asked.agreed_code, asked.child_assent_code)
        .join(SUBMISSION, SUBMISSION.c.submission_id == asked.submission_id)
        .where(asked.organization_code == receiver, asked.agreed_code.is_not(None), asked.person_code.is_not(None))
        .where(shown())
    )


def _ended(receiver: str) -> sa.Select[Any]:
    """Visits in which somebody wanted to be recorded no more, or known to others no more, or to authorities where the
    receiver is one."""
    visit, consent, limit = (FACT_TABLES[name].c for name in ("visit", "consent", "contact_restriction"))
    refused = sa.select(consent.submission_id).where(sa.or_(consent.record_code == "no", consent.share_code == "no"))
    organization = CODES["organization"].c
    authority = sa.exists().where(organization.code == receiver, organization.kind == "government")
    barred = sa.select(limit.submission_id).where(limit.contact_limit_code == "not_with_authorities", authority)
    return (
        sa.select(visit.person_code, visit.submission_id, visit.visited_on, SUBMISSION.c.submitted_at)
        .join(SUBMISSION, SUBMISSION.c.submission_id == visit.submission_id)
        .where(visit.person_code.is_not(None), shown(), visit.submission_id.in_(refused.union_all(barred)))
    )


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
