"""The rows of a centre's and a partner's worklists, in the reader's words. Reads the store, never the vault.

Names and phones are in them only where they were handed in, for a call list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from kobo_crc.outputs.contacts import Contact
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
    *("contact_limit", "phone_owner", "call_time"),
)
OF_REFERRALS = (
    *("reference", "service", "priority", "state", "since", "sent_on"),
    *("awaited", "due_on", "days_late", "followup_on"),
)
# The limits come first: they are to be read before the phone is.
OF_CONTACTS = ("limits", "name", "phone", "phone_owner", "call_time", "caregiver", "caregiver_phone")
OF_ORPHANS = ("reference", "event", "event_on", "arrived_on", "staff", "server_id")
OF_PROBLEMS = ("staff", "form", "server_id", "question", "cause", "remedy", "path", "project")
OF_DIRECTORY = ("organization", "service", "place", "status", "assured_on", "days")
# How the people of the referrals are reached, by the referral's number; None for a list without names.
Contacts = Mapping[str, Contact] | None


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
    chores = [
        words.sheet("orphans", OF_ORPHANS, [_orphan(o, words) for o in found.orphans if _at(o, centre)]),
        words.sheet("problems", OF_PROBLEMS, [_problem(p, words) for p in found.problems if _at(p, centre)]),
        words.sheet("directory", OF_DIRECTORY, [_stale(s, words) for s in found.stale if _at(s, centre)]),
    ]
    lists = _lists(referrals, words, "receiver", None)
    who = words.label("centre", centre) or words.text("no_centre")
    return [_overview(words, who, [*LISTS, "orphans", "problems", "directory"], [*lists, *chores]), *lists, *chores]


def may_be_listed(connection: sa.Connection, calendar: Calendar, partner: str, now: datetime) -> list[OpenReferral]:
    """The open referrals that may stand in a receiver's file: told with consent, and none that is sensitive."""
    return [one for one in shared_with(connection, calendar, now, partner) if not one.sensitive]


def of_partner(words: Words, partner: str, referrals: Sequence[OpenReferral], contacts: Contacts = None) -> list[Sheet]:
    """The sheets of one receiver about these referrals."""
    lists = _lists(referrals, words, "centre", contacts)
    return [_overview(words, words.label("organization", partner), [*LISTS], lists, contacts), *lists]


def calls_of_centre(
    words: Words, centre: str, referrals: Sequence[OpenReferral], contacts: Mapping[str, Contact]
) -> list[Sheet]:
    """The sheets of one centre's call list about these referrals."""
    lists = _lists(referrals, words, "receiver", contacts)
    return [_overview(words, words.label("centre", centre), [*LISTS], lists, contacts), *lists]


def _at(row: Orphan | Listed | Stale, centre: str) -> bool:
    return (row.centre_code or "") == centre


def _lists(referrals: Sequence[OpenReferral], words: Words, other: str, contacts: Contacts) -> list[Sheet]:
    """A sheet for each list; `other` is whom the reader is not: the column of centres or of receivers."""
    keys = (*OF_REFERRALS[:2], other, *(OF_CONTACTS if contacts is not None else ()), *OF_REFERRALS[2:])
    return [
        words.sheet(name, keys, [_row(one, words, other, contacts) for one in on_list(name, referrals, words.today)])
        for name in LISTS
    ]


def _row(one: OpenReferral, words: Words, other: str, contacts: Contacts) -> tuple[Cell, ...]:
    codes = {"centre": ("centre", one.centre_code), "receiver": ("organization", one.receiver_code)}
    cells = _referral(one, words, words.label(*codes[other]))
    return cells if contacts is None else (*cells[:3], *_contact(contacts[one.reference_code], words), *cells[3:])


def _contact(who: Contact, words: Words) -> tuple[Cell, ...]:
    limits = " · ".join(words.label("contact_limit", code) for code in who.limits)
    owner, call_time = words.label("phone_owner", who.phone_owner_code), words.label("call_time", who.call_time_code)
    return limits, who.name, who.phone, owner, call_time, who.caregiver, who.caregiver_phone


def _overview(
    words: Words, who: str, names: Sequence[str], sheets: Sequence[Sheet], contacts: Contacts = None
) -> Sheet:
    header = tuple(map(words.text, ("list", "count", "meaning")))
    secrecy = "confidential" if contacts is None else "confidential_names"
    rows: list[tuple[Cell, ...]] = [
        (words.text(name), len(sheet.rows), words.text(f"about_{name}"))
        for name, sheet in zip(names, sheets, strict=True)
    ]
    about = [(words.text("for"), None, who), (words.text("made_at"), None, words.made_at)]
    return Sheet(words.text("overview"), header, [*rows, *about, (None, None, words.text(secrecy))])


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
