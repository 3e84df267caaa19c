"""Forms from files: paths, types, languages, shared lists, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from kobo_crc.errors import FormError
from kobo_crc.xlsform.lists import CodeRow, read_same_as_arabic
from kobo_crc.xlsform.read import parse_type, read, read_codes
from tests.xlsform.samples import FORM, form_of

CENTRES = "\ufeffname,label_ar,label_ckb,label_en,region,valid_from,valid_to\nmosul,الموصل,موسڵ,Mosul,n,2019-01-01,\n"
PLACES = "name,label_ar,label_ckb,label_en,region,note\nn1,أ,ئا,A,n,x\ns1,ب,بێ,B,s,y\n"
CASCADE = """
| survey |
| | type | name | label::Arabic (ar) | label::English (en) | choice_filter |
| | select_one centre | centre | مركز | Centre | |
| | select_one place | place | مكان | Place | region = ${centre} and name != 'note' |
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / "centre.csv").write_text(CENTRES, encoding="utf-8")
    (tmp_path / "codes" / "place.csv").write_text(PLACES, encoding="utf-8")
    (tmp_path / "cascade.md").write_text(CASCADE, encoding="utf-8")
    return tmp_path


def test_rows__paths__follow_groups_and_repeats() -> None:
    paths = {row.name: row.path for row in form_of(FORM).rows if row.name}
    assert paths["start"] == "start"
    assert paths["client"] == "client"
    assert paths["age"] == "client/age"
    assert paths["needs"] == "needs"
    assert paths["slip"] == "referral/slip"


def test_rows__end_row__has_the_path_of_what_it_ends() -> None:
    assert [(row.type, row.path) for row in form_of(FORM).rows if row.type.startswith("end_")] == [
        ("end_group", "client"),
        ("end_repeat", "referral"),
    ]


def test_rows__line__is_the_row_in_excel() -> None:
    assert [row.line for row in form_of(FORM).rows] == list(range(2, 16))


def test_rows__annotations_and_cells__are_kept() -> None:
    age = next(row for row in form_of(FORM).rows if row.name == "age")
    assert (age.store, age.pii, age.hxl) == ("registration.age_years", "quasi", "")
    assert age.cells["type"] == "integer"
    assert age.labels == {"ar": "عمر", "ckb": "تەمەن", "en": "Age"}


@pytest.mark.parametrize(
    ("cell", "parsed"),
    [
        ("select_one sex", ("select_one", "sex")),
        ("select one sex", ("select_one", "sex")),
        ("select_multiple  service or_other", ("select_multiple", "service")),
        ("select_one_from_file places.csv", ("select_one_from_file", "places.csv")),
        ("select_one ${name}", ("select_one", "${name}")),
        ("begin group", ("begin_group", "")),
        ("end repeat", ("end_repeat", "")),
        ("text", ("text", "")),
    ],
)
def test_parse_type__gives_type_and_list(cell: str, parsed: tuple[str, str]) -> None:
    assert parse_type(cell) == parsed


def test_headers__other_spellings__are_made_one() -> None:
    form = form_of("| survey |\n| | Type | Name | Label :: English (en) | relevance |\n| | text | a | A | 1 |")
    assert form.rows[0].cells == {"type": "text", "name": "a", "label::English (en)": "A", "relevant": "1"}
    assert form.rows[0].labels == {"en": "A"}


@pytest.mark.parametrize(
    ("settings", "language"), [("", "default"), ("| settings |\n| | default_language |\n| | Arabic (ar) |", "ar")]
)
def test_labels__column_without_language__speaks_the_default_one(settings: str, language: str) -> None:
    form = form_of(f"| survey |\n| | type | name | label | label::X (en) |\n| | text | a | A | B |\n{settings}")
    assert form.rows[0].labels == {language: "A", "en": "B"}


def test_shared_lists__come_from_the_codes_folder(folder: Path) -> None:
    form = read(folder / "cascade.md", folder / "codes")
    assert form.name == "cascade"
    assert form.shared_lists == {"centre", "place"}
    assert form.choices["centre"][0].labels == {"ar": "الموصل", "ckb": "موسڵ", "en": "Mosul"}
    assert form.code_lists == {"centre": {"mosul"}, "place": {"n1", "s1"}}


def test_shared_lists__only_columns_of_a_filter__reach_the_tablet(folder: Path) -> None:
    # `note` stands in the filter too, but as a text, not as a column.
    form = read(folder / "cascade.md", folder / "codes")
    assert form.choices["centre"][0].cells.keys() == {
        "list_name", "name", "label::Arabic (ar)", "label::کوردی (ckb)", "label::English (en)",
    }  # fmt: skip
    assert form.choices["place"][1].cells["region"] == "s"
    assert "note" not in form.choices["place"][1].cells


def test_shared_lists__a_list_of_the_forms_own_sheet__wins(folder: Path) -> None:
    (folder / "cascade.md").write_text(
        f"{CASCADE}| choices |\n| | list_name | name | label::English (en) |\n| | centre | own | Own |\n",
        encoding="utf-8",
    )
    form = read(folder / "cascade.md", folder / "codes")
    assert [choice.name for choice in form.choices["centre"]] == ["own"]
    assert form.shared_lists == {"place"}


def test_read_codes__every_column__with_its_line(folder: Path) -> None:
    labels = {"ar": "الموصل", "ckb": "موسڵ", "en": "Mosul"}
    assert read_codes(folder / "codes")["centre"] == [CodeRow(2, "mosul", labels, "2019-01-01", "", {"region": "n"})]


def test_same_as_arabic__is_no_code_list(folder: Path) -> None:
    assert read_same_as_arabic(folder / "codes") == frozenset()
    (folder / "codes" / "ckb_same_as_ar.csv").write_text("list,name\ncentre,mosul\n", encoding="utf-8")
    assert read_same_as_arabic(folder / "codes") == {("centre", "mosul")}
    assert "ckb_same_as_ar" not in read_codes(folder / "codes")


def test_annotations_beside_a_foreign_form__are_taken_by_path(folder: Path) -> None:
    (folder / "cascade.store.csv").write_text("path,store,pii,hxl\nplace,visit.place,quasi,#loc\n", encoding="utf-8")
    form = read(folder / "cascade.md", folder / "codes")
    assert form.foreign
    assert [(row.store, row.pii, row.hxl) for row in form.rows] == [("", "", ""), ("visit.place", "quasi", "#loc")]
    assert "store" not in form.rows[1].cells


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("cascade.store.csv", "path,store,pii,hxl\nplac,-,,\n", r"no question plac\. Did you mean place\?"),
        ("cascade.store.csv", "path,store,pii,hxl\nplace,-,,\nplace,-,,\n", r"row 3: the path place stands twice"),
        ("codes/centre.csv", "name,label_ar,label_en\n", r"centre\.csv: the column label_ckb is missing"),
        ("codes/centre.csv", "name,label_ar,label_ckb,label_en\na,1,2,3,4\n", r"centre\.csv, row 2: more cells"),
        ("codes/place.csv", "name,label_ar,label_ckb,label_en\na,1,2,3\na,1,2,3\n", r"place\.csv, row 3: the code 'a'"),
        ("codes/place.csv", "name,label_ar,label_ckb,label_en\n,1,2,3\n", r"place\.csv, row 2: the code ''"),
        ("codes/centre.csv", CENTRES.replace("2019-01-01", "1/1/2019"), r"centre\.csv, row 2: valid_from is no date"),
        ("codes/centre.csv", CENTRES.replace("2019-01-01", "2019-13-01"), r"centre\.csv, row 2: valid_from is no date"),
        ("cascade.md", "hello", r"no Markdown table was found"),
        (
            "cascade.md",
            "| survey |\n| | type | name |\n| | text | a | b |",
            r"survey, row 2: 3 cells where the header has 2",
        ),
        ("cascade.md", "| survey |\n| | type | name |\n| | text |", r"survey, row 2: 1 cells where the header has 2"),
        (
            "cascade.md",
            "| survey |\n| | type | |\n| | text | a |",
            r"survey, row 2: the cell in column 2 has no header",
        ),
        ("cascade.md", "| survey |\n| | type | name |\n text | a | |", r"line 3: a row begins without its bars"),
        ("cascade.md", "| survey |\n| | type | name |\n| text | a | b |", r"line 3: a row begins without its bars"),
        ("cascade.md", "| survey |\n| | type | name |\n| | text | a", r"line 3: a row ends without its bar"),
        ("cascade.md", "| survey |\n| | type | name |\n| text", r"line 3: a row ends without its bar"),
        ("cascade.md", "| survey |\n| | type | type |\n| | text | a |", r"the column type stands twice"),
        ("cascade.md", "| survey |\n| | type | label | caption |\n| | a | b | c |", r"the column label stands twice"),
    ],
)
def test_read__file_out_of_shape__says_where_and_what_to_do(folder: Path, file: str, text: str, sentence: str) -> None:
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(FormError, match=sentence) as fault:
        read(folder / "cascade.md", folder / "codes")
    assert "Please" in str(fault.value)


@pytest.mark.parametrize("name", ["none.md", "book.xlsx", "form.doc"])
def test_read__no_form__is_a_form_error(folder: Path, name: str) -> None:
    if name != "none.md":
        (folder / name).write_bytes(b"no workbook")
    with pytest.raises(FormError, match=r"Please"):
        read(folder / name, folder / "codes")


def test_read__no_codes_folder__is_a_form_error(folder: Path) -> None:
    with pytest.raises(FormError, match="no such folder of code lists"):
        read(folder / "cascade.md", folder / "lists")


def test_read__store_cells_and_a_file_of_annotations__is_refused(folder: Path) -> None:
    (folder / "own.md").write_text("| survey |\n| | type | name | store |\n| | text | a | - |", encoding="utf-8")
    (folder / "own.store.csv").write_text("path,store,pii,hxl\na,visit.remark,none,\n", encoding="utf-8")
    with pytest.raises(FormError, match=r"own\.store\.csv: the form has store cells of its own\. Please remove"):
        read(folder / "own.md", folder / "codes")
