"""The form on a KoboToolbox server, in the shapes that a real server gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kobo_crc.xlsform.content import to_sheets
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.read import from_content, from_sheets
from kobo_crc.xlsform.sheets import parse_markdown
from kobo_crc.xlsform.write import to_sheets as sheets_of

RECORDED = Path(__file__).parents[1] / "recorded" / "kobo"

# What the recorded asset was imported from, as far as these tests compare it.
IMPORTED = """
| survey |
| | type | name | required | label::English (en) | label::Arabic (ar) | calculation |
| | start | start | | | | |
| | end | end | | | | |
| | today | today | | | | |
| | deviceid | deviceid | | | | |
| | username | username | | | | |
| | text | case_ref | true | Case reference | رقم الحالة | |
| | begin_group | client | | Client | العميل | |
| | text | full_name | | Full name | الاسم الكامل | |
| | integer | age | | Age | العمر | |
| | select_one sex | sex | | Sex | الجنس | |
| | begin_group | contact | | Contact | الاتصال | |
| | text | phone | | Phone | هاتف | |
| | end_group | | | | | |
| | end_group | | | | | |
| | select_multiple svc | services | | Services needed | الخدمات المطلوبة | |
| | select_one_from_file districts.csv | district | | District | المديرية | |
| | calculate | governorate | | | | pulldata('districts','governorate','name',${district}) |
"""


def recorded(name: str) -> dict[str, Any]:
    reply = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    content: dict[str, Any] = reply["body"]["data"]
    return content


@pytest.fixture(params=["content_01", "valid_content_02"], ids=["as imported", "as saved"])
def form(request: pytest.FixtureRequest) -> Form:
    return from_content("intake", recorded(request.param))


def test_content__both_shapes__give_the_rows_that_were_imported(form: Form) -> None:
    ours = from_sheets("intake", parse_markdown(IMPORTED, "intake"), {})
    assert form.rows[: len(ours.rows)] == ours.rows


def test_content__paths__are_the_servers_own(form: Form) -> None:
    paths = {row["name"]: row["$xpath"] for row in recorded("content_01")["survey"] if "name" in row}
    assert {row.name: row.path for row in form.rows if row.name} == paths


def test_content__choices_and_settings(form: Form) -> None:
    assert [(choice.name, choice.labels) for choice in form.choices["sex"]] == [
        ("f", {"en": "Female", "ar": "أنثى"}),
        ("m", {"en": "Male", "ar": "ذكر"}),
    ]
    assert form.settings["id_string"] == "referral_intake"


def test_content__the_servers_own_keys__are_left_out(form: Form) -> None:
    assert not [key for row in form.rows for key in row.cells if key.startswith("$")]
    assert [column for column in sheets_of(form).headers["survey"] if column.startswith("$")] == []


def test_content__what_the_form_builder_named_itself__has_that_name() -> None:
    survey = [{"type": "select_one", "$autoname": "q", "select_from_list_name": "l", "_or_other": True, "label": ["Q"]}]
    content = {
        "survey": survey,
        "choices": [{"list_name": "l", "$autovalue": "a", "label": ["A"]}],
        "translations": [None],
    }
    form = from_content("any", content)
    assert [(row.name, row.type, row.list_name, row.cells["type"]) for row in form.rows] == [
        ("q", "select_one", "l", "select_one l or_other")
    ]
    assert [choice.name for choice in form.choices["l"]] == ["a"]


def test_content__hxl_tags_and_plain_labels__become_columns() -> None:
    sheets = to_sheets(
        {
            "survey": [{"type": "text", "name": "a", "label": ["A", None], "tags": ["hxl:#loc", "hxl:+code", "mine"]}],
            "translations": [None, "Arabic (ar)"],
        }
    )
    assert sheets.rows["survey"] == ({"type": "text", "name": "a", "label": "A", "hxl": "#loc+code"},)
