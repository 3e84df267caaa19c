"""Figures about people and what they came for: who was assisted, visits, services, sessions, feedback, consent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

import sqlalchemy as sa

from kobo_crc.database.metadata import DERIVED_TABLES, FACT_TABLES, SUBMISSION
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.outputs.indicators.reading import GIVEN, Reader
from kobo_crc.outputs.indicators.tables import CENTRE, Material, Unit, Way

Reading = Callable[[Reader, Month], Material]
TRAITS = (("sex", "sex"), ("age", "age_band"), ("displacement", "displacement_status"))
CLOSINGS = ("closed_in_time", "closed_late", "closed", "not_closed")
ANSWERS = ("agreed", "opted_out", "not_recorded")


def people(reader: Reader, month: Month) -> Material:
    """Each person who visited, was given a service, or came to a session; at the centre of their last contact."""
    seen = [(card, centre) for card, centre in _contacts(reader, month) if card]
    last_seen = {_person(reader, card): (card, centre) for card, centre in seen}
    cards = _cards_by_person(reader, (card for card, _ in seen))
    units = tuple(
        Unit(centre, reader.person(card).traits(month.year), person[1], doubtful=reader.doubt(cards[person]))
        for person, (card, centre) in last_seen.items()
    )
    ways = (*_ways(reader), reader.way("disability", "yes_no_unknown"), reader.way(CENTRE, "centre"))
    return Material(units, ways, by_wish=True)


def people_this_year(reader: Reader, month: Month) -> Material:
    """Each person once, from January to the end of the month; never parted, because its growth is the new people."""
    seen: set[str] = set()
    for number in range(1, month.month + 1):
        seen.update(card for card, _ in _contacts(reader, Month(month.year, number)) if card)
    counted = _cards_by_person(reader, (card for card in seen if reader.reporting.allows(card, None)))
    doubtful = sum(reader.doubt(cards) for cards in counted.values())
    return Material((Unit(None, weight=len(counted), doubtful=doubtful),))


def visits(reader: Reader, month: Month) -> Material:
    """Every conversation, by what the person agreed to: to be recorded and counted, recorded alone, or neither."""
    unnamed = _unnamed(reader)
    columns = ("centre_code", "person_code", "visit_type_code", "channel_code")
    units = tuple(
        Unit(row.centre_code, _of_visit(row, unnamed, reader))
        for row in reader.of_month("visit", "visited_on", month, *columns)
    )
    agreed, unknown = ("answer", "agreed"), ("answer", "not_recorded")
    ways = (
        Way("answer", ANSWERS, whole=True),
        reader.way("visit_type", "visit_type", agreed),
        reader.way("channel", "channel", agreed),
        reader.way(CENTRE, "centre"),
        *(reader.way(f"anonymous_{by}", codes, unknown) for by, codes in TRAITS),
    )
    return Material(units, ways)


def services(reader: Reader, month: Month) -> Material:
    """Services given, whole or in part: those of a visit, and those of the form for services."""
    units = (*_services_of_visits(reader, month), *_services_by_form(reader, month))
    return Material(units, (reader.way("service", "service"), reader.way(CENTRE, "centre")), by_wish=True)


def sessions(reader: Reader, month: Month) -> Material:
    """Group sessions held; no numbers of people."""
    held = Counter(row.kind_code for row in reader.of_month("session", "held_on", month, "kind_code"))
    kinds = reader.way("kind", "session_kind").codes
    return Material(plain={"sessions": sum(held.values()), **{f"sessions_{kind}": held[kind] for kind in kinds}})


def attendances(reader: Reader, month: Month) -> Material:
    """Cards or heads at sessions; one person may come to several."""
    attended = DERIVED_TABLES["session_attendance"]
    query = (
        sa.select(attended.c.centre_code, attended.c.kind_code, attended.c.people_count)
        .join(SUBMISSION, SUBMISSION.c.submission_id == attended.c.submission_id)
        .where(attended.c.held_on.between(month.first, month.last))
    )
    units = tuple(
        Unit(row.centre_code, {"kind": row.kind_code}, weight=row.people_count or 0) for row in reader.rows(query)
    )
    return Material(units, (reader.way("kind", "session_kind"), reader.way(CENTRE, "centre")))


def feedback(reader: Reader, month: Month) -> Material:
    """Feedback received, and whether it was closed by the day on which a reply was due. Nothing of sensitive kinds."""
    columns = ("centre_code", "category_code", "status_code", "due_on", "closed_on")
    units = tuple(
        Unit(row.centre_code, {"category": row.category_code, "closing": _closing(row)})
        for row in reader.of_month("feedback", "received_on", month, *columns)
        if row.category_code not in (None, "channelled")
    )
    kinds = reader.way("category", "feedback_category")
    named = Way("category", tuple(code for code in kinds.codes if code not in ("channelled", "sea", "fraud")))
    return Material(units, (Way("closing", CLOSINGS, whole=True), named, reader.way(CENTRE, "centre")))


def _person(reader: Reader, card: str) -> tuple[str, bool]:
    """Whose card it may be, and whether they may be counted: who said no is never taken for one who said yes."""
    return reader.maybe(card), reader.reporting.allows(card, None)


def _cards_by_person(reader: Reader, cards: Iterable[str]) -> dict[tuple[str, bool], set[str]]:
    """The cards of each person, those of people who may be one taken together."""
    found: dict[tuple[str, bool], set[str]] = {}
    for card in cards:
        found.setdefault(_person(reader, card), set()).add(card)
    return found


def _ways(reader: Reader) -> list[Way]:
    return [reader.way(by, codes) for by, codes in TRAITS]


def _contacts(reader: Reader, month: Month) -> Iterator[tuple[str | None, str | None]]:
    """The number and centre of every contact with somebody, the last one last."""
    met = [
        *reader.of_month("visit", "visited_on", month, "visited_on", "person_code", "centre_code"),
        *(
            row
            for row in reader.of_month(
                "service_delivery", "delivered_on", month, "delivered_on", "person_code", "centre_code", "status_code"
            )
            if row.status_code in GIVEN
        ),
        *_cards(reader, month),
    ]
    for row in sorted(met, key=lambda row: (row[0], row.submission_id)):
        yield row.person_code, row.centre_code


def _cards(reader: Reader, month: Month) -> Iterator[sa.Row[tuple[object, ...]]]:
    session, card = FACT_TABLES["session"], FACT_TABLES["attendance"]
    query = (
        sa.select(session.c.held_on, card.c.person_code, session.c.centre_code, SUBMISSION.c.submission_id)
        .join(session, session.c.submission_id == card.c.submission_id)
        .join(SUBMISSION, SUBMISSION.c.submission_id == card.c.submission_id)
        .where(session.c.held_on.between(month.first, month.last), session.c.method_code == "cards")
    )
    return reader.rows(query)


def _unnamed(reader: Reader) -> dict[int, dict[str, str | None]]:
    """Visits of people who stayed unknown, with what was seen of them."""
    rows = reader.rows(reader.facts("anonymous_visit", "sex_code", "age_band_code", "displacement_code"))
    return {
        row.submission_id: {
            "anonymous_sex": row.sex_code,
            "anonymous_age": row.age_band_code,
            "anonymous_displacement": row.displacement_code,
        }
        for row in rows
    }


def _of_visit(
    row: sa.Row[tuple[object, ...]], unnamed: Mapping[int, dict[str, str | None]], reader: Reader
) -> dict[str, str | None]:
    if row.submission_id in unnamed:
        return {"answer": "not_recorded", **unnamed[row.submission_id]}
    agreed = reader.reporting.allows(row.person_code, row.submission_id)
    return {
        "answer": "agreed" if agreed else "opted_out",
        "visit_type": row.visit_type_code,
        "channel": row.channel_code,
    }


def _services_of_visits(reader: Reader, month: Month) -> Iterator[Unit]:
    visit, given = FACT_TABLES["visit"], FACT_TABLES["service_given"]
    unnamed = _unnamed(reader)
    query = (
        reader.facts("service_given", "service_code")
        .add_columns(visit.c.centre_code, visit.c.person_code)
        .join(visit, visit.c.submission_id == given.c.submission_id)
        .where(visit.c.visited_on.between(month.first, month.last))
    )
    for row in reader.rows(query):
        counted = row.submission_id in unnamed or reader.reporting.allows(row.person_code, row.submission_id)
        yield Unit(row.centre_code, {"service": reader.service(row.service_code)}, counted)


def _services_by_form(reader: Reader, month: Month) -> Iterator[Unit]:
    columns = ("centre_code", "person_code", "service_code", "status_code")
    for row in reader.of_month("service_delivery", "delivered_on", month, *columns):
        if row.status_code in GIVEN:
            # Without a number there is nobody whose wish could be known, and nothing but the service is counted.
            counted = row.person_code is None or reader.reporting.allows(row.person_code, None)
            yield Unit(row.centre_code, {"service": reader.service(row.service_code)}, counted)


def _closing(row: sa.Row[tuple[object, ...]]) -> str:
    if row.status_code != "closed":
        return "not_closed"
    if row.due_on is None or row.closed_on is None:
        return "closed"
    return "closed_in_time" if row.closed_on <= row.due_on else "closed_late"
