"""Problems as people read them: which submission, which question, whose, why, and what to do. Never the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from kobo_crc.database.metadata import FACT_TABLES, PROBLEM, SUBMISSION
from kobo_crc.problems import PROBLEMS

# Labels by form, question path and language.
Labels = Mapping[str, Mapping[str, Mapping[str, str]]]
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Listed:
    """A problem with its place in words. `question` is the label in the reader's language, or the path."""

    server_id: int
    form: str
    project: str
    staff_code: str
    path: str
    question: str
    code: str
    cause: str
    remedy: str
    detail: str


def listed(connection: sa.Connection, labels: Labels, language: str, *, code: str = "") -> Iterator[Listed]:
    """Every open problem, by form, kind and submission; of one kind where `code` is given."""
    staff = _staff()
    query = (
        sa.select(PROBLEM, SUBMISSION.c.server_id, SUBMISSION.c.form, SUBMISSION.c.project, staff.c.staff_code)
        .join(SUBMISSION, SUBMISSION.c.submission_id == PROBLEM.c.submission_id)
        .outerjoin(staff, staff.c.submission_id == PROBLEM.c.submission_id)
        .order_by(SUBMISSION.c.form, PROBLEM.c.code, SUBMISSION.c.server_id, PROBLEM.c.path)
    )
    for row in connection.execute(query.where(PROBLEM.c.code == code) if code else query):
        kind = PROBLEMS[row.code]
        question = labels.get(row.form, {}).get(_INDEX.sub("", row.path), {}).get(language, row.path)
        yield Listed(
            row.server_id,
            row.form,
            row.project,
            row.staff_code or "",
            row.path,
            question,
            row.code,
            kind.cause.get(language, kind.cause["en"]),
            kind.remedy.get(language, kind.remedy["en"]),
            row.detail,
        )


def counts(connection: sa.Connection) -> dict[str, int]:
    """How many problems of each kind the store holds, most first."""
    number = sa.func.count()
    query = sa.select(PROBLEM.c.code, number).group_by(PROBLEM.c.code).order_by(number.desc(), PROBLEM.c.code)
    return {code: count for code, count in connection.execute(query)}


def places_of(connection: sa.Connection, server_id: int) -> list[tuple[str, str]]:
    """The (project, asset uid) of every submission with that `_id`; several servers may use the same number."""
    c = SUBMISSION.c
    query = sa.select(c.project, c.asset_uid).where(c.server_id == server_id, c.deleted_on.is_(None))
    return [(project, uid) for project, uid in connection.execute(query)]


def _staff() -> sa.Subquery:
    """The staff code that a submission names, whichever table holds it."""
    holders = [table for table in FACT_TABLES.values() if "staff_code" in table.c]
    named = sa.union_all(*(sa.select(t.c.submission_id, t.c.staff_code) for t in holders)).subquery()
    return (
        sa.select(named.c.submission_id, sa.func.max(named.c.staff_code).label("staff_code"))
        .group_by(named.c.submission_id)
        .subquery()
    )
