"""The store's submissions as cases: whom each is about, when they were last heard of, and what is still open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, time

import sqlalchemy as sa

from kobo_crc.database.metadata import DERIVED_TABLES, FACT_TABLES, LANDED, SUBMISSION
from kobo_crc.people.groups import together
from kobo_crc.people.links import joined_cards
from kobo_crc.referrals.lifecycle import OPEN
from kobo_crc.retention.due import FEEDBACK, PEOPLE, SESSIONS, UNNAMED, Case, Said

# Of no person: who gives which service where, and when a centre was open.
_NOT_OF_PEOPLE = ("directory_entry", "centre_day")
# A list of those who came binds nobody to the others.
_GUESTS = "attendance"
_CLOSED = ("closed", None)  # nothing but its kind is kept of a channelled one: it has no state


def cases(connection: sa.Connection) -> list[Case]:
    """Every case in the store that any purpose may cover."""
    said = _said(connection)
    own = _ids(connection, *_NOT_OF_PEOPLE)
    whose = _references(connection, said)
    found = list(_people(connection, said, whose))
    sessions, feedback = _ids(connection, "session"), _ids(connection, "feedback")
    found += (_alone(SESSIONS, said[number]) for number in sorted(sessions & said.keys()))
    found += _feedback(connection, said)
    rest = {number for number, one in said.items() if not one.cards} - own - sessions - feedback
    found += _unnamed([said[number] for number in sorted(rest)], whose)
    _hear_of_referrals(connection, found)
    return found


def _said(connection: sa.Connection) -> dict[int, Said]:
    """Every submission that is not deleted. One whose time of arrival is missing counts from when it was landed."""
    c = SUBMISSION.c
    first = sa.select(LANDED.c.submission_id, sa.func.min(LANDED.c.seen_at).label("at")).group_by(
        LANDED.c.submission_id
    )
    landed = first.subquery()
    query = (
        sa.select(c.submission_id, sa.func.coalesce(c.submitted_at, landed.c.at, type_=sa.DateTime))
        .outerjoin(landed, landed.c.submission_id == c.submission_id)
        .where(c.deleted_on.is_(None))
    )
    cards, centres = _words(connection, "person_code"), _words(connection, "centre_code")
    references = _words(connection, "reference_code")
    return {
        number: Said(number, at, min(centres[number], default=""), frozenset(cards[number]), frozenset(referred))
        for number, at in connection.execute(query)
        for referred in [references[number]]
    }


def _words(connection: sa.Connection, column: str) -> defaultdict[int, set[str]]:
    """What the column says in any table of facts, by submission."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for table in FACT_TABLES.values():
        if column in table.c:
            query = sa.select(table.c.submission_id, table.c[column]).where(table.c[column].is_not(None))
            for number, word in connection.execute(query):
                found[number].add(word)
    return found


def _ids(connection: sa.Connection, *tables: str) -> set[int]:
    queries = (sa.select(FACT_TABLES[name].c.submission_id) for name in tables)
    return {number for query in queries for number in connection.execute(query).scalars()}


def _references(connection: sa.Connection, said: dict[int, Said]) -> dict[str, Said]:
    """The submission that each referral stands in."""
    c = FACT_TABLES["referral"].c
    query = sa.select(c.reference_code, c.submission_id).where(c.reference_code.is_not(None))
    return {code: said[number] for code, number in connection.execute(query) if number in said}


def _people(connection: sa.Connection, said: dict[int, Said], whose: dict[str, Said]) -> Iterator[Case]:
    guests = _guests(connection)
    alone = [one.cards - guests.get(one.submission_id, frozenset()) for one in said.values()]
    groups = together(
        [*joined_cards(connection), *alone, *(frozenset({card}) for one in said.values() for card in one.cards)]
    )
    found = {group: Case(PEOPLE, group) for group in groups.values()}
    for one in said.values():
        told = (whose[code].cards for code in one.references if code in whose and not one.cards)
        for group in {groups[card] for card in one.cards.union(*told)}:
            found[group].submissions.append(one)
            found[group].hear(one.arrived_at)
    return iter(found.values())


def _guests(connection: sa.Connection) -> dict[int, frozenset[str]]:
    c = FACT_TABLES[_GUESTS].c
    found: defaultdict[int, set[str]] = defaultdict(set)
    for number, card in connection.execute(sa.select(c.submission_id, c.person_code)):
        found[number].add(card)
    return {number: frozenset(cards) for number, cards in found.items()}


def _alone(purpose: str, one: Said) -> Case:
    return Case(purpose, submissions=[one], heard_at=one.arrived_at)


def _feedback(connection: sa.Connection, said: dict[int, Said]) -> Iterator[Case]:
    c = FACT_TABLES["feedback"].c
    for number, status, closed_on in connection.execute(sa.select(c.submission_id, c.status_code, c.closed_on)):
        if number in said:
            case = _alone(FEEDBACK, said[number])
            case.is_open = status not in _CLOSED
            if closed_on is not None:
                case.hear(datetime.combine(closed_on, time.max))
            yield case


def _unnamed(rest: Iterable[Said], whose: dict[str, Said]) -> list[Case]:
    """Somebody unknown with what was told of their referrals later; what tells of a person's is with the person."""
    found: dict[int, Case] = {}
    for one in rest:
        root = next((whose[code] for code in sorted(one.references) if code in whose), one)
        if not root.cards:
            case = found.setdefault(root.submission_id, Case(UNNAMED))
            case.submissions.append(one)
            case.hear(one.arrived_at)
    return list(found.values())


def _hear_of_referrals(connection: sa.Connection, found: Iterable[Case]) -> None:
    """Open referrals keep a case open, and a receiver's reply is heard of it."""
    state, reply = DERIVED_TABLES["referral_state"].c, DERIVED_TABLES["referral_reply"].c
    is_open = set(connection.execute(sa.select(state.reference_code).where(state.state_code.in_(OPEN))).scalars())
    replies = sa.select(reply.reference_code, sa.func.max(reply.received_at)).group_by(reply.reference_code)
    replied = {code: at for code, at in connection.execute(replies)}
    for case in found:
        for code in {code for one in case.submissions for code in one.references}:
            case.is_open = case.is_open or (code in is_open and case.purpose in (PEOPLE, UNNAMED))
            case.hear(replied.get(code, datetime.min))
