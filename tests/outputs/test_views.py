"""The views that people's tools read: codes with labels, and nothing of who opted out or of what endangers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc import wishes
from kobo_crc.database import views
from kobo_crc.database.metadata import CODES, DERIVED_TABLES
from kobo_crc.model import NOT_APPROVED
from kobo_crc.schema.views import BEGINNING, VIEWS, View, columns_of
from tests.outputs.conftest import NOW, Store

SEEN = ("submission_id", "row_path", "form", "counted", "month", "centre_code", "centre")


@pytest.fixture
def made(store: Store) -> Store:
    """A store with the views, and two services of which one endangers."""
    store.code("service", "counselling_legal", ("استشارة", "ڕاوێژ", "Legal counselling"))
    store.code("service", "gbv", ("عنف", "توندوتیژی", "GBV"))
    store.connection.execute(
        sa.update(CODES["service"]).where(CODES["service"].c.code == "gbv").values(sensitive="yes")
    )
    store.code("organization", "nrc", ("", "", "NRC"))
    if not views.are_made(store.connection):  # they were with the tables of a server
        views.make(store.connection)
    return store


def visit(store: Store, person: str | None, report: str | None, day: date = date(2026, 10, 5)) -> int:
    """A visit with a need, and what was answered to being counted."""
    submission_id = store.submission()
    store.row("visit", submission_id, centre_code="baiji", person_code=person, visited_on=day)
    store.row("consent", submission_id, report_code=report)
    store.row("need", submission_id, row_path="counselling_legal", service_code="counselling_legal")
    return submission_id


def referral(store: Store, service: str | None, **values: object) -> None:
    submission_id = visit(store, "1", "yes")
    row = {"row_path": "referral[1]", "person_code": "1", "reference_code": "7", "service_code": service}
    store.row("referral", submission_id, **row)
    state = {"reference_code": "7", "submission_id": submission_id, "row_path": "referral[1]", "service_code": service}
    moment = {"sent_at": datetime(2026, 10, 5, 8), "event_count": 0, "imputed_count": 0, "centre_code": "baiji"}
    store.connection.execute(sa.insert(DERIVED_TABLES["referral_state"]).values(state | moment | values))


def rows(store: Store, name: str) -> list[dict[str, Any]]:
    wishes.recompute(store.connection)
    return [dict(row) for row in store.connection.execute(sa.text(f"SELECT * FROM out_{name}")).mappings()]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("language", views.LANGUAGES)
def test_view__of_each_language__has_the_columns_described(made: Store, view: View, language: str) -> None:
    found = made.connection.execute(sa.text(f"SELECT * FROM out_{view.name}_{language}")).keys()
    listed = [(column.name, column.codes) for _, column in columns_of(view)]
    names = [name for column, codes in listed for name in (column, codes and column.removesuffix("_code")) if name]
    assert list(found) == [*(name for name, _ in BEGINNING), *names]
    assert len(set(found)) == len(found)


def test_view__code__has_the_label_of_the_language(made: Store) -> None:
    visit(made, "1", "yes")
    labels = {language: rows(made, f"needs_{language}")[0]["centre"] for language in views.LANGUAGES}
    assert labels == {"ar": "مركز بيجي", "ckb": "ناوەندی بەیجی", "en": "Baiji centre"}


@pytest.mark.parametrize("report", ["no", None])
def test_view__who_did_not_agree__leaves_month_and_centre(made: Store, report: str | None) -> None:
    visit(made, "1", report)
    row = rows(made, "needs_en")[0]
    assert {name: value for name, value in row.items() if value is not None} == {
        **{"submission_id": 1, "row_path": "counselling_legal", "form": "intake", "counted": "no"},
        **{"month": "2026-10", "centre_code": "baiji", "centre": "Baiji centre"},
    }


def test_view__opted_out_later__holds_for_every_visit(made: Store) -> None:
    visit(made, "1", "yes", date(2026, 10, 1))
    visit(made, "1", "no", date(2026, 10, 8))
    visit(made, "2", "yes")
    assert [row["counted"] for row in rows(made, "visits_en")] == ["no", "no", "yes"]
    assert [row["person_code"] for row in rows(made, "visits_en")] == [None, None, "2"]


def test_view__nobody_known_by_number__goes_by_the_visit_itself(made: Store) -> None:
    visit(made, None, "yes")
    visit(made, None, "no")
    assert [row["counted"] for row in rows(made, "visits_en")] == ["yes", "no"]


@pytest.mark.parametrize(
    ("service", "said", "shown"),
    [
        ("counselling_legal", "no", ("Legal counselling", "NRC")),
        ("counselling_legal", "yes", ("Specialised protection and other services", None)),
        ("gbv", None, ("Specialised protection and other services", None)),
    ],
)
def test_view__service_that_endangers__is_not_named_nor_its_receiver(
    made: Store, service: str, said: str | None, shown: tuple[str, str | None]
) -> None:
    referral(made, service, sensitive_code=said, receiving_organization_code="nrc")
    row = rows(made, "referrals_en")[0]
    assert (row["service"], row["receiving_organization"]) == shown
    hidden = shown[1] is None
    assert (row["service_code"] == "specialised_or_other", row["receiving_organization_code"]) == (
        hidden,
        None if hidden else "nrc",
    )


@pytest.mark.parametrize(("sensitive", "receiver"), [(None, None), ("yes", None), ("no", "nrc")])
def test_view__service_that_no_list_knows__names_its_receiver_only_where_the_form_denies_danger(
    made: Store, sensitive: str | None, receiver: str | None
) -> None:
    referral(made, None, sensitive_code=sensitive, receiving_organization_code="nrc")
    [row] = rows(made, "referrals_en")
    assert row["receiving_organization_code"] == receiver


def test_view__deleted_or_not_approved__is_left_out(made: Store) -> None:
    for changes in ({"deleted_on": NOW.date()}, {"validation_status": NOT_APPROVED}):
        made.row("visit", made.submission(**changes), centre_code="baiji")
    assert rows(made, "visits_en") == []


def test_view__directory__names_no_place_of_a_service_that_endangers(made: Store) -> None:
    table = DERIVED_TABLES["service_at_location"]
    for service in ("gbv", "counselling_legal", "other"):
        row = {"service_at_location_id": service, "service_id": service, "submission_id": made.submission()}
        made.connection.execute(sa.insert(table).values(row))
        if service != "other":
            changed = sa.update(table).where(table.c.service_id == service).values(service_code=service)
            made.connection.execute(changed)
    assert [row["service_at_location_id"] for row in rows(made, "directory_en")] == ["counselling_legal", "other"]


def test_view__several_rows_of_one_submission__no_row_twice(made: Store) -> None:
    submission_id = visit(made, "1", "yes")
    for number in (1, 2):
        made.row("registration", submission_id, row_path=f"member[{number}]", person_code="1")
        made.row("household", submission_id, row_path=f"household[{number}]")
        made.row("profile", submission_id, row_path=f"profile[{number}]")
    assert len(rows(made, "registrations_en")) == 2
    assert len(rows(made, "households_en")) == 2
    assert len(rows(made, "visits_en")) == 1


def test_views__other_description__are_made_anew(made: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert views.are_made(made.connection)
    monkeypatch.setattr(views, "VIEWS", VIEWS[:1])
    assert not views.are_made(made.connection)
    views.make(made.connection)
    assert views.are_made(made.connection)
    left = sa.inspect(made.connection).get_view_names()
    assert sorted(left) == [f"out_visits_{language}" for language in sorted(views.LANGUAGES)]
