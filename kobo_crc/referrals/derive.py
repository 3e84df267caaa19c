"""What spans submissions: the state of every referral, orphan follow-ups, numbers used twice. Pure and streaming."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from kobo_crc.model import Problem
from kobo_crc.problems import DERIVE
from kobo_crc.referrals.lifecycle import BY_REPLY, Event, Referral, Standing, fold, problem, sending

Value = str | int | object | None
Row = TypeVar("Row")


class Derived(NamedTuple):
    """What one reference code gives: the row of `referral_state` in column order, or None, and its problems."""

    reference_code: str
    row: tuple[Value, ...] | None
    problems: tuple[Problem, ...]


class Link(NamedTuple):
    """A row of `referral` that names an earlier referral: both numbers, when and where it arrived (UTC)."""

    previous_reference_code: str
    reference_code: str
    arrived_at: datetime
    submission_id: int
    row_path: str


class Registration(NamedTuple):
    """A row of `registration` whose person_code is not null: person_code, submission_id, row_path."""

    person_code: str
    submission_id: int
    row_path: str


def derive(referrals: Iterable[Referral], events: Iterable[Event], links: Iterable[Link] = ()) -> Iterator[Derived]:
    """One Derived for each number of any input. All must come sorted: links by previous_reference_code, others by
    reference_code.

    The order is that of code points: SQLite's own, on PostgreSQL `COLLATE "C"`. ValueError when it is another.
    """
    by_code = attrgetter("reference_code")
    for code, (same, told, followers) in _side_by_side(
        _groups(referrals, by_code), _groups(events, by_code), _groups(links, attrgetter("previous_reference_code"))
    ):
        yield _derived(code, same, told, followers) if same else _orphans(code, told, followers)


def derive_registrations(rows: Iterable[Registration]) -> Iterator[Problem]:
    """`person_registered_twice` for every row of a person number that several submissions register.

    The rows must come sorted by person_code, as `derive` has it.
    """
    for _, same in _groups(rows, attrgetter("person_code")):
        if len({row.submission_id for row in same}) > 1:
            for row in same:
                yield Problem("person_registered_twice", DERIVE, row.submission_id, row.row_path)


def _orphans(code: str, events: list[Event], links: list[Link]) -> Derived:
    # A reply whose referral was deleted on the server has no row to stand at; the vault keeps it.
    orphans = [problem("followup_orphan", event) for event in events if event.submission_id != BY_REPLY]
    return Derived(code, None, (*orphans, *(problem("previous_unknown", link) for link in links)))


def _derived(code: str, referrals: list[Referral], events: list[Event], links: list[Link]) -> Derived:
    # One that a reviewer refused stands behind every other of its number: then the number is no longer used twice.
    if len(referrals) > 1:
        referrals = sorted([one for one in referrals if not one.not_approved] or referrals, key=_age)
    standing, problems = fold(referrals[0], events)
    doubles = [problem("reference_code_repeated", one) for one in referrals] if len(referrals) > 1 else []
    of_itself = [problem("previous_unknown", link) for link in links if link.reference_code == code]
    return Derived(code, _row(referrals[0], standing, _follower(code, links)), (*doubles, *problems, *of_itself))


def _follower(code: str, links: list[Link]) -> str | None:
    """The number of the first referral that followed this one."""
    others = [link for link in links if link.reference_code != code]
    return min(others, key=lambda link: link[2:]).reference_code if others else None


def _age(referral: Referral) -> tuple[datetime, datetime, int, str]:
    return sending(referral), referral.arrived_at, referral.submission_id, referral.row_path


def _row(referral: Referral, standing: Standing, follower: str | None) -> tuple[Value, ...]:
    previous = referral.previous_reference_code
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
        previous if previous != referral.reference_code else None,
        follower,
    )


def _groups(rows: Iterable[Row], key: attrgetter[str]) -> Iterator[tuple[str, list[Row]]]:
    """Each number with its rows."""
    last = ""
    for code, group in groupby(rows, key=key):
        if code < last:
            raise ValueError("The rows are not sorted by their number. Please order them by code points.")
        last = code
        yield code, list(group)


def _side_by_side(*streams: Iterator[tuple[str, list[Any]]]) -> Iterator[tuple[str, list[list[Any]]]]:
    """Each number that any stream has, ascending, with every stream's rows of it."""
    heads = [next(stream, None) for stream in streams]
    while present := [head[0] for head in heads if head is not None]:
        code = min(present)
        yield code, [head[1] if head is not None and head[0] == code else [] for head in heads]
        heads = [
            next(stream, None) if head is not None and head[0] == code else head
            for stream, head in zip(streams, heads, strict=True)
        ]
