"""The rows of a centre's and a partner's worklists, in the reader's words. Reads the store, never the vault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from kobo_crc.outputs.labels import labels
from kobo_crc.outputs.problem_list import Labels, Listed, listed
from kobo_crc.outputs.report.texts import TEXTS as REPORT_TEXTS
from kobo_crc.outputs.sheets import Cell, Sheet
from kobo_crc.outputs.worklists.chores import Orphan, Stale, orphans, stale
from kobo_crc.outputs.worklists.texts import text
from kobo_crc.referrals.calendar import Calendar
from kobo_crc.referrals.lifecycle import BAGHDAD, day_of
from kobo_crc.referrals.worklist import LISTS, OpenReferral, on_list, open_referrals, shared_with

LISTS_OF_CODES = (
    *("centre", "organization", "service", "place"),
    *("priority", "referral_state", "referral_event", "service_status"),
)
OF_REFERRALS = (
    *("reference", "service", "priority", "state", "since", "sent_on"),
    *("awaited", "due_on", "days_late", "followup_on"),
)
OF_ORPHANS = ("reference", "event", "event_on", "arrived_on", "staff", "server_id")
OF_PROBLEMS = ("staff", "form", "server_id", "question", "cause", "remedy", "path", "project")
OF_DIRECTORY = ("organization", "service", "place", "status", "assured_on", "days")


@dataclass(frozen=True, slots=True)
class Everything:
    """What waits in all centres together."""

    referrals: Sequence[OpenReferral]
    orphans: Sequence[Orphan]
    problems: Sequence[Listed]
    stale: Sequence[Stale]

    @property
    def centres(self) -> set[str]:
        """The codes of the centres that have something to do, "" for no known one."""
        named = [
            {row.centre_code for row in rows} for rows in (self.referrals, self.orphans, self.problems, self.stale)
        ]
        return {code or "" for code in set().union(*named)}


class Words:
    """Texts and labels in one language, and the day for which the lists are made."""

    def __init__(self, connection: sa.Connection, language: str, now: datetime) -> None:
        self.language, self.today = language, day_of(now)
        self.made_at = now.replace(tzinfo=UTC).astimezone(BAGHDAD).strftime("%Y-%m-%d %H:%M")
        self._labels: Mapping[str, Mapping[str, str]] = {
            codes: labels(connection, codes, language) for codes in LISTS_OF_CODES
        }

    def text(self, key: str) -> str:
        """The text of that key."""
        return text(key, self.language)

    def label(self, codes: str, code: str | None) -> str:
        """The label of a code, "" for none."""
        return self._labels[codes].get(code, code) if code else ""

    def form(self, name: str) -> str:
        """What people call that form."""
        return REPORT_TEXTS.get(f"form_{name}", {}).get(self.language, name)

    def sheet(self, name: str, keys: Sequence[str], rows: Sequence[tuple[Cell, ...]]) -> Sheet:
        """A sheet with these columns."""
        return Sheet(self.text(name), tuple(map(self.text, keys)), rows, self.text("nothing"))


def everything(
    connection: sa.Connection, calendar: Calendar, questions: Labels, now: datetime, language: str
) -> Everything:
    """What waits at `now` (UTC, without zone)."""
    return Everything(
        list(open_referrals(connection, calendar, now)),
        list(orphans(connection)),
        sorted(listed(connection, questions, language), key=lambda one: (one.staff_code, one.form, one.server_id)),
        list(stale(connection, day_of(now))),
    )


def of_centre(found: Everything, words: Words, centre: str) -> list[Sheet]:
    """The sheets of one centre, "" for what names none."""
    referrals = [one for one in found.referrals if (one.centre_code or "") == centre]
    keys = (*OF_REFERRALS[:2], "receiver", *OF_REFERRALS[2:])
    chores = [
        words.sheet("orphans", OF_ORPHANS, [_orphan(o, words) for o in found.orphans if _at(o, centre)]),
        words.sheet("problems", OF_PROBLEMS, [_problem(p, words) for p in found.problems if _at(p, centre)]),
        words.sheet("directory", OF_DIRECTORY, [_stale(s, words) for s in found.stale if _at(s, centre)]),
    ]
    lists = [
        words.sheet(name, keys, [_referral(one, words, _receiver(one, words)) for one in chosen])
        for name, chosen in _lists(referrals, words)
    ]
    who = words.label("centre", centre) or words.text("no_centre")
    return [_overview(words, who, [*LISTS, "orphans", "problems", "directory"], [*lists, *chores]), *lists, *chores]


def of_partner(connection: sa.Connection, calendar: Calendar, words: Words, partner: str, now: datetime) -> list[Sheet]:
    """The sheets of one receiver; none when nothing may be told to it, or nothing waits."""
    referrals = [one for one in shared_with(connection, calendar, now, partner) if not one.sensitive]
    if not referrals:
        return []
    keys = (*OF_REFERRALS[:2], "centre", *OF_REFERRALS[2:])
    lists = [
        words.sheet(name, keys, [_referral(one, words, words.label("centre", one.centre_code)) for one in chosen])
        for name, chosen in _lists(referrals, words)
    ]
    return [_overview(words, words.label("organization", partner), [*LISTS], lists), *lists]


def _at(row: Orphan | Listed | Stale, centre: str) -> bool:
    return (row.centre_code or "") == centre


def _lists(referrals: Sequence[OpenReferral], words: Words) -> list[tuple[str, list[OpenReferral]]]:
    return [(name, on_list(name, referrals, words.today)) for name in LISTS]


def _overview(words: Words, who: str, names: Sequence[str], sheets: Sequence[Sheet]) -> Sheet:
    header = tuple(map(words.text, ("list", "count", "meaning")))
    rows: list[tuple[Cell, ...]] = [
        (words.text(name), len(sheet.rows), words.text(f"about_{name}"))
        for name, sheet in zip(names, sheets, strict=True)
    ]
    about = [(words.text("for"), None, who), (words.text("made_at"), None, words.made_at)]
    return Sheet(words.text("overview"), header, [*rows, *about, (None, None, words.text("confidential"))])


def _receiver(one: OpenReferral, words: Words) -> str:
    return words.label("organization", one.receiver_code)


def _referral(one: OpenReferral, words: Words, other: str) -> tuple[Cell, ...]:
    service = words.text("sensitive") if one.sensitive else words.label("service", one.service_code)
    return (
        one.reference_code,
        service,
        other,
        words.label("priority", one.priority_code),
        words.label("referral_state", one.state_code),
        one.state_on,
        one.sent_on,
        words.text(one.outlook.stage),
        one.due_on,
        one.days_late(words.today) or None,
        one.followup_on,
    )


def _orphan(one: Orphan, words: Words) -> tuple[Cell, ...]:
    event = words.label("referral_event", one.event_code)
    arrived_on = day_of(one.arrived_at)
    return one.reference_code, event, one.event_on, arrived_on, one.staff_code, one.server_id


def _problem(one: Listed, words: Words) -> tuple[Cell, ...]:
    what = (one.question, one.cause, one.remedy, one.path, one.project)
    return one.staff_code, words.form(one.form), one.server_id, *what


def _stale(one: Stale, words: Words) -> tuple[Cell, ...]:
    place = words.label("centre", one.at_centre_code) or words.label("place", one.place_code)
    days = (words.today - one.assured_on).days if one.assured_on else None
    who = (words.label("organization", one.organization_code), words.label("service", one.service_code))
    return *who, place, words.label("service_status", one.status_code), one.assured_on, days
