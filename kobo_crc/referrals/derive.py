"""What spans submissions: the state of every referral, orphan follow-ups, numbers used twice. Pure and streaming."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from heapq import merge
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

from kobo_crc.model import Problem
from kobo_crc.problems import DERIVE
from kobo_crc.referrals.lifecycle import Event, Referral, Standing, fold, problem, sending

_COLUMNS = attrgetter(*(field.name for field in fields(Standing)))  # astuple copies deeply, at ten times the cost
Value = str | int | object | None


@dataclass(frozen=True, slots=True)
class Derived:
    """What one reference code gives: the row of `referral_state` in column order, or None, and its problems."""

    reference_code: str
    row: tuple[Value, ...] | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Registration:
    """A row of `registration` whose person_code is not null: person_code, submission_id, row_path."""

    person_code: str
    submission_id: int
    row_path: str


def derive(referrals: Iterable[Referral], events: Iterable[Event]) -> Iterator[Derived]:
    """One Derived for each reference code of either input. Both must come sorted by reference_code.

    The order is that of code points: SQLite's own, on PostgreSQL `COLLATE "C"`. ValueError when it is another.
    """
    by_code = attrgetter("reference_code")
    rows: Iterator[Referral | Event] = merge(_sorted(referrals, by_code), _sorted(events, by_code), key=by_code)
    for code, group in groupby(rows, key=by_code):
        yield _derived(code, list(group))


def derive_registrations(rows: Iterable[Registration]) -> Iterator[Problem]:
    """`person_registered_twice` for every row of a person number that several submissions register.

    The rows must come sorted by person_code, as `derive` has it.
    """
    by_code = attrgetter("person_code")
    for _, group in groupby(_sorted(rows, by_code), key=by_code):
        same = list(group)
        if len({row.submission_id for row in same}) > 1:
            for row in same:
                yield Problem("person_registered_twice", DERIVE, row.submission_id, row.row_path)


def _derived(code: str, group: list[Referral | Event]) -> Derived:
    referrals = sorted((row for row in group if isinstance(row, Referral)), key=_age)
    events = [row for row in group if isinstance(row, Event)]
    if not referrals:
        return Derived(code, None, tuple(problem("followup_orphan", event) for event in events))
    standing, problems = fold(referrals[0], events)
    repeated = referrals if len(referrals) > 1 else []
    doubles = tuple(problem("reference_code_repeated", referral) for referral in repeated)
    return Derived(code, _row(referrals[0], standing), doubles + problems)


def _age(referral: Referral) -> tuple[datetime, datetime, int, str]:
    return sending(referral), referral.arrived_at, referral.submission_id, referral.row_path


def _row(referral: Referral, standing: Standing) -> tuple[Value, ...]:
    return (
        referral.reference_code,
        referral.submission_id,
        referral.row_path,
        referral.centre_code,
        referral.service_code,
        referral.sensitive_code,
        referral.receiving_organization_code,
        referral.priority_code,
        *_COLUMNS(standing),
    )


Row = TypeVar("Row")


def _sorted(rows: Iterable[Row], key: attrgetter[str]) -> Iterator[Row]:
    last = ""
    for row in rows:
        code = key(row)
        if code < last:
            raise ValueError("The rows are not sorted by their number. Please order them by code points.")
        last = code
        yield row
