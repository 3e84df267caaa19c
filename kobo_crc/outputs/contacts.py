"""Name and phone of the people of some referrals, as far as consent goes. Opens the vault: for a letter or a call list.

Of a sensitive referral nothing is opened. Where two people could be meant, nobody is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from kobo_crc import vault
from kobo_crc.consent import YES, Sharing, may_reach, may_tell
from kobo_crc.database.counted import shown
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import CODES, FACT_TABLES, PROBLEM, SUBMISSION
from kobo_crc.database.rows import among, among_texts
from kobo_crc.people.links import joined_cards
from kobo_crc.referrals.worklist import REFERRAL, SERVICE, STATE, is_sensitive
from kobo_crc.schema.facts import IDENTITY
from kobo_crc.wishes import agreement_of

NAMES: Final = ("given_name", "father_name", "grandfather_name", "family_name")
NO_LIMIT: Final = "no_limit"
Rule = Callable[[Sharing], frozenset[str]]
_COLUMNS = [column.name for column in IDENTITY.columns]


class Contact(NamedTuple):
    """How a person may be reached; "" where it is not known or not told.

    `limits` are codes of `contact_limit`, to be read before anything else; `told` the kinds of information within.
    """

    limits: tuple[str, ...] = ()
    name: str = ""
    phone: str = ""
    phone_owner_code: str = ""
    call_time_code: str = ""
    caregiver: str = ""
    caregiver_phone: str = ""

    @property
    def told(self) -> tuple[str, ...]:
        """The kinds of information that this holds."""
        caregiver = self.caregiver or self.caregiver_phone
        parts = {"limits": self.limits, "name": self.name, "phone": self.phone, "caregiver": caregiver}
        return tuple(kind for kind, said in parts.items() if said)


class _Case(NamedTuple):
    """A referral, what its person agreed to, and the submissions that may name them: the likeliest first, and again
    the newest first."""

    row: sa.Row[Any]
    limits: tuple[str, ...]
    fields: frozenset[str]
    contact: bool
    sources: tuple[int, ...]
    newest: tuple[int, ...]


class Entries(NamedTuple):
    """The submissions about a card: those that `register` it, the newest first, and when each of all `arrived`.

    `doubtful` where two people may have the number.
    """

    register: tuple[int, ...] = ()
    arrived: Mapping[int, datetime | None] = {}
    doubtful: bool = False


NOWHERE: Final = Entries()


class Reach:
    """The people of some referrals, before the vault is opened: which submissions that takes, and what may be told."""

    def __init__(self, cases: Iterable[_Case]) -> None:
        self._cases = tuple(cases)
        self.submission_ids = sorted({number for case in self._cases if case.fields for number in case.newest})

    @property
    def count(self) -> int:
        """How many referrals they are; one whose submission is not approved is none."""
        return len(self._cases)

    def contacts(self, connection: sa.Connection, keys: Keys) -> dict[str, Contact]:
        """How each is reached, by the referral's number. To be written into the audit before. StoreError."""
        identities = _identities(connection, keys, self.submission_ids)
        return {case.row.reference_code: _contact(case, identities) for case in self._cases}


def for_receiver(connection: sa.Connection, reference_codes: Collection[str]) -> Reach:
    """What the receiver of each of these referrals may be told."""
    return Reach(_cases(connection, reference_codes, may_tell))


def for_centre(connection: sa.Connection, reference_codes: Collection[str]) -> Reach:
    """How the centre itself reaches the people of these referrals."""
    return Reach(_cases(connection, reference_codes, _all_but_sensitive))


def _all_but_sensitive(sharing: Sharing) -> frozenset[str]:
    return frozenset() if sharing.sensitive else frozenset({"limits", "name", "phone"})


def _cases(connection: sa.Connection, codes: Collection[str], rule: Rule) -> Iterator[_Case]:
    rows = connection.execute(_query(codes)).all()
    cards = _cards_of(connection, {row.person_code for row in rows if row.person_code})
    entries = entries_of(connection, {card for joined in cards.values() for card in joined})
    agreed = _chosen(connection, "referral_info_shared", "information_code", {row.submission_id for row in rows})
    everywhere = {row.submission_id for row in rows} | {number for one in entries.values() for number in one.arrived}
    limits = _chosen(connection, "contact_restriction", "contact_limit_code", everywhere)
    contact, ambiguous = agreement_of(connection, "contact_code"), _ambiguous(connection)
    for row in rows:
        own = entries.get(row.person_code, NOWHERE)
        own = NOWHERE if own.doubtful else own
        sources = tuple(dict.fromkeys((row.submission_id, *own.register)))
        # What must not be done holds under each of a person's cards, and even where two people may have the same.
        told_in = dict.fromkeys((row.submission_id, *_numbers(cards.get(row.person_code, ()), entries)))
        held = dict.fromkeys([*_said(limits, told_in), row.contact_restriction_code])
        barred = tuple(code for code in held if code and code != NO_LIMIT)
        information = frozenset(agreed[row.submission_id][row.row_path])
        government = row.kind == "government"
        sharing = Sharing(row.consent_share_code, bool(row.sensitive), information, frozenset(barred), government)
        fields = frozenset() if (row.submission_id, row.row_path) in ambiguous else rule(sharing)
        may_call = contact.allows(row.person_code, row.submission_id)
        yield _Case(row, barred, fields, may_call, sources, _newest_first(row, own))


def limits_of(connection: sa.Connection, cards: set[str]) -> dict[str, frozenset[str]]:
    """How the person of each card must not be reached, under whichever of their cards they said it."""
    joined = _cards_of(connection, cards)
    entries = entries_of(connection, {card for same in joined.values() for card in same})
    numbers = {card: _numbers(same, entries) for card, same in joined.items()}
    everywhere = {number for some in numbers.values() for number in some}
    limits = _chosen(connection, "contact_restriction", "contact_limit_code", everywhere)
    return {card: frozenset(_said(limits, some)) for card, some in numbers.items()}


def _numbers(cards: Iterable[str], entries: Mapping[str, Entries]) -> list[int]:
    return [number for card in cards for number in entries.get(card, NOWHERE).arrived]


def _said(limits: Mapping[int, Mapping[str, list[str]]], numbers: Iterable[int]) -> list[str]:
    return [code for number in numbers for codes in limits[number].values() for code in codes]


def _newest_first(row: sa.Row[Any], own: Entries) -> tuple[int, ...]:
    arrived = {**own.arrived, row.submission_id: row.submitted_at}
    return tuple(sorted(arrived, key=lambda number: (arrived[number] or datetime.min, number), reverse=True))


def _query(codes: Collection[str]) -> sa.Select[Any]:
    c, organization = STATE.c, CODES["organization"]
    return (
        sa.select(c.reference_code, c.submission_id, c.row_path, REFERRAL.c.person_code, REFERRAL.c.consent_share_code)
        .add_columns(REFERRAL.c.contact_restriction_code, REFERRAL.c.caregiver_informed_code, organization.c.kind)
        .add_columns(is_sensitive().label("sensitive"), SUBMISSION.c.submitted_at)
        .join(REFERRAL, sa.and_(REFERRAL.c.submission_id == c.submission_id, REFERRAL.c.row_path == c.row_path))
        .join(SUBMISSION, SUBMISSION.c.submission_id == c.submission_id)
        .outerjoin(SERVICE, SERVICE.c.code == c.service_code)
        .outerjoin(organization, organization.c.code == c.receiving_organization_code)
        .where(c.reference_code.in_(among_texts(sorted(codes))), shown())
    )


def _ambiguous(connection: sa.Connection) -> set[tuple[int, str]]:
    """The rows of referrals whose number another referral has too."""
    c = PROBLEM.c
    return {
        (number, path)
        for number, path in connection.execute(
            sa.select(c.submission_id, c.path).where(c.code == "reference_code_repeated")
        )
    }


def _cards_of(connection: sa.Connection, asked: set[str]) -> dict[str, list[str]]:
    """Each of these cards with all cards that somebody joined with it, itself first."""
    joined = {card: cards for cards in joined_cards(connection) for card in cards}
    return {card: [card, *sorted(joined.get(card, frozenset()) - {card})] for card in asked}


def entries_of(connection: sa.Connection, cards: set[str]) -> dict[str, Entries]:
    """The submissions about each of these cards, those that register it and other visits."""
    doubt = sa.select(PROBLEM.c.submission_id).where(PROBLEM.c.code == "person_registered_twice")
    doubtful = set(connection.execute(doubt).scalars())
    register, visits = (_about(connection, table, cards) for table in ("registration", "visit"))
    return {
        card: Entries(tuple(register[card]), visits[card] | register[card], not doubtful.isdisjoint(register[card]))
        for card in cards
    }


def _about(connection: sa.Connection, table: str, cards: set[str]) -> dict[str, dict[int, datetime | None]]:
    """The submissions whose row of that table names each card, with their arrival, the newest first."""
    c = FACT_TABLES[table].c
    query = (
        sa.select(c.person_code, c.submission_id, SUBMISSION.c.submitted_at)
        .join(SUBMISSION, SUBMISSION.c.submission_id == c.submission_id)
        .where(c.person_code.in_(among_texts(sorted(cards))), shown())
        .order_by(SUBMISSION.c.submitted_at.desc(), c.submission_id.desc())
    )
    found: dict[str, dict[int, datetime | None]] = defaultdict(dict)
    for card, number, arrived_at in connection.execute(query):
        found[card][number] = arrived_at
    return found


def _chosen(
    connection: sa.Connection, table: str, column: str, submission_ids: Iterable[int]
) -> Mapping[int, Mapping[str, list[str]]]:
    """The codes chosen in these submissions, by number and enclosing row."""
    c = FACT_TABLES[table].c
    query = sa.select(c.submission_id, c.parent_path, c[column]).where(c[column].is_not(None))
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for number, parent, code in connection.execute(query.where(c.submission_id.in_(among(sorted(submission_ids))))):
        found[number][parent].append(code)
    return found


def _identities(connection: sa.Connection, keys: Keys, numbers: list[int]) -> dict[int, dict[str, dict[str, str]]]:
    """Who stands in these submissions, by number and role; nobody where a role is held by more than one.

    What the store has not loaded yet is left out: the rows of the two must be of one version.
    """
    c = SUBMISSION.c
    marks = sa.select(c.submission_id, c.version_id, c.plan).where(c.submission_id.in_(among(numbers)))
    marked = {number: (version, plan) for number, version, plan in connection.execute(marks)}
    found: dict[int, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for number, _path, _parent, *values, version, plan in vault.opened(connection, keys, numbers)[IDENTITY.name]:
        if (version, plan) == marked.get(number):
            said = {name: str(value or "") for name, value in zip(_COLUMNS, values, strict=True)}
            found[number][said["role_code"]].append(said)
    return {
        number: {role: rows[0] for role, rows in roles.items() if len(rows) == 1} for number, roles in found.items()
    }


def _contact(case: _Case, identities: Mapping[int, Mapping[str, dict[str, str]]]) -> Contact:
    if not case.fields:
        return Contact()
    known = [identities[number] for number in case.sources if number in identities]
    person = next((roles["client"] for roles in known if _name(roles.get("client", {}))), {})
    informed = case.row.caregiver_informed_code == YES
    caregiver = next((roles["caregiver"] for roles in known if "caregiver" in roles), {}) if informed else {}
    reached, phone = _last_reached("client", case, identities) if person else ({}, "")
    _, caregiver_phone = _last_reached("caregiver", case, identities) if caregiver else ({}, "")
    name = "name" in case.fields
    return Contact(
        limits=case.limits,
        name=_name(person) if name else "",
        phone=phone,
        phone_owner_code=reached.get("phone_owner_code", "") if phone else "",
        call_time_code=reached.get("call_time_code", "") if phone and "no_call" not in case.limits else "",
        caregiver=_name(caregiver) if name else "",
        caregiver_phone=caregiver_phone,
    )


def _name(person: Mapping[str, str]) -> str:
    return " ".join(filter(None, (person.get(part, "") for part in NAMES)))


def _last_reached(
    role: str, case: _Case, identities: Mapping[int, Mapping[str, dict[str, str]]]
) -> tuple[Mapping[str, str], str]:
    """What was said last of a phone, and the phone, "" where it may not be told: once safe is not safe for good."""
    said = (identities.get(number, {}).get(role, {}) for number in case.newest)
    last = next((one for one in said if one.get("safe_to_call_code")), {})
    free = may_reach(case.contact, last.get("safe_to_call_code"), frozenset(case.limits))
    return last, last.get("phone", "") if free and "phone" in case.fields else ""
