"""KoboToolbox's own workbook read back: the same submissions, whatever its layout."""

from __future__ import annotations

from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kobo_crc.errors import ConfigError
from kobo_crc.exports.model import Notes
from kobo_crc.exports.workbook import rows_of_workbook
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.read import from_sheets
from kobo_crc.xlsform.sheets import parse_markdown
from tests.exports.maker import Layout, write_export

# A repeat within a repeat, labels with spaces that begin alike, a header that two questions share.
FORM = """
| survey |
| | type | name | label::English (en) | label::العربية (ar) |
| | begin_group | client | Client | الشخص |
| | text | name | Name | الاسم |
| | select_one sex | sex | Sex | الجنس |
| | date | born | Born on | تاريخ الميلاد |
| | integer | age | Age | العمر |
| | end_group | | | |
| | text | remark | Remark | ملاحظة |
| | text | remark_2 | Remark | ملاحظة |
| | select_multiple help | needs | Needs | الاحتياجات |
| | begin_repeat | member | Member | فرد |
| | begin_group | about | About | حول |
| | text | m_name | Member name | اسم الفرد |
| | end_group | | | |
| | begin_repeat | need | Need of a member | حاجة الفرد |
| | select_one help | n_type | Type of need | نوع الحاجة |
| | end_repeat | | | |
| | end_repeat | | | |
| | begin_repeat | paper | Paper | وثيقة |
| | text | p_name | Paper name | اسم الوثيقة |
| | end_repeat | | | |
| choices |
| | list_name | name | label::English (en) | label::العربية (ar) |
| | sex | f | Woman | امرأة |
| | sex | m | Man | رجل |
| | help | legal | Legal aid | مساعدة قانونية |
| | help | legal_court | Legal aid in court | مساعدة قانونية في المحكمة |
| | help | cash | Cash | نقد |
| settings |
| | form_title | form_id |
| | Everything | everything |
"""


@pytest.fixture(scope="module")
def form() -> Form:
    return from_sheets("everything", parse_markdown(FORM, "everything"), {})


def record(number: int, **answers: Any) -> dict[str, Any]:
    uuid = f"00000000-0000-4000-8000-{number:012}"
    return {
        "_id": number,
        "_uuid": uuid,
        "meta/instanceID": f"uuid:{uuid}",
        "meta/rootUuid": f"uuid:root-{number}",
        "__version__": "v1",
        "_submission_time": "2025-03-04T10:00:00",
        "_validation_status": {},
        "_submitted_by": None,
        "_attachments": [],
        **answers,
    }


RECORDS = [
    record(
        11, remark="نص", remark_2="second", needs="legal legal_court cash", **{"client/name": "زينب", "client/sex": "f"}
    ),
    record(
        12,
        needs="cash",
        _validation_status={"uid": "validation_status_approved"},
        member=[
            {
                "member/about/m_name": "A",
                "member/need": [{"member/need/n_type": "legal_court"}, {"member/need/n_type": "cash"}],
            },
            {"member/about/m_name": "B"},
        ],
        paper=[{"paper/p_name": "passport"}],
        **{"client/born": "1990-05-06", "client/age": "34"},
    ),
    record(13, member=[{"member/about/m_name": "C", "member/need": [{"member/need/n_type": "legal"}]}]),
    record(14),
]
LANGUAGES = ("", "en", "ar")
MANY = ("both", "summary", "details")
LAYOUTS = [
    *(Layout(language, whole, "/", many) for language, whole, many in product(LANGUAGES, (True, False), MANY)),
    *(Layout("en", True, separator) for separator in (".", " > ", "-")),
    Layout("", True, "/", "both"),
]


def read(path: Path, form: Form) -> tuple[list[dict[str, Any]], Notes]:
    notes = Notes()
    return list(rows_of_workbook(path, form, notes)), notes


def test_maker__labels_with_groups__names_the_headers_as_the_server_does(form: Form, tmp_path: Path) -> None:
    write_export(tmp_path / "x.xlsx", form, RECORDS, Layout("en", True, "/"))
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert [cell.value for cell in book["Everything"][1]][:6] == [
        "Client/Name",
        "Client/Sex",
        "Client/Born on",
        "Client/Age",
        "Remark",
        "Remark",
    ]
    assert book["need"]["A1"].value == "Member/Need of a member/Type of need"


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_workbook__each_layout__gives_the_submissions_back(layout: Layout, form: Form, tmp_path: Path) -> None:
    path = tmp_path / "تصدير.xlsx"
    write_export(path, form, RECORDS, layout)
    rows, notes = read(path, form)
    assert rows == RECORDS
    assert notes == Notes()


@pytest.mark.parametrize("many", ["both", "summary"])
def test_workbook__choices_in_codes__keep_the_person_s_own_order(many: str, form: Form, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_export(path, form, [record(1, needs="cash legal")], Layout(many=many))
    assert read(path, form)[0][0]["needs"] == "cash legal"


def test_workbook__without_root_ids__still_gives_the_rest(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "old.xlsx"
    write_export(path, form, RECORDS, Layout(roots=False))
    rows, _ = read(path, form)
    assert rows == [{key: value for key, value in row.items() if key != "meta/rootUuid"} for row in RECORDS]


def changed(path: Path, sheet: str, cells: dict[str, Any]) -> None:
    """Put values into cells, given by header and row such as `_id 3`."""
    book = openpyxl.load_workbook(path)
    header = [cell.value for cell in book[sheet][1]]
    for place, value in cells.items():
        name, _, row = place.rpartition(" ")
        book[sheet].cell(int(row), header.index(name) + 1).value = value
    book.save(path)


@pytest.mark.parametrize(
    ("column", "value", "cause"),
    [
        ("_id", "secret", "`_id` is not a submission's number"),
        ("_id", None, "`_id` is not a submission's number"),
        ("_uuid", None, "`_uuid` is empty"),
        ("_submission_time", "secret", "`_submission_time` is not a time"),
    ],
)
def test_workbook__row_that_cannot_be_read__is_named_and_the_rest_goes_in(
    column: str, value: Any, cause: str, form: Form, tmp_path: Path
) -> None:
    path = tmp_path / "x.xlsx"
    write_export(path, form, RECORDS, Layout())
    changed(path, "Everything", {f"{column} 3": value})
    rows, notes = read(path, form)
    assert rows == [RECORDS[0], *RECORDS[2:]]
    assert [str(unread) for unread in notes.unread] == [f"Everything, row 3: {cause}"]


def test_workbook__item_of_no_row__is_named(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_export(path, form, RECORDS, Layout())
    changed(path, "member", {"_parent_index 3": 99})
    changed(path, "need", {"_parent_index 4": 98})
    rows, notes = read(path, form)
    assert [unread.sheet for unread in notes.unread] == ["need", "member"]
    assert [unread.row for unread in notes.unread] == [4, 3]
    assert len(rows) == 4 and len(rows[1]["member"]) == 1


def test_workbook__numbers_and_days_as_excel_has_them__become_texts(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_export(path, form, RECORDS, Layout())
    typed = {"born 3": datetime(1990, 5, 6), "age 3": 34.0, "_id 3": 12, "_submission_time 3": datetime(2025, 3, 4, 10)}
    changed(path, "Everything", typed)
    assert read(path, form)[0] == RECORDS


def test_workbook__label_that_the_form_lacks__stays_and_is_counted_without_its_text(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_export(path, form, RECORDS, Layout("en"))
    changed(path, "Everything", {"Sex 2": "Old label"})
    rows, notes = read(path, form)
    assert rows[0]["client/sex"] == "Old label"
    assert notes.unknown_labels == {"client/sex": 1}


def test_workbook__column_of_no_question__is_kept_under_its_header(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_export(path, form, RECORDS, Layout())
    changed(path, "Everything", {"age 1": "years"})
    rows, notes = read(path, form)
    assert rows[1]["years"] == "34" and notes.unknown_columns == ["Everything: years"]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"_id 1": "id"}, "no sheet has the column `_id`"), (None, "cannot be read as a workbook")],
)
def test_workbook__of_another_kind__is_one_fault(change: Any, words: str, form: Form, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_export(path, form, RECORDS, Layout())
    if change:
        changed(path, "Everything", change)
    else:
        path.write_bytes(b"PK no workbook")
    with pytest.raises(ConfigError, match=words):
        read(path, form)


def test_workbook__sheet_of_an_unknown_repeat__is_one_fault(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_export(path, form, RECORDS, Layout())
    book = openpyxl.load_workbook(path)
    book["paper"].title = "stranger"
    book.save(path)
    with pytest.raises(ConfigError, match="stranger"):
        read(path, form)
