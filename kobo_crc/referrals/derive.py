"""What spans submissions: the state of every referral, orphan follow-ups, numbers used twice. Pure and streaming."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, TypeVar

from kobo_crc.model import Problem
from kobo_crc.problems import DERIVE
from kobo_crc.referrals.lifecycle import Event, Referral, Standing, fold, problem, sending

Value = str | int | object | None
Row = TypeVar("Row")
NO_MORE: tuple[None, list[Event]] = (None, [])


class Derived(NamedTuple):
    """What one reference code gives: the row of `referral_state` in column order, or None, and its problems."""

    reference_code: str
    row: tuple[Value, ...] | None
    problems: tuple[Problem, ...]


class Registration(NamedTuple):
    """A row of `registration` whose person_code is not null: person_code, submission_id, row_path."""

    person_code: str
    submission_id: int
    row_path: str


def derive(referrals: Iterable[Referral], events: Iterable[Event]) -> Iterator[Derived]:
    """One Derived for each reference code of either input. Both must come sorted by reference_code.

    The order is that of code points: SQLite's own, on PostgreSQL `COLLATE "C"`. ValueError when it is another.
    """
    by_code = attrgetter("reference_code")
    reports = _groups(events, by_code)
    told, reported = next(reports, NO_MORE)
    for code, same in _groups(referrals, by_code):
        while told is not None and told < code:
            yield _orphans(told, reported)
            told, reported = next(reports, NO_MORE)
        if told == code:
            yield _derived(code, same, reported)
            told, reported = next(reports, NO_MORE)
        else:
            yield _derived(code, same, [])
    while told is not None:
        yield _orphans(told, reported)
        told, reported = next(reports, NO_MORE)


def derive_registrations(rows: Iterable[Registration]) -> Iterator[Problem]:
    """`person_registered_twice` for every row of a person number that several submissions register.

    The rows must come sorted by person_code, as `derive` has it.
    """
    for _, same in _groups(rows, attrgetter("person_code")):
        if len({row.submission_id for row in same}) > 1:
            for row in same:
                yield Problem("person_registered_twice", DERIVE, row.submission_id, row.row_path)


def _orphans(code: str, events: list[Event]) -> Derived:
    return Derived(code, None, tuple(problem("followup_orphan", event) for event in events))


def _derived(code: str, referrals: list[Referral], events: list[Event]) -> Derived:
    # One that a reviewer refused stands behind every other of its number: then the number is no longer used twice.
    if len(referrals) > 1:
        referrals = sorted([one for one in referrals if not one.not_approved] or referrals, key=_age)
    standing, problems = fold(referrals[0], events)
    doubles = [problem("reference_code_repeated", one) for one in referrals] if len(referrals) > 1 else []
    return Derived(code, _row(referrals[0], standing), (*doubles, *problems))


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
        *standing,
    )


def _groups(rows: Iterable[Row], key: attrgetter[str]) -> Iterator[tuple[str, list[Row]]]:
    """Each number with its rows."""
    last = ""
    for code, group in groupby(rows, key=key):
        if code < last:
            raise ValueError("The rows are not sorted by their number. Please order them by code points.")
        last = code
        yield code, list(group)
