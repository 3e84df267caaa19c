"""Problems as people read them: which submission, which question, whose, why, and what to do. Never the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from kobo_crc.database.metadata import FACT_TABLES, PROBLEM, SUBMISSION
from kobo_crc.problems import PROBLEMS
from kobo_crc.xlsform.form import Form

# Labels by form, question path and language.
Labels = Mapping[str, Mapping[str, Mapping[str, str]]]
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Listed:
    """A problem with its place in words. `question` is the label in the reader's language, or the path.

    `centre_code` and `staff_code` are "" where the submission names none.
    """

    server_id: int
    form: str
    project: str
    centre_code: str
    staff_code: str
    path: str
    question: str
    code: str
    cause: str
    remedy: str
    detail: str


def listed(connection: sa.Connection, labels: Labels, language: str, *, code: str = "") -> Iterator[Listed]:
    """Every open problem, by form, kind and submission; of one kind where `code` is given."""
    writer = _named("centre_code", "staff_code")
    query = (
        sa.select(
            PROBLEM,
            SUBMISSION.c.server_id,
            SUBMISSION.c.form,
            SUBMISSION.c.project,
            writer.c.centre_code,
            writer.c.staff_code,
        )
        .join(SUBMISSION, SUBMISSION.c.submission_id == PROBLEM.c.submission_id)
        .outerjoin(writer, writer.c.submission_id == PROBLEM.c.submission_id)
        .order_by(SUBMISSION.c.form, PROBLEM.c.code, SUBMISSION.c.server_id, PROBLEM.c.path)
    )
    for row in connection.execute(query.where(PROBLEM.c.code == code) if code else query):
        kind = PROBLEMS[row.code]
        question = labels.get(row.form, {}).get(_INDEX.sub("", row.path), {}).get(language, row.path)
        yield Listed(
            row.server_id,
            row.form,
            row.project,
            row.centre_code or "",
            row.staff_code or "",
            row.path,
            question,
            row.code,
            kind.cause.get(language, kind.cause["en"]),
            kind.remedy.get(language, kind.remedy["en"]),
            row.detail,
        )


def questions_of(forms: Iterable[Form]) -> Labels:
    """The labels of every question and group of the forms."""
    return {form.name: {row.path: row.labels for row in form.rows if row.labels} for form in forms}


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


def _named(*columns: str) -> sa.Subquery:
    """What a submission says in these columns, whichever tables hold them all."""
    holders = [table for table in FACT_TABLES.values() if set(columns) <= set(table.c.keys())]
    said = sa.union_all(*(sa.select(t.c.submission_id, *(t.c[name] for name in columns)) for t in holders)).subquery()
    return (
        sa.select(said.c.submission_id, *(sa.func.max(said.c[name]).label(name) for name in columns))
        .group_by(said.c.submission_id)
        .subquery()
    )
