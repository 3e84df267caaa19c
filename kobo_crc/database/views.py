"""The views `out_NAME_LANGUAGE` made from their descriptions: codes beside their labels, and nothing of who opted out.

They hold no data, so they are made anew whenever their description, or a table below them, changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from kobo_crc.database.counted import shown
from kobo_crc.database.metadata import CODES, DERIVED_TABLES, FACT_TABLES, LABEL_COLUMNS, MARK, SUBMISSION
from kobo_crc.disclosure import SPECIALISED, SPECIALISED_NAME
from kobo_crc.schema.tables import Column
from kobo_crc.schema.views import VIEWS, View, columns_of

PREFIX = "out_"
LANGUAGES = tuple(label.removeprefix("label_") for label in LABEL_COLUMNS)
_MADE = "views"  # the mark
_RECEIVER = "receiving_organization_code"
_TABLES = {**FACT_TABLES, **DERIVED_TABLES}
_CONSENT, _WISH = FACT_TABLES["consent"].alias("agreed"), DERIVED_TABLES["person_reporting"].alias("wish")
_OWN_ROW = ""  # the row path of what the submission itself says


def are_made(connection: sa.Connection) -> bool:
    """Whether the store has the views as this version of the program describes them."""
    made = connection.execute(sa.select(MARK.c.value).where(MARK.c.name == _MADE)).scalar()
    return made == _digest()


def make(connection: sa.Connection) -> None:
    """Put the views of this version in the place of those that are there."""
    drop(connection)
    for view in VIEWS:
        for language in LANGUAGES:
            name = f"{PREFIX}{view.name}_{language}"
            connection.execute(sa.schema.CreateView(select(view, language), name))
            if connection.dialect.name == "postgresql":  # else whoever reads the view would see what its maker may
                connection.exec_driver_sql(f"ALTER VIEW {name} SET (security_invoker = true)")
    connection.execute(sa.insert(MARK).values(name=_MADE, value=_digest()))


def drop(connection: sa.Connection) -> None:
    """Remove the views and their mark, so that the tables below them may change."""
    there = sa.inspect(connection)
    if there.has_table(MARK.name):
        connection.execute(sa.delete(MARK).where(MARK.c.name == _MADE))
    for name in there.get_view_names():
        if name.startswith(PREFIX):
            connection.exec_driver_sql(f"DROP VIEW {name}")


def select(view: View, language: str) -> sa.Select[tuple[object, ...]]:
    """What the view selects."""
    base, counted = _TABLES[view.base], _counted(view)
    path = base.c.row_path if "row_path" in base.c else sa.literal(_OWN_ROW)
    answer = sa.case((counted, "yes"), else_="no").label("counted")
    month = sa.func.substr(sa.cast(_first(view, view.day), sa.Text), 1, len("2026-10")).label("month")
    start = (base.c.submission_id, path.label("row_path"), SUBMISSION.c.form, answer, month)
    cells = (cell for table, column in columns_of(view) for cell in _cells(view, table, column, language, counted))
    query = sa.select(*start, *cells).select_from(_joined(view)).where(shown())
    return query.where(~_specialised(view)) if view.without_specialised else query


def _joined(view: View) -> sa.FromClause:
    base = _TABLES[view.base]
    joined: sa.FromClause = base.join(SUBMISSION, SUBMISSION.c.submission_id == base.c.submission_id)
    if view.about_people:
        own = (_CONSENT.c.submission_id == base.c.submission_id) & (_CONSENT.c.row_path == _OWN_ROW)
        joined = joined.outerjoin(_CONSENT, own)
    for name in view.beside:
        table = _TABLES[name]
        same = table.c.submission_id == base.c.submission_id
        if "row_path" in table.c:
            same &= table.c.row_path == (base.c.row_path if name == "referral" else _OWN_ROW)
        joined = joined.outerjoin(table, same)
    if view.about_people:
        joined = joined.outerjoin(_WISH, _WISH.c.person_code == _first(view, "person_code"))
    return joined


def _cells(
    view: View, table: str, column: Column, language: str, counted: sa.ColumnElement[bool]
) -> Iterator[sa.Label[object]]:
    """The column, and the label of a code."""
    value: sa.ColumnElement[object] = _TABLES[table].c[column.name]
    label: sa.ColumnElement[object] | None = _label(column, value, language) if column.codes else None
    if column.name in ("service_code", _RECEIVER):
        hidden, instead = _specialised(view), column.name == "service_code"
        hidden = hidden if instead else hidden | _untold(view)
        value = sa.case((hidden, SPECIALISED if instead else None), else_=value)
        label = sa.case((hidden, SPECIALISED_NAME[language] if instead else None), else_=label)
    open_to_all = not view.about_people or column.name == "centre_code"
    yield (value if open_to_all else sa.case((counted, value))).label(column.name)
    if label is not None:
        yield (label if open_to_all else sa.case((counted, label))).label(column.name.removesuffix("_code"))


def _label(column: Column, value: sa.ColumnElement[object], language: str) -> sa.ColumnElement[object]:
    codes = CODES[column.codes].alias()
    return sa.select(codes.c[f"label_{language}"]).where(codes.c.code == value).scalar_subquery()


def _specialised(view: View) -> sa.ColumnElement[bool]:
    """Whether the row is about a service whose mere name endangers, or `other`, among which those are put."""
    asked, service = _first(view, "service_code"), CODES["service"].alias()
    sensitive = sa.select(service.c.code).where(service.c.sensitive == "yes")
    hidden = sa.func.coalesce(asked, "").in_(sensitive) | (sa.func.coalesce(asked, "") == "other")
    said = asked.table.c.get("sensitive_code")
    return hidden if said is None else hidden | (sa.func.coalesce(said, "") == "yes")


def _untold(view: View) -> sa.ColumnElement[bool]:
    """Whether nobody knows what the row is about, and its form does not say that it endangers nobody."""
    asked = _first(view, "service_code")
    said = asked.table.c.get("sensitive_code")
    return asked.is_(None) if said is None else asked.is_(None) & (sa.func.coalesce(said, "") != "no")


def _counted(view: View) -> sa.ColumnElement[bool]:
    """Whether the person agreed to be counted: by their newest answer, else by that of this submission."""
    if not view.about_people:
        return sa.true()
    return sa.func.coalesce(_WISH.c.report_code, _CONSENT.c.report_code, "") == "yes"


def _first(view: View, column: str) -> sa.ColumnElement[Any]:
    """The column of the base, or of the first table beside it that has one."""
    return next(_TABLES[name].c[column] for name in (view.base, *view.beside) if column in _TABLES[name].c)


def _digest() -> int:
    """Changes with anything that the views are made from."""
    described = [repr((view, list(columns_of(view)))) for view in VIEWS]
    text = "\n".join([_VERSION, *described])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest())


_VERSION = "2"  # to be raised when this module makes other SQL of the same description
