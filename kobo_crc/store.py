"""The store: a submission's rows replaced as a set, with the mark of the version and plan they were made from.

A submission is stale when its newest landed version or its form's plan differs from that mark.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import cast

import orjson
import sqlalchemy as sa

from kobo_crc.casts import arrived_at
from kobo_crc.database.metadata import (
    CODES,
    DERIVED_TABLES,
    FACT_TABLES,
    LABEL_COLUMNS,
    LANDED,
    MARK,
    PROBLEM,
    SOURCE,
    STORE,
    SUBMISSION,
    SUBMISSION_KEY,
)
from kobo_crc.database.rows import among, insert_rows
from kobo_crc.errors import FormError
from kobo_crc.model import CodeValues, GoneCode, Landed, Origin, Problem
from kobo_crc.normalise import Rows
from kobo_crc.problems import DERIVE
from kobo_crc.schema.codes import EXTRA_COLUMNS
from kobo_crc.xlsform.lists import CodeRow

Lists = Mapping[str, Sequence[CodeRow]]
Held = Mapping[str, Mapping[str, CodeValues]]
FACTS_IN_STORE = [table for table in FACT_TABLES.values() if table.metadata is STORE]
# Of each table that names a centre, which column does.
_CENTRE_AT = {
    table.name: table.columns.keys().index("centre_code") for table in FACTS_IN_STORE if "centre_code" in table.columns
}


def stale(connection: sa.Connection, origin: Origin, plan: str, *, above: int, limit: int) -> list[int]:
    """Up to `limit` submissions above number `above` whose rows are missing, older than landed, or of another plan."""
    key, mark = SUBMISSION_KEY.c, SUBMISSION.c
    query = (
        sa.select(key.submission_id)
        .join(SOURCE, SOURCE.c.source_id == key.source_id)
        .outerjoin(SUBMISSION, mark.submission_id == key.submission_id)
        .where(SOURCE.c.asset_uid == origin.asset_uid, key.submission_id > above)
        .where(sa.or_(mark.version_id.is_(None), mark.version_id != key.version_id, mark.plan != plan))
        .order_by(key.submission_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def gone_elsewhere(connection: sa.Connection, asset_uids: Sequence[str]) -> list[int]:
    """The submissions of other assets than these whose newest version says nothing, and is not loaded."""
    key, mark = SUBMISSION_KEY.c, SUBMISSION.c
    query = (
        sa.select(key.submission_id)
        .join(SOURCE, sa.and_(SOURCE.c.source_id == key.source_id, SOURCE.c.asset_uid.not_in(asset_uids)))
        .join(LANDED, sa.and_(LANDED.c.version_id == key.version_id, LANDED.c.payload.is_(None)))
        .outerjoin(SUBMISSION, mark.submission_id == key.submission_id)
        .where(sa.or_(mark.version_id.is_(None), mark.version_id != key.version_id))
    )
    return list(connection.execute(query).scalars())


def is_behind(connection: sa.Connection) -> bool:
    """Whether anything that was landed is not loaded, of whatever form."""
    key, mark = SUBMISSION_KEY.c, SUBMISSION.c
    same = sa.and_(mark.submission_id == key.submission_id, mark.version_id == key.version_id)
    query = sa.select(key.submission_id).outerjoin(SUBMISSION, same).where(mark.submission_id.is_(None))
    return connection.execute(query.limit(1)).first() is not None


def replace(connection: sa.Connection, landed: Sequence[Landed], rows: Rows, plan: str) -> None:
    """Replace the rows of these submissions as a set, and mark the version and plan they came from."""
    ids = [version.submission_id for version in landed]
    connection.execute(sa.delete(SUBMISSION).where(SUBMISSION.c.submission_id.in_(among(ids))))  # facts go with it
    insert(connection, landed, rows, plan)


def insert(connection: sa.Connection, landed: Sequence[Landed], rows: Rows, plan: str) -> None:
    """Add the rows of these submissions, of which there are none, and mark the version and plan they came from."""
    centres = _centres(rows)
    marks = [(*_mark(version, plan), centres.get(version.submission_id)) for version in landed]
    insert_rows(connection, SUBMISSION, marks)
    for table in FACTS_IN_STORE:
        insert_rows(connection, table, rows.tables.get(table.name, ()))
    insert_problems(connection, rows.problems)
    count_write(connection)


def _centres(rows: Rows) -> dict[int, str]:
    """The centre that each submission names, by the first of its tables that has one."""
    found: dict[int, str] = {}
    for name, place in _CENTRE_AT.items():
        told: dict[int, str] = {}
        for row in rows.tables.get(name, ()):
            number, centre = cast(int, row[0]), cast("str | None", row[place])
            if centre is not None and number not in found:
                told[number] = max(centre, told.get(number, ""))
        found |= told
    return found


def has_any(connection: sa.Connection, landed: Sequence[Landed]) -> bool:
    """Whether the store has rows of any of these submissions, of whatever version."""
    ids = among([version.submission_id for version in landed])
    found = sa.select(SUBMISSION.c.submission_id).where(SUBMISSION.c.submission_id.in_(ids)).limit(1)
    return connection.execute(found).first() is not None


def unmark(connection: sa.Connection, landed: Sequence[Landed]) -> None:
    """Make these submissions stale until their rows are replaced, for the vault's part is about to change."""
    ids = [version.submission_id for version in landed]
    connection.execute(sa.update(SUBMISSION).where(SUBMISSION.c.submission_id.in_(among(ids))).values(plan=""))


def name(connection: sa.Connection, origin: Origin) -> None:
    """Let the asset's rows say the form and project that the pipeline file gives it now."""
    c = SUBMISSION.c
    renamed = sa.or_(c.form != origin.form, c.project != origin.project)
    here = sa.update(SUBMISSION).where(c.asset_uid == origin.asset_uid, renamed)
    connection.execute(here.values(form=origin.form, project=origin.project))


def insert_problems(connection: sa.Connection, problems: Sequence[Problem]) -> None:
    """Add problem rows; the same code at the same place of a submission is one row."""
    unique = {(p.submission_id, p.step, p.path, p.code): p.detail for p in problems}
    insert_rows(connection, PROBLEM, [(*key, detail) for key, detail in unique.items()])


def mark(connection: sa.Connection, name: str) -> int:
    """The value of a mark; 0 when it was never set."""
    return connection.execute(sa.select(MARK.c.value).where(MARK.c.name == name)).scalar() or 0


def set_mark(connection: sa.Connection, name: str, value: int) -> None:
    """Set a mark."""
    connection.execute(sa.delete(MARK).where(MARK.c.name == name))
    connection.execute(sa.insert(MARK).values(name=name, value=value))


def count_write(connection: sa.Connection) -> None:
    """Tell the derived tables that facts or codes have changed."""
    set_mark(connection, "facts", mark(connection, "facts") + 1)


def clear(connection: sa.Connection, asset_uids: Sequence[str], newest: int) -> None:
    """Drop the facts and problems of these assets, and whatever is derived: all that a load makes again.

    Rows of versions above `newest`, which the vault does not hold, go too.
    """
    for table in DERIVED_TABLES.values():
        connection.execute(sa.delete(table))
    dropped = sa.or_(SUBMISSION.c.asset_uid.in_(asset_uids), SUBMISSION.c.version_id > newest)
    connection.execute(sa.delete(SUBMISSION).where(dropped))  # facts go with it
    connection.execute(sa.delete(PROBLEM).where(PROBLEM.c.step == DERIVE))
    connection.execute(sa.delete(MARK).where(MARK.c.name == "codes"))  # the next run looks at the tables themselves
    count_write(connection)


def newest_version(connection: sa.Connection) -> int:
    """The highest landed version that any row was made from; 0 for an empty store."""
    return connection.execute(sa.select(sa.func.max(SUBMISSION.c.version_id))).scalar() or 0


def live_count(connection: sa.Connection, asset_uid: str) -> int:
    """How many submissions of the asset the store holds as not deleted."""
    c = SUBMISSION.c
    query = sa.select(sa.func.count()).where(c.asset_uid == asset_uid, c.deleted_on.is_(None))
    return connection.execute(query).scalar_one()


def persons(connection: sa.Connection) -> dict[str, str]:
    """Whose each card is."""
    c = DERIVED_TABLES["person_link"].c
    return {code: person for code, person in connection.execute(sa.select(c.person_code, c.person_id))}


def held_codes(connection: sa.Connection) -> Held:
    """The rows of every code table, by list and code."""
    return {name: _held_codes(connection, table) for name, table in CODES.items()}


def _held_codes(connection: sa.Connection, table: sa.Table) -> dict[str, CodeValues]:
    names = [str(column.name) for column in table.columns]
    return {row.code: dict(zip(names, row, strict=True)) for row in connection.execute(sa.select(table))}


def gone_codes(held: Held, lists: Lists, today: date) -> list[GoneCode]:
    """The codes that the store has and their lists no longer do: rows for the vault, retired `today` if only now."""
    listed = {name: {row.name for row in _listed(lists, name)} for name in CODES}
    return [
        GoneCode(name, code, values | {"retired_on": values["retired_on"] or today})
        for name in CODES
        for code, values in held[name].items()
        if code not in listed[name]
    ]


def sync_codes(
    connection: sa.Connection, lists: Lists, gone: Iterable[GoneCode], held: Held | None = None
) -> dict[str, frozenset[str]]:
    """Bring the code tables in line with `forms/codes/*.csv`; returns the codes of each list.

    Codes retire, they never vanish: old answers keep their meaning. `gone` are those that the vault remembers, `held`
    what the tables have, if that is known.
    """
    held = held_codes(connection) if held is None else held
    wanted = _wanted(lists, gone)
    if any([_sync_list(connection, CODES[name], held[name], rows) for name, rows in wanted.items()]):
        count_write(connection)
    set_mark(connection, "codes", _digest(wanted))
    return _codes_in(wanted)


def synced_codes(connection: sa.Connection, lists: Lists, gone: Iterable[GoneCode]) -> dict[str, frozenset[str]] | None:
    """The same, if `sync_codes` found nothing else the last time: then the tables are in line, and nothing is read."""
    wanted = _wanted(lists, gone)
    return _codes_in(wanted) if mark(connection, "codes") == _digest(wanted) else None


def _wanted(lists: Lists, gone: Iterable[GoneCode]) -> Held:
    retired: dict[str, dict[str, CodeValues]] = {name: {} for name in CODES}
    for one in gone:
        if one.list_name in CODES:
            known = CODES[one.list_name].columns.keys()
            values = {key: value for key, value in one.values.items() if key in known}
            retired[one.list_name][one.code] = {"position": 0} | values  # earlier programs did not know it
    return {name: retired[name] | {row.name: _code_values(name, row) for row in _listed(lists, name)} for name in CODES}


def _codes_in(wanted: Held) -> dict[str, frozenset[str]]:
    return {name: frozenset(rows) for name, rows in wanted.items()}


def _digest(wanted: Held) -> int:
    whole = hashlib.blake2b(
        orjson.dumps(wanted, option=orjson.OPT_SORT_KEYS), digest_size=7
    )  # seven bytes fit a BIGINT
    return int.from_bytes(whole.digest())


def _sync_list(
    connection: sa.Connection, table: sa.Table, held: Mapping[str, CodeValues], wanted: Mapping[str, CodeValues]
) -> bool:
    fresh = [values for code, values in wanted.items() if code not in held]
    moved = [values for code, values in wanted.items() if code in held and held[code] != values]
    if fresh:
        connection.execute(sa.insert(table), fresh)
    for values in moved:
        connection.execute(sa.update(table).where(table.c.code == values["code"]).values(values))
    return bool(fresh or moved)


def _code_values(name: str, row: CodeRow) -> CodeValues:
    return {
        "code": row.name,
        **{column: row.labels.get(column.removeprefix("label_"), "") for column in LABEL_COLUMNS},
        "valid_from": _day(name, row, row.valid_from),
        "valid_to": _day(name, row, row.valid_to),
        **{column: row.extra.get(column) or None for column in EXTRA_COLUMNS.get(name, ())},
        "retired_on": None,
        "position": row.line,
    }


def _listed(lists: Lists, name: str) -> Sequence[CodeRow]:
    if name not in lists:
        raise FormError(
            f"The code list forms/codes/{name}.csv is missing. Please copy it from the package: run `kobo-crc init`."
        )
    return lists[name]


def _day(name: str, row: CodeRow, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise FormError(
            f"forms/codes/{name}.csv, row {row.line}: {text} is not a day. Please write it like 2026-11-23."
        ) from None


def _mark(version: Landed, plan: str) -> tuple[object, ...]:
    origin, submission = version.origin, version.submission
    head = (version.submission_id, origin.form, origin.project, origin.asset_uid, version.server_id)
    if submission is None:
        return (*head, version.root_uuid, version.version_id, plan, "", None, "", version.seen_at[:10])
    at = arrived_at(submission.submitted_at, version.seen_at)
    status = submission.validation_status
    return (*head, version.root_uuid, version.version_id, plan, submission.form_version, at, status, None)
