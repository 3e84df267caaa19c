"""The nightly report: one HTML file that needs no network, in three languages. Reads the store, never the vault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kobo_crc.database.counted import shown
from kobo_crc.database.metadata import PROBLEM, SUBMISSION
from kobo_crc.disclosure import Rule
from kobo_crc.outputs.files import write
from kobo_crc.outputs.indicators.reading import Reader
from kobo_crc.outputs.indicators.standing import arrived, assured
from kobo_crc.outputs.report.arrivals import WEEKS, Arrivals, FormCount, arrivals, forms
from kobo_crc.outputs.report.figures import THRESHOLD, about, figure, grouped
from kobo_crc.outputs.report.referrals import Referrals, referrals
from kobo_crc.outputs.report.texts import DIRECTIONS, LANGUAGES, TEXTS, text
from kobo_crc.problems import PROBLEMS
from kobo_crc.referrals.calendar import Calendar
from kobo_crc.referrals.lifecycle import BAGHDAD, day_of
from kobo_crc.referrals.timeliness import Deadlines
from kobo_crc.runs import Run

FILE: Final = "index.html"
PAGE: Final = "page.html.jinja"
USUAL: Final = Rule()


@dataclass(frozen=True, slots=True)
class Contents:
    """All that the page shows, counted; the template only sets it."""

    run: Run
    arrivals: Arrivals
    referrals: Referrals
    quality: Mapping[str, int]
    problems: tuple[tuple[str, int], ...]
    forms: tuple[FormCount, ...]


def build(
    connection: sa.Connection, folder: Path, *, run: Run, language: str, calendar: Calendar, rule: Rule = USUAL
) -> Path:
    """Write `index.html` into the folder and return where it is. `language` (ar, ckb or en) is shown first.

    A report that another program holds open is written under a dated name. ConfigError when the folder is unwritable.
    """
    page = render(read(connection, run, calendar, rule), language, rule)
    return write(folder / FILE, page.encode(), now=_made_at(run))


def read(connection: sa.Connection, run: Run, calendar: Calendar, rule: Rule = USUAL) -> Contents:
    """Count what the page shows; the calendar has the limits of referrals."""
    return Contents(
        run=run,
        arrivals=arrivals(connection, run.started_at),
        referrals=referrals(connection, Deadlines(calendar, run.started_at), rule),
        quality=_quality(connection, run.started_at),
        problems=tuple((code, count) for code, count in connection.execute(_problem_kinds())),
        forms=tuple(forms(connection)),
    )


def render(contents: Contents, language: str, rule: Rule = USUAL) -> str:
    """The page as HTML text, whole in each language."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(about=about, grouped=grouped, baghdad=_baghdad)
    return environment.get_template(PAGE).render(
        contents=contents,
        first=language,
        languages=LANGUAGES,
        directions=DIRECTIONS,
        texts=TEXTS,
        kinds=PROBLEMS,
        made_at=_made_at(contents.run),
        several=len({form.project for form in contents.forms}) > 1,
        smallest=figure(THRESHOLD - 1).text,
        words={name: partial(text, language=name) for name in LANGUAGES},
        rule=rule,
    )


def _quality(connection: sa.Connection, now: datetime) -> Mapping[str, int]:
    """How good the data of the last weeks is, and how fresh the directory; numbers about nobody."""
    reader = Reader(connection)
    lately = arrived(reader, now - timedelta(weeks=WEEKS), now)
    return {**lately.plain, **assured(reader, day_of(now)).plain}


def _problem_kinds() -> sa.Select[str, int]:
    number = sa.func.count()
    joined = sa.select(PROBLEM.c.code, number).join(SUBMISSION, SUBMISSION.c.submission_id == PROBLEM.c.submission_id)
    return joined.where(shown()).group_by(PROBLEM.c.code).order_by(number.desc(), PROBLEM.c.code)


def _made_at(run: Run) -> datetime:
    """When the report was made; what it shows is of the moment the run started to ask."""
    return run.finished_at or run.started_at


def _baghdad(moment: datetime) -> str:
    """A UTC time as Baghdad's clock shows it: `2026-11-23 21:05`."""
    return moment.replace(tzinfo=UTC).astimezone(BAGHDAD).strftime("%Y-%m-%d %H:%M")
