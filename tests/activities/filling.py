"""The shipped forms filled by the tablet's own logic, and read into rows: what a test of a form starts from."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from kobo_crc.model import Landed, Origin
from kobo_crc.normalise import Normaliser, Rows
from kobo_crc.schema.facts import FACTS
from kobo_crc.simulator.instance import parse
from kobo_crc.simulator.population.agenda import BAGHDAD
from kobo_crc.simulator.population.answers import Generic, Replay
from kobo_crc.simulator.population.filling import Instance, Occasion, fill
from kobo_crc.simulator.population.xform import XForm
from kobo_crc.sources.kobo import submission_of
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.lists import read_codes
from kobo_crc.xlsform.plan import plan
from kobo_crc.xlsform.read import read
from kobo_crc.xlsform.write import to_xform
from tests.translation_review import CODES, ROOT

DAY = "2026-11-23"  # a Monday
BEGUN = datetime(2026, 11, 23, 9, tzinfo=BAGHDAD)
TABLES = {table.name: table for table in FACTS}
CARD, OTHER_CARD, SLIP = "100000000093", "100000000190", "200000000088"
Record = dict[str, Any]
Told = dict[str, list[dict[str, object]]]


@cache
def form_of(name: str) -> Form:
    return read(ROOT / "forms" / f"{name}.md", CODES)


@cache
def xform_of(name: str) -> XForm:
    return XForm(to_xform(form_of(name)))


@cache
def normaliser_of(name: str) -> Normaliser:
    codes = {list_name: frozenset(row.name for row in rows) for list_name, rows in read_codes(CODES).items()}
    return Normaliser(plan(form_of(name), FACTS), TABLES, codes)


def filled(name: str, answers: dict[str, str], repeats: dict[str, int] | None = None) -> Instance:
    """The form filled with these answers by path; what is not required and not named stays empty."""
    occasion = Occasion(random.Random(7), BEGUN, BEGUN + timedelta(minutes=5))
    return fill(xform_of(name), Replay(answers, answers, Generic(), repeats), occasion)


def as_sent(name: str, instance: Instance) -> Record:
    """The instance as the server's JSON has it."""
    repeats = frozenset(row.path for row in form_of(name).rows if row.type == "begin_repeat")
    return parse(instance.xml, repeats).answers


def landed(name: str, record: Record, number: int = 1, arrived: str = f"{DAY}T12:00:00") -> Landed:
    payload = {"_id": number, "_uuid": f"u{number}", "__version__": "v", "_submission_time": arrived, **record}
    origin = Origin(name, "crc", f"a{name}")
    return Landed(number, number, origin, number, f"u{number}", f"{DAY} 22:00:00", submission_of(payload))


def rows_of(name: str, record: Record) -> Rows:
    rows = Rows()
    normaliser_of(name).add(landed(name, record), rows)
    return rows


def told(rows: Rows) -> Told:
    """The rows by table, what they hold by column, without keys, the vault's tag at the end, and what is empty."""
    return {
        table: [
            {
                column.name: value
                for column, value in zip(TABLES[table].columns, row[3:], strict=not TABLES[table].vault)
                if value is not None and column.name != "recorded_at"
            }
            for row in found
        ]
        for table, found in rows.tables.items()
    }


def stored(name: str, answers: dict[str, str], repeats: dict[str, int] | None = None) -> Told:
    """What a form filled with these answers puts into the tables; no problem must have come up."""
    rows = rows_of(name, as_sent(name, filled(name, answers, repeats)))
    assert rows.problems == []
    return told(rows)


def at(group: str, **answers: str) -> dict[str, str]:
    return {f"{group}/{question}": answer for question, answer in answers.items()}
