"""Who is who: cards that may be one person's, what somebody decided on them, and the store's table that follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations, groupby
from operator import itemgetter
from typing import Final, NamedTuple

import sqlalchemy as sa

from kobo_crc.account import account
from kobo_crc.codes import is_valid
from kobo_crc.database.database import Database
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import DERIVED_TABLES, FACT_TABLES
from kobo_crc.database.person_tables import MATCH_KEY, PERSON_CARD, PERSON_DECISION
from kobo_crc.database.rows import insert_rows
from kobo_crc.errors import ConfigError
from kobo_crc.matching import Hashes
from kobo_crc.people.groups import first_of, together
from kobo_crc.people.trace import versions
from kobo_crc.redaction import plain, texts
from kobo_crc.store import persons

JOIN: Final = "join"
APART: Final = "apart"
UNDO: Final = "undo"
LINK = DERIVED_TABLES["person_link"]
Pair = tuple[str, str]


class Decision(NamedTuple):
    """What somebody says of two people, and why, in their own words."""

    verdict: str
    reason: str


def recompute(connection: sa.Connection, keys: Keys) -> None:
    """Make the store's `person_link` anew from the vault."""
    verdicts = decided(connection)
    joined = _joined(verdicts)
    held = _people(connection)
    apart = {pair for pair, verdict in verdicts.items() if verdict == APART}
    maybe = together([*joined.values(), *hanging_together(_sharing(connection, held), apart)])
    one, may_be_one = first_of(joined), first_of(maybe)
    rows = [
        (code, one.get(person, person), may_be_one.get(person, person))
        for code, person in _known_cards(connection, keys, held)
    ]
    connection.execute(sa.delete(LINK))
    insert_rows(connection, LINK, rows)


def decided(connection: sa.Connection) -> dict[Pair, str]:
    """The newest verdict on each pair that is not undone."""
    c = PERSON_DECISION.c
    rows = connection.execute(sa.select(c.person_id, c.other_id, c.verdict).order_by(c.decision_id))
    newest = {(one, other): verdict for one, other, verdict in rows}
    return {pair: verdict for pair, verdict in newest.items() if verdict != UNDO}


def alike(connection: sa.Connection) -> dict[Pair, set[str]]:
    """The people who share a match key, and which kinds of it."""
    one, other = MATCH_KEY.alias(), MATCH_KEY.alias()
    mine, theirs = PERSON_CARD.alias(), PERSON_CARD.alias()
    same = sa.and_(other.c.kind == one.c.kind, other.c.key == one.c.key, other.c.card != one.c.card)
    query = (
        sa.select(mine.c.person_id, theirs.c.person_id, one.c.kind)
        .join(other, same)
        .join(mine, mine.c.card == one.c.card)
        .join(theirs, theirs.c.card == other.c.card)
        .where(mine.c.person_id < theirs.c.person_id)
        .distinct()
    )
    found: dict[Pair, set[str]] = {}
    for person, another, kind in connection.execute(query):
        found.setdefault((person, another), set()).add(kind)
    return found


def _sharing(connection: sa.Connection, held: Mapping[str, str]) -> Iterator[set[str]]:
    """For each match key of more than one card, whose they are."""
    c = MATCH_KEY.c
    shared = sa.select(c.kind, c.key).group_by(c.kind, c.key).having(sa.func.min(c.card) != sa.func.max(c.card))
    of_it = shared.subquery()
    query = sa.select(c.kind, c.key, c.card).join(of_it, sa.and_(of_it.c.kind == c.kind, of_it.c.key == c.key))
    rows = map(tuple, connection.execute(query.order_by(c.kind, c.key)))
    for _, same in groupby(rows, key=itemgetter(0, 1)):
        yield {held[card] for _, _, card in same if card in held}


def hanging_together(sharing: Iterable[set[str]], apart: set[Pair]) -> Iterator[Iterable[str]]:
    """The people who share something, together; pair by pair where somebody said that two of them are apart."""
    parted = {person for pair in apart for person in pair}
    for people in sharing:
        if len(people & parted) > 1:
            yield from (pair for pair in combinations(sorted(people), 2) if pair not in apart)
        else:
            yield people


def open_pairs(shared: Iterable[Pair], verdicts: dict[Pair, str]) -> list[Pair]:
    """Of the people who share something, those who may be one, and on whom nobody has decided."""
    joined = _joined(verdicts)
    pairs = (pair for pair in sorted(shared) if pair not in verdicts)
    return [(one, other) for one, other in pairs if other not in joined.get(one, ())]


def decide(database: Database, cards: Pair, decision: Decision, now: datetime) -> None:
    """Keep what somebody decided on the people of two cards. ConfigError when it cannot be, as decisions stand."""
    with database.reading() as connection:
        one, other = sorted(_person(connection, database.keys, card) for card in cards)
        verdicts = decided(connection)
        last = connection.execute(sa.select(sa.func.max(PERSON_DECISION.c.decision_id))).scalar() or 0
    if one == other:
        raise ConfigError("These are the same person's card. Please name two cards.")
    if decision.verdict == UNDO and (one, other) not in verdicts:
        raise ConfigError("Nobody has decided on these two. Please take the pair from the decision that you mean.")
    _refuse_contradiction({**verdicts, (one, other): decision.verdict})
    row = (last + 1, one, other, decision.verdict, now.isoformat(" ", "seconds"), account(), decision.reason)
    with database.writing() as connection:
        insert_rows(connection, PERSON_DECISION, [row])


def _refuse_contradiction(verdicts: dict[Pair, str]) -> None:
    joined = _joined(verdicts)
    for (one, other), verdict in verdicts.items():
        if verdict == APART and other in joined.get(one, ()):
            raise ConfigError(
                "This does not go together with what was decided before: two people who are apart would be joined "
                "through others. Please undo one of those decisions first."
            )


def joined_cards(connection: sa.Connection) -> list[frozenset[str]]:
    """The cards of each person who has more than one."""
    cards: dict[str, set[str]] = {}
    for code, person in persons(connection).items():
        cards.setdefault(person, set()).add(code)
    return [frozenset(codes) for codes in cards.values() if len(codes) > 1]


def cards_with(connection: sa.Connection, card: str) -> list[str]:
    """The card, and every other that somebody joined with it."""
    others = next((codes for codes in joined_cards(connection) if card in codes), frozenset())
    return [card, *sorted(others - {card})]


def cards_kept(connection: sa.Connection, keys: Keys, cards: Sequence[str]) -> list[str]:
    """These cards, and those joined with them that the vault alone knows, as of submissions deleted on the server."""
    hashes, held, joined = Hashes(connection, keys), _people(connection), _joined(decided(connection))
    known = {hashes.card(card) for card in cards}
    theirs = {held[mac] for mac in known if mac in held}
    theirs = theirs.union(*(joined.get(person, ()) for person in theirs))
    hidden = {mac for mac, person in held.items() if person in theirs} - known
    said = (plain(text) for one in versions(connection, keys) for text in texts(one.answers)) if hidden else ()
    return [*cards, *sorted({number for number in said if is_valid(number) and hashes.card(number) in hidden})]


def cards_of_people(connection: sa.Connection, keys: Keys) -> dict[str, list[str]]:
    """The cards of each person_id that the store has."""
    found: dict[str, list[str]] = {}
    for code, person in _known_cards(connection, keys, _people(connection)):
        found.setdefault(person, []).append(code)
    return found


def forget(connection: sa.Connection, keys: Keys, card: str) -> None:
    """Let nothing say any more whose card it was, nor what was decided on that person."""
    mac, decision = Hashes(connection, keys).card(card), PERSON_DECISION.c
    theirs = list(connection.execute(sa.select(PERSON_CARD.c.person_id).where(PERSON_CARD.c.card == mac)).scalars())
    connection.execute(sa.delete(MATCH_KEY).where(MATCH_KEY.c.card == mac))
    connection.execute(sa.delete(PERSON_CARD).where(PERSON_CARD.c.card == mac))
    named = sa.or_(decision.person_id.in_(theirs), decision.other_id.in_(theirs))
    connection.execute(sa.delete(PERSON_DECISION).where(named))


def _person(connection: sa.Connection, keys: Keys, card: str) -> str:
    query = sa.select(PERSON_CARD.c.person_id).where(PERSON_CARD.c.card == Hashes(connection, keys).card(card))
    person: str | None = connection.execute(query).scalar()
    if person is None:
        raise ConfigError("One of these cards is not known here. Please look at its number again.")
    return person


def _joined(verdicts: dict[Pair, str]) -> dict[str, frozenset[str]]:
    """For each person all whom somebody joined with them, through others too."""
    return together(pair for pair, verdict in verdicts.items() if verdict == JOIN)


def _people(connection: sa.Connection) -> dict[str, str]:
    """The person_id of each card's keyed hash."""
    return {card: person for card, person in connection.execute(sa.select(PERSON_CARD.c.card, PERSON_CARD.c.person_id))}


def _known_cards(connection: sa.Connection, keys: Keys, held: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every card that the store names, in order, with the person_id that the vault gave it."""
    hashes = Hashes(connection, keys)
    for code in sorted(_codes(connection)):
        if person := held.get(hashes.card(code)):
            yield code, person


def _codes(connection: sa.Connection) -> Iterator[str]:
    """Every card that the store names."""
    queries = [
        sa.select(table.c.person_code).where(table.c.person_code.is_not(None))
        for table in FACT_TABLES.values()
        if "person_code" in table.c
    ]
    return iter(connection.execute(sa.union(*queries)).scalars())
