"""What those who must act get in hand: a letter for one referral, a call list for one centre or one receiver.

Opens the vault for that alone. Each is written into the audit and remembered as told before the file is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc import disclosed, ledger
from kobo_crc.config import Settings
from kobo_crc.consent import may_share
from kobo_crc.database.database import Database
from kobo_crc.disclosed import NUMBER, Knows, Telling
from kobo_crc.errors import ConfigError
from kobo_crc.ledger import Opening, refuse_no_purpose
from kobo_crc.opening import opened, refuse_another_centre, refuse_older_vault
from kobo_crc.outputs import contacts, files
from kobo_crc.outputs.contacts import Contact, Reach
from kobo_crc.outputs.labels import labels
from kobo_crc.outputs.letters import Letter, page
from kobo_crc.outputs.worklists import CONTACTS, LETTERS, NOT_LISTED, Maker
from kobo_crc.outputs.worklists.contents import Words, calls_of_centre, may_be_listed, of_partner
from kobo_crc.redaction import plain
from kobo_crc.referrals.calendar import Calendar, calendar_of
from kobo_crc.referrals.history import History, history
from kobo_crc.referrals.lifecycle import OPEN, day_of
from kobo_crc.referrals.worklist import REFERRAL, STATE, OpenReferral, on_any_list, open_referrals
from kobo_crc.xlsform.lists import read_codes

LISTS_OF_CODES: Final = (
    *("centre", "organization", "service", "priority"),
    *("contact_limit", "phone_owner", "call_time"),
)
ORGANIZATION: Final = "organization"
# A receiver that no list has is named on a tablet, in words that stay in the vault: the letter leaves a line.
TO_BE_WRITTEN: Final = "_" * 30


@dataclass(frozen=True, slots=True)
class Asked:
    """Which letter is wanted, and why: `language` is "" for the receiver's own, `out` None for the usual folder."""

    number: str
    purpose: str
    language: str = ""
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """Whose call list is wanted, by a code: a centre's, or a receiver's; and why."""

    kind: Literal["centre", "organization"]
    code: str
    purpose: str

    @property
    def receiver(self) -> str:
        """Who is told, as it is remembered."""
        return f"centre {self.code}" if self.kind == "centre" else self.code


@dataclass(frozen=True, slots=True)
class Listed:
    """Where the call list is, how many referrals are in it, and how many of their people it names."""

    path: Path
    count: int
    named: int


@dataclass(frozen=True, slots=True)
class Printed:
    """Where the letter is, and the kinds of information in it."""

    path: Path
    told: tuple[str, ...]


def letter(settings: Settings, asked: Asked, now: datetime) -> Printed:
    """Write the letter of an open referral that its person agreed to have told to that receiver. `now` is UTC, no zone.

    ConfigError where there is no such referral, it has ended or is a draft, or the person did not agree.
    """
    refuse_no_purpose(asked.purpose)
    lists = read_codes(settings.forms / "codes")
    with _opened(settings) as database:
        with database.reading() as connection:
            found = history(connection, calendar_of(lists), now, plain(asked.number))
            share, receiver = _sharing(connection, found)
            one = _may_be_told(found, share)
            languages = {row.name: row.extra.get("language", "") for row in lists.get(ORGANIZATION, ())}
            language = asked.language or languages.get(receiver, "") or settings.language
            reach = _refuse_refused(contacts.for_receiver(connection, [one.reference_code]))
            words = {codes: labels(connection, codes, language) for codes in LISTS_OF_CODES}
            opening = Opening("referral letter", asked.purpose, _mark(connection, database, one.reference_code), 1)
        who = _written_down_and_opened(database, opening, reach, now)[one.reference_code]
        content = page(_letter(one, who, words, language, now))
        with database.writing() as connection:
            telling = Telling(receiver, "letter", (NUMBER, *who.told))
            disclosed.remember(connection, database.keys, telling, [one.reference_code], now)
    path = asked.out or settings.worklists / LETTERS / f"{one.reference_code}.html"
    return Printed(files.write(path, content, now=now, private=True), who.told)


def call_list(settings: Settings, calls: Calls, password: SecretStr, now: datetime) -> Listed:
    """Write the lists of the night with names and phones, under the password, for one centre or one receiver.

    A centre's has its own people, a receiver's those who agreed to have it told, and neither anybody of a sensitive
    referral. `now` is UTC, without zone. ConfigError for an unknown code, or a password that is too short.
    """
    refuse_no_purpose(calls.purpose)
    calendar = calendar_of(read_codes(settings.forms / "codes"))
    maker = Maker(settings.worklists, settings.language, now, lambda _code: password)
    with _opened(settings) as database:
        with database.reading() as connection:
            words = Words(connection, settings.language, now)
            _refuse_unknown(connection, calls)
            if calls.kind == "centre":
                refuse_another_centre(database, calls.code)
            referrals = on_any_list(_referrals(connection, calendar, calls, now), words.today)
            numbers = [one.reference_code for one in referrals]
            reach = (contacts.for_centre if calls.kind == "centre" else contacts.for_receiver)(connection, numbers)
        scope = f"open referrals, for {calls.receiver}"
        opening = Opening("worklist --contacts", calls.purpose, scope, len(numbers))
        people = _written_down_and_opened(database, opening, reach, now)
        sheets = (calls_of_centre if calls.kind == "centre" else of_partner)(words, calls.code, referrals, people)
        book = maker.locked(CONTACTS, f"{calls.code} {day_of(now)}", sheets, password, numbers)
        _remember_calls(database, calls, people, now)
    return Listed(maker.put(book), len(numbers), sum(bool(one.name or one.phone) for one in people.values()))


def _refuse_unknown(connection: sa.Connection, calls: Calls) -> None:
    known = sorted(set(labels(connection, calls.kind, "en")) - {NOT_LISTED})
    if calls.code not in known:
        what = "centre" if calls.kind == "centre" else "receiver"
        raise ConfigError(f"There is no {what} with this code. Please give one of: {', '.join(known)}.")


def _referrals(connection: sa.Connection, calendar: Calendar, calls: Calls, now: datetime) -> Iterable[OpenReferral]:
    if calls.kind == "organization":
        return may_be_listed(connection, calendar, calls.code, now)
    return (one for one in open_referrals(connection, calendar, now) if one.centre_code == calls.code)


def _written_down_and_opened(database: Database, opening: Opening, reach: Reach, now: datetime) -> dict[str, Contact]:
    """The line of the audit is committed before: on a server, an officer's login reads nothing without it."""
    with database.writing() as connection:
        ledger.note(connection, opening, now, reach.submission_ids)
    with database.reading() as connection:
        return reach.contacts(connection, database.keys)


def _remember_calls(database: Database, calls: Calls, people: Mapping[str, Contact], now: datetime) -> None:
    """Who was told of whom is kept by the kinds of what was told."""
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for number, who in people.items():
        alike[who.told].append(number)
    with database.writing() as connection:
        for kinds, numbers in alike.items():
            telling = Telling(calls.receiver, "contacts", (NUMBER, *kinds))
            disclosed.remember(connection, database.keys, telling, numbers, now)


def told(settings: Settings, number: str, purpose: str, now: datetime) -> list[Knows]:
    """Who was told of the referral of that number; audited, since of a sensitive one it names the receiver.

    `now` is UTC, without zone. ConfigError when there is no store yet.
    """
    refuse_no_purpose(purpose)
    Database.expected(settings)
    with opened(settings) as database, database.writing() as connection:
        refuse_older_vault(database)
        found = disclosed.who_knows(connection, database.keys, "", [plain(number)])
        scope = _mark(connection, database, plain(number))
        ledger.note(connection, Opening("referral told", purpose, scope, len(found)), now)
    return found


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    Database.expected(settings)
    with opened(settings, to_officers=True) as database:
        if database.centres is None:  # an officer sees too little of the vault to tell
            refuse_older_vault(database)
        yield database


def _mark(connection: sa.Connection, database: Database, reference_code: str) -> str:
    return ledger.referral_mark(connection, database.keys, reference_code)


def _sharing(connection: sa.Connection, found: History | None) -> tuple[str | None, str]:
    """What the person answered to sharing, and the receiver's code, which `history` hides of a sensitive one."""
    if found is None:
        return None, ""
    query = (
        sa.select(REFERRAL.c.consent_share_code, STATE.c.receiving_organization_code)
        .join(
            STATE, sa.and_(REFERRAL.c.submission_id == STATE.c.submission_id, REFERRAL.c.row_path == STATE.c.row_path)
        )
        .where(STATE.c.reference_code == found.reference_code)
    )
    share, receiver = connection.execute(query).one()
    return share, receiver or ""


def _may_be_told(found: History | None, share: str | None) -> History:
    if found is None:
        raise ConfigError(
            "The store has no referral with this number. Please look at the slip again, or wait for the next run if "
            "the referral is still on a tablet."
        )
    if not may_share(share):
        raise ConfigError(
            "The person did not agree to have this receiver told, so there is no letter. Please ask the person, and "
            "correct the referral in KoboToolbox if they agree now."
        )
    if found.state_code not in OPEN:
        raise ConfigError(
            f"This referral is not open ({found.state_code}), so nobody is to be told of it. If a draft goes out now, "
            "please mark it as sent in KoboToolbox, and run the night first."
        )
    return found


def _refuse_refused(reach: Reach) -> Reach:
    if not reach.count:
        raise ConfigError(
            "The referral's submission is not approved in KoboToolbox, so nobody is to be told. Please correct it "
            "and approve it there, and run the night first."
        )
    return reach


def _letter(one: History, who: Contact, words: Mapping[str, Mapping[str, str]], language: str, now: datetime) -> Letter:
    def label(codes: str, code: str | None) -> str:
        return words[codes].get(code, code) if code else ""

    about = [
        ("from", label("centre", one.centre_code)),
        ("to", TO_BE_WRITTEN if one.receiver_code == NOT_LISTED else label("organization", one.receiver_code)),
        ("service", label("service", one.service_code)),
        ("priority", label("priority", one.priority_code)),
        ("sent_on", str(day_of(one.sent_at)) if one.sent_at else ""),
        ("due_on", str(one.outlook.due.on) if one.outlook and one.outlook.due else ""),
    ]
    person = [
        ("name", who.name),
        ("phone", who.phone),
        ("phone_owner", label("phone_owner", who.phone_owner_code)),
        ("call_time", label("call_time", who.call_time_code)),
        ("caregiver", who.caregiver),
        ("caregiver_phone", who.caregiver_phone),
    ]
    return Letter(
        one.reference_code,
        language,
        day_of(now),
        tuple(line for line in about if line[1]),
        tuple(label("contact_limit", code) for code in who.limits),
        tuple(line for line in person if line[1]),
        by_number=one.sensitive,
    )
