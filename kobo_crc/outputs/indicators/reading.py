"""The store's rows as units of each figure, for one month. Reads facts and derived tables, never the vault."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from kobo_crc import wishes
from kobo_crc.consent import Agreement
from kobo_crc.database.counted import shown
from kobo_crc.database.metadata import CODES, DERIVED_TABLES, FACT_TABLES, PROBLEM, SUBMISSION
from kobo_crc.disclosure import SPECIALISED, public_service
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.outputs.indicators.tables import Way
from kobo_crc.referrals.timeliness import NO_LIMITS, Deadlines

ADULT, OLDER = 18, 60
GIVEN = ("delivered", "partial")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of the person of a number, by the newest registration and profile."""

    sex: str | None
    birth_year: int | None
    displacement: str | None
    disability: str | None

    def traits(self, year: int) -> dict[str, str | None]:
        """The person as the ways of parting see them; the age is that of the year."""
        age = None if self.birth_year is None else age_band(year - self.birth_year)
        return {
            "sex": self.sex,
            "age": age,
            "displacement": self.displacement,
            "disability": self.disability,
        }


NOBODY = Person(None, None, None, None)


class Reader:
    """One look at the store; what several figures need is read once. Without `deadlines` nothing is late."""

    def __init__(self, connection: sa.Connection, deadlines: Deadlines = NO_LIMITS) -> None:
        self._connection = connection
        self.deadlines = deadlines

    def rows(self, query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
        """The rows of shown submissions; the query joins `submission`."""
        return iter(self._connection.execute(query.where(shown())))

    def facts(self, name: str, *columns: str) -> sa.Select[Any]:
        """Those columns of a fact table, then the submission's number and arrival."""
        table = FACT_TABLES[name]
        chosen = [table.c[column] for column in columns]
        at = (SUBMISSION.c.submission_id, SUBMISSION.c.submitted_at)
        return sa.select(*chosen, *at).join(SUBMISSION, SUBMISSION.c.submission_id == table.c.submission_id)

    def of_month(self, name: str, day: str, month: Month, *columns: str) -> Iterator[sa.Row[Any]]:
        """The rows of a fact table whose day lies in the month."""
        within = FACT_TABLES[name].c[day].between(month.first, month.last)
        return self.rows(self.facts(name, *columns).where(within))

    @cached_property
    def reporting(self) -> Agreement:
        """Who may be counted beyond a centre's total."""
        return wishes.agreement_of(self._connection, "report_code")

    @cached_property
    def links(self) -> dict[str, tuple[str, str]]:
        """Whose each card is, and who that may be while nobody has decided."""
        c = DERIVED_TABLES["person_link"].c
        query = sa.select(c.person_code, c.person_id, c.possible_id)
        return {code: (person, possible) for code, person, possible in self._connection.execute(query)}

    def whose(self, person_code: str) -> str:
        """The person whose card it is; the card itself where that is not known."""
        return self.links.get(person_code, (person_code, ""))[0]

    def maybe(self, person_code: str) -> str:
        """The same for all who may be one person."""
        return self.links.get(person_code, ("", person_code))[1]

    @cached_property
    def people(self) -> dict[str, Person]:
        """Everyone who is registered, by person."""
        registered, visit = FACT_TABLES["registration"], FACT_TABLES["visit"]
        profile = FACT_TABLES["profile"]
        query = (
            self.facts("registration", "person_code", "sex_code", "birth_year", "age_years", "displacement_code")
            .add_columns(visit.c.visited_on, profile.c.disability_code)
            .outerjoin(visit, visit.c.submission_id == registered.c.submission_id)
            .outerjoin(profile, profile.c.submission_id == registered.c.submission_id)
            .where(registered.c.person_code.is_not(None))
            .order_by(SUBMISSION.c.submitted_at, SUBMISSION.c.submission_id)
        )
        return {
            self.whose(row.person_code): Person(row.sex_code, _born(row), row.displacement_code, row.disability_code)
            for row in self.rows(query)
        }

    @cached_property
    def people_of_submissions(self) -> dict[int, str]:
        """The person's number, by intake submission."""
        return {row.submission_id: row.person_code for row in self.rows(self.facts("visit", "person_code"))}

    @cached_property
    def doubtful(self) -> dict[str, int]:
        """How many people more each number might be, while it is open whether it was given out twice."""
        registered = FACT_TABLES["registration"]
        same = sa.and_(PROBLEM.c.submission_id == registered.c.submission_id, PROBLEM.c.path == registered.c.row_path)
        query = self.facts("registration", "person_code").join(PROBLEM, same)
        found: dict[str, set[int]] = defaultdict(set)
        for row in self.rows(query.where(PROBLEM.c.code == "person_registered_twice")):
            found[row.person_code].add(row.submission_id)
        return {person: len(submissions) - 1 for person, submissions in found.items()}

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The services whose mere name endangers."""
        service = CODES["service"].c
        return frozenset(self._connection.execute(sa.select(service.code).where(service.sensitive == "yes")).scalars())

    def service(self, code: str | None, sensitive_code: str | None = None) -> str | None:
        """The service as it may be named."""
        return SPECIALISED if sensitive_code == "yes" else public_service(code, self.sensitive)

    def doubt(self, person_codes: Iterable[str]) -> int:
        """How many people more these cards, of people who may be one, might stand for."""
        cards = set(person_codes)
        return len({self.whose(card) for card in cards}) - 1 + sum(self.doubtful.get(card, 0) for card in cards)

    def way(self, by: str, codes: str, under: tuple[str, str] | None = None) -> Way:
        """A way of parting by a code list: all its codes, retired ones too, whether or not anything has them."""
        c = CODES[codes].c
        known = self._connection.execute(sa.select(c.code).order_by(c.retired_on.is_not(None), c.position, c.code))
        names = [self.service(code) or "" for code in known.scalars()] if codes == "service" else known.scalars()
        return Way(by, tuple(dict.fromkeys(names)), under)

    def reasons(self, by: str, event: str, under: tuple[str, str]) -> Way:
        """A way of parting by the reasons that such an event may have."""
        c = CODES["event_reason"].c
        known = sa.select(c.code).where(c.event.in_((event, "both")))
        known = known.order_by(c.retired_on.is_not(None), c.position, c.code)
        return Way(by, tuple(self._connection.execute(known).scalars()), under)

    def person(self, person_code: str | None) -> Person:
        """Whoever has that number, as far as is known."""
        return self.people.get(self.whose(person_code or ""), NOBODY)


def age_band(age: int) -> str | None:
    """The code of the age band; None for an age that nobody has."""
    if not 0 <= age <= 120:
        return None
    return "0_17" if age < ADULT else "18_59" if age < OLDER else "60_plus"


def days_between(earlier: date | None, later: date | None) -> int | None:
    """Whole days from one to the other; None where either is unknown or they are the wrong way round."""
    if earlier is None or later is None or later < earlier:
        return None
    return (later - earlier).days


def _born(row: sa.Row[Any]) -> int | None:
    """The year of birth; from the age as stated that day, otherwise."""
    if row.birth_year is not None or row.age_years is None or row.submitted_at is None:
        year: int | None = row.birth_year
        return year
    stated_on: date = min(row.visited_on or row.submitted_at.date(), row.submitted_at.date())
    return stated_on.year - int(row.age_years)
