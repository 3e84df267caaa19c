"""A form that others built on the server joins the store: adopted, annotated in a CSV, stored by the nightly run."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kobo_crc.adopting import HEADER, adopt
from kobo_crc.config import Project
from kobo_crc.deploy import read_deployed
from kobo_crc.errors import ConfigError, FormError
from kobo_crc.pipeline import run
from kobo_crc.rollout import check_all, preview, roll_out
from kobo_crc.simulator.content import Content, expand
from kobo_crc.simulator.ids import Ids
from kobo_crc.sources.http import Client, client_of
from tests.e2e.centre import Centre, unsealed

# A line break, a label in one language alone, and one that looks like a formula.
SURVEY: list[dict[str, Any]] = [
    {"type": "start", "name": "start"},
    {"type": "begin_group", "name": "who", "label": ["من", None]},
    {"type": "text", "name": "full_name", "label": ["الاسم\nالكامل", "Full name"]},
    {"type": "select_one mf", "name": "gender", "label": ["الجنس", "=Gender"]},
    {"type": "integer", "name": "age", "label": ["العمر", "Age"]},
    {"type": "end_group"},
    {"type": "select_multiple wants", "name": "wants", "label": ["يريد", "Wants"]},
    {"type": "begin_repeat", "name": "sent", "label": ["إحالة", "Sent"]},
    {"type": "text", "name": "slip", "label": ["رقم", "Slip"]},
    {"type": "end_repeat"},
    {"type": "note", "name": "bye", "label": ["شكراً", "Thanks"]},
]
CHOICES = [
    {"list_name": "mf", "name": "m", "label": ["ذكر", "Man"]},
    {"list_name": "mf", "name": "f", "label": ["أنثى", "Woman"]},
    {"list_name": "wants", "name": "law", "label": ["قانون", "Law"]},
    {"list_name": "wants", "name": "work", "label": ["عمل", "Work"]},
]
FILLED = {
    "who": {"store": "registration"},
    "who/full_name": {"store": "identity.given_name", "pii": "direct"},
    "who/gender": {"store": "registration.sex_code", "pii": "quasi", "codes": "m=male f=female"},
    "who/age": {"store": "registration.age_years", "pii": "quasi"},
    "wants": {"store": "need.service_code", "pii": "sensitive", "codes": "law=counselling_legal work=livelihoods"},
    "sent": {"store": "referral"},
    "sent/slip": {"store": "referral.reference_code", "pii": "quasi"},
}


@pytest.fixture
def client(centre: Centre) -> Iterator[Client]:
    """The others at the server, in their browser."""
    with closing(client_of(centre.settings, Project(name="main"))) as client:
        yield client


@pytest.fixture
def theirs(client: Client) -> str:
    """The uid of a project that somebody else built and deployed."""
    uid = str(client.post("assets/", {"name": "Women's group", "asset_type": "survey"})["uid"])
    client.patch(f"assets/{uid}/", {"content": content_of(SURVEY)})
    client.post(f"assets/{uid}/deployment/", {"active": True})
    return uid


def content_of(survey: list[dict[str, Any]]) -> Content:
    """The form as the server keeps it."""
    return expand({"survey": [flat(row) for row in survey], "choices": [flat(row) for row in CHOICES]}, Ids(1))


def flat(row: dict[str, Any]) -> dict[str, Any]:
    arabic, english = row.get("label", (None, None))
    labels = {"label::العربية (ar)": arabic, "label::English (en)": english}
    return {key: cell for key, cell in {**row, **labels}.items() if cell and key != "label"}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path: Path, filled: dict[str, dict[str, str]]) -> None:
    rows = [row | filled.get(row["path"], {}) for row in rows_of(path)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)


def test_adopt__deployed_form__comes_as_markdown_with_a_csv_to_fill(centre: Centre, theirs: str) -> None:
    adopted = adopt(centre.settings, theirs, "nightly")
    assert (adopted.form.name, adopted.questions, adopted.new, adopted.gone) == ("women_s_group.md", 8, 8, ())
    rows = {row["path"]: row for row in rows_of(adopted.annotations)}
    assert list(rows) == ["start", "who", "who/full_name", "who/gender", "who/age", "wants", "sent", "sent/slip"]
    assert rows["who/gender"]["type"] == "select_one mf" and rows["who/gender"]["label"] == "'=Gender"
    assert "الاسم الكامل" in adopted.form.read_text(encoding="utf-8")
    assert read_deployed(centre.settings.deployed)["main"]["women_s_group"].asset_uid == theirs
    assert "women_s_group" in check_all(centre.settings)


def test_adopt__csv_filled__the_night_stores_its_rows_and_nothing_is_deployed(centre: Centre, theirs: str) -> None:
    adopted = adopt(centre.settings, theirs, "nightly", name="women")
    fill(adopted.annotations, FILLED)
    nightly = centre.settings.pipelines / "nightly.toml"
    text = nightly.read_text(encoding="utf-8").replace('["small"]', '["small", "women"]')
    nightly.write_text(text, encoding="utf-8")
    assert [(form, outlook.action) for _, form, outlook in preview(centre.settings, "nightly")] == [
        ("small", "unchanged"),
        ("women", "foreign"),
    ]
    assert [form for _, form, _ in roll_out(centre.settings, "nightly")] == ["small"]
    project = centre.world.projects[theirs]
    answers = {
        "_uuid": "5a0f",
        "meta/rootUuid": "uuid:5a0f",
        "_submission_time": "2026-11-23T10:00:00",
        "who/full_name": "شيلان",
        "who/gender": "f",
        "who/age": "31",
        "wants": "work law",
        "sent": [{"sent/slip": "212345678955"}, {"sent/slip": "not a number"}],
    }
    centre.world.load(project, [answers, answers | {"_uuid": "6b", "meta/rootUuid": "uuid:6b", "who/gender": "x"}])
    assert run(centre.settings, "nightly").outcome == "ok"
    with unsealed(centre.settings) as database, database.reading() as connection:
        select = connection.exec_driver_sql
        registered = select("SELECT row_path, sex_code, age_years FROM registration ORDER BY submission_id").all()
        needs = select("SELECT service_code FROM need WHERE submission_id = 1 ORDER BY 1").scalars().all()
        slips = select("SELECT row_path, reference_code FROM referral WHERE submission_id = 1").all()
        problems = select("SELECT path, code FROM problem WHERE step = 'normalise' ORDER BY submission_id").all()
    assert registered == [("who", "female", 31), ("who", None, 31)]
    assert needs == ["counselling_legal", "livelihoods"]
    assert slips[0] == ("sent[1]", "212345678955")
    assert ("who/gender", "code_unknown") in problems
    assert len(project.versions) == 2


def test_adopt__again_after_its_owners_changed_it__keeps_what_was_filled_in(
    centre: Centre, client: Client, theirs: str
) -> None:
    adopted = adopt(centre.settings, theirs, "nightly", name="women")
    fill(adopted.annotations, FILLED)
    survey = [row for row in SURVEY if row.get("name") != "age"]
    survey.insert(-1, {"type": "date", "name": "born", "label": ["ميلاد", "Born"]})
    client.patch(f"assets/{theirs}/", {"content": content_of(survey)})
    assert adopt(centre.settings, theirs, "nightly", name="women").new == 0  # tablets do not have it yet
    version = centre.world.projects[theirs].latest.uid
    client.patch(f"assets/{theirs}/deployment/", {"active": True, "version_id": version})
    again = adopt(centre.settings, theirs, "nightly", name="women")
    assert (again.new, again.gone) == (1, ("who/age",))
    rows = {row["path"]: row for row in rows_of(again.annotations)}
    assert rows["who/gender"]["codes"] == "m=male f=female" and "who/age" not in rows
    assert rows["born"]["store"] == ""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"codes": ""}, "the choices f, m of mf are no codes of sex"),
        ({"codes": "m=male f=woman"}, "the choices woman of mf are no codes of sex"),
        ({"codes": "m=male f=female g=female"}, "names g, which is no choice of mf"),
    ],
)
def test_adopt__codes_that_do_not_fit__are_named(
    centre: Centre, theirs: str, wrong: dict[str, str], words: str
) -> None:
    adopted = adopt(centre.settings, theirs, "nightly")
    fill(adopted.annotations, {**FILLED, "who/gender": FILLED["who/gender"] | wrong})
    with pytest.raises(FormError, match=words):
        check_all(centre.settings)


def test_adopt__names_that_are_taken__are_refused_with_nothing_written(centre: Centre, theirs: str) -> None:
    before = sorted(centre.settings.forms.iterdir())
    with pytest.raises(ConfigError, match=r"small\.md is a form of ours"):
        adopt(centre.settings, theirs, "nightly", name="small")
    with pytest.raises(ConfigError, match="as the form small of project main already"):
        adopt(centre.settings, centre.asset_uid, "nightly", name="other")
    with pytest.raises(ConfigError, match="Please name one of: main"):
        adopt(centre.settings, theirs, "nightly", project="nowhere")
    centre.world.projects[theirs].name = "استمارة"
    with pytest.raises(ConfigError, match="--name"):
        adopt(centre.settings, theirs, "nightly")
    assert sorted(centre.settings.forms.iterdir()) == before
