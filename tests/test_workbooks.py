"""Edited workbooks come back into their Markdown form: nothing is lost, and nothing else is touched."""

from __future__ import annotations

import difflib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.workbook import Workbook

from kobo_crc.config import SETTINGS_FILE, Settings, load_settings
from kobo_crc.errors import FormError
from kobo_crc.rollout import build_all
from kobo_crc.templates import copy_into
from kobo_crc.workbooks import BroughtIn, bring_in
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.merge import merged
from kobo_crc.xlsform.read import from_sheets
from kobo_crc.xlsform.sheets import parse_markdown
from kobo_crc.xlsform.workbook import workbook_sheets
from kobo_crc.xlsform.write import tables_of, write_xlsx

ROOT = Path(__file__).parent.parent
FORMS = sorted(path.stem for path in (ROOT / "forms").glob("*.md"))
OWN = """\
# The word of mouth form

| survey |
| | type | name | label::العربية (ar) | label::کوردی (ckb) | label::English (en) | constraint | store | pii |
# who
| | select_one sex | sex | ما الجنس؟ | ڕەگەز چییە؟ | Sex |  | - |  | # asked first
| | text | heard | كيف سمعت؟ | چۆن بیستت؟ | How heard | regex(., '^(a\\|b)$') | - |  |

| | select_one road | road | أي طريق؟ | کام ڕێگا؟ | Road |  | - |  |
| choices |
| | list_name | name | label::العربية (ar) | label::کوردی (ckb) | label::English (en) |
| | road | north | الشمال | باکوور | North |
| | road | south | الجنوب | باشوور | South |
| settings |
| | form_title | form_id | default_language |
| | Word | own | العربية (ar) |

The end.
"""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return folder_at(tmp_path_factory.mktemp("shipped"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = folder_at(tmp_path / "مركز")
    (settings.forms / "own.md").write_text(OWN, encoding="utf-8")
    return settings


def folder_at(folder: Path) -> Settings:
    copy_into(folder)
    (folder / SETTINGS_FILE).write_text('server_url = "https://kobo.example.org"\n', encoding="utf-8")
    return load_settings(folder / SETTINGS_FILE)


def edited(settings: Settings, change: Callable[[Workbook], object]) -> BroughtIn:
    """Build own.md, let somebody change the workbook in a spreadsheet program, bring it back."""
    build_all(settings)
    path = settings.forms / "xlsx" / "own.xlsx"
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return bring_in(settings, path, "own")


def text_of(settings: Settings) -> str:
    return (settings.forms / "own.md").read_text(encoding="utf-8")


def changed_lines(settings: Settings) -> list[str]:
    lines = difflib.ndiff(OWN.split("\n"), text_of(settings).split("\n"))
    return [line for line in lines if line[0] in "+-"]


@pytest.mark.parametrize("name", FORMS)
def test_import__workbook_as_built__leaves_every_byte(shipped: Settings, name: str) -> None:
    before = (shipped.forms / f"{name}.md").read_bytes()
    brought = bring_in(shipped, ROOT / "forms" / "xlsx" / f"{name}.xlsx", name)
    assert (brought.new_lines, brought.lost) == (0, ())
    assert (shipped.forms / f"{name}.md").read_bytes() == before


@pytest.mark.parametrize("name", FORMS)
def test_import__form_that_is_only_a_workbook__becomes_the_form_it_was(settings: Settings, name: str) -> None:
    path = settings.forms / f"{name}.md"
    before = path.read_bytes()
    path.unlink()
    bring_in(settings, ROOT / "forms" / "xlsx" / f"{name}.xlsx", name)
    assert path.read_bytes() == before


def test_import__nothing_edited__keeps_remarks_rules_and_blank_lines(settings: Settings) -> None:
    assert edited(settings, lambda book: None).new_lines == 0
    assert text_of(settings) == OWN


def test_import__row_padded_by_hand__stays_as_it_was_typed(settings: Settings) -> None:
    padded = OWN.replace("| | text | heard |", "|  | text       | heard |")
    (settings.forms / "own.md").write_text(padded, encoding="utf-8")
    edited(settings, lambda book: book["survey"].cell(2, 5, "Gender"))
    assert "|  | text       | heard |" in text_of(settings) and "| Gender |" in text_of(settings)


def test_import__label_edited__changes_that_line_and_keeps_its_remark(settings: Settings) -> None:
    def change(book: Workbook) -> None:
        book["survey"]["E2"] = "Sex | gender"

    assert edited(settings, change).new_lines == 1
    (removed, added) = changed_lines(settings)
    assert "| Sex |" in removed and r"| Sex \| gender |" in added and added.endswith("# asked first")


def test_import__question_added_and_one_removed__nothing_else_moves(settings: Settings) -> None:
    def change(book: Workbook) -> None:
        book["survey"].delete_rows(3)
        book["survey"].append(["integer", "age", "العمر", "تەمەن", "Age", None, "-"])

    edited(settings, change)
    assert [line[2:].split("|")[3].strip() for line in changed_lines(settings)] == ["heard", "age"]


def test_import__column_of_ones_own_added__survives(settings: Settings) -> None:
    def change(book: Workbook) -> None:
        book["survey"]["I1"] = "comment"
        book["survey"]["I3"] = "ask twice"

    edited(settings, change)
    assert "| ask twice |" in text_of(settings)
    for remark in ("# The word of mouth form", "# who", "# asked first", "The end."):
        assert remark in text_of(settings)
    again = text_of(settings)
    edited(settings, lambda book: None)
    assert text_of(settings) == again


@pytest.mark.parametrize(
    ("cell", "text", "words"),
    [
        ("E4", "Girl", "label::English (en) of female is 'Girl', in the shared list sex"),
        ("B4", "girl", "girl is not in the shared list sex"),
        ("E4", None, "female has no label in en, unlike the shared list sex"),
    ],
)
def test_import__shared_list_edited__is_refused_and_named(
    settings: Settings, cell: str, text: str | None, words: str
) -> None:
    def change(book: Workbook) -> None:
        assert book["choices"]["B4"].value == "female"
        book["choices"][cell] = text

    with pytest.raises(FormError, match=r"(?s)row 4: .*forms/codes/LIST\.csv") as refused:
        edited(settings, change)
    assert words in str(refused.value)
    assert text_of(settings) == OWN


def test_import__choice_of_a_shared_list_removed__is_refused(settings: Settings) -> None:
    with pytest.raises(FormError, match="female of the shared list sex is missing"):
        edited(settings, lambda book: book["choices"].delete_rows(4))


def test_import__shared_list_in_another_order__is_refused(settings: Settings) -> None:
    def change(book: Workbook) -> None:
        female = [cell.value for cell in book["choices"][4]]
        book["choices"].delete_rows(4)
        book["choices"].append(female)

    with pytest.raises(FormError, match="the shared list sex stands in another order"):
        edited(settings, change)


def test_import__shared_list_changed_as_the_workbook__is_accepted(settings: Settings) -> None:
    def change(book: Workbook) -> None:
        book["choices"]["E4"] = "Girl or woman"
        path = settings.forms / "codes" / "sex.csv"
        path.write_text(path.read_text(encoding="utf-8").replace("Female", "Girl or woman"), encoding="utf-8")

    assert edited(settings, change).new_lines == 0


def test_import__question_of_a_shared_list_removed__leaves_no_copy_behind(settings: Settings) -> None:
    edited(settings, lambda book: book["survey"].delete_rows(2))
    assert "female" not in text_of(settings) and "# who" in text_of(settings)


def test_import__own_list_of_a_shared_name__stays_the_forms_own(settings: Settings) -> None:
    own = OWN.replace("| road | north |", "| sex | north |").replace("| road | south |", "| sex | south |")
    own = "\n".join(line for line in own.split("\n") if "select_one road" not in line)
    (settings.forms / "own.md").write_text(own, encoding="utf-8")
    edited(settings, lambda book: book["choices"].cell(2, 5, "Northern"))
    assert "| sex | north | الشمال | باکوور | Northern |" in text_of(settings)


def test_import__what_markdown_cannot_hold__is_said(settings: Settings) -> None:
    def change(book: Workbook) -> None:
        book["survey"]["E3"].comment = Comment("Ask softly", "Noor")
        book["settings"]["D1"], book["settings"]["D2"] = "version", "=1+1"
        book.create_sheet("my notes")

    lost = edited(settings, change).lost
    assert [sentence.partition(" was")[0] for sentence in lost] == [
        "sheet survey, cell E3: the comment",
        "sheet settings, cell D2: the formula",
        "The sheet my notes is no sheet of XLSForm and",
    ]


@pytest.mark.parametrize(
    ("cell", "text", "words"),
    [("E3", "one\ntwo", "a cell has a line break"), ("G3", "visit.nowhere", "has no column nowhere")],
)
def test_import__workbook_that_does_not_check__writes_nothing(
    settings: Settings, cell: str, text: str, words: str
) -> None:
    def change(book: Workbook) -> None:
        book["survey"][cell] = text

    with pytest.raises(FormError, match=words):
        edited(settings, change)
    assert text_of(settings) == OWN
    assert not list(settings.forms.glob("*.new"))


def test_import__no_workbook__is_a_form_error(settings: Settings) -> None:
    with pytest.raises(FormError, match="Please"):
        bring_in(settings, settings.forms / "own.md", "own")


ROWS = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["", "x", "y | z"])), min_size=1, max_size=6)


def form_of(rows: list[tuple[str, str]]) -> Form:
    cells = [{"type": "text", "name": name, **({"label": label} if label else {})} for name, label in rows]
    lines = [
        " | ".join(row.get(column, "").replace("|", r"\|") for column in ("type", "name", "label")) for row in cells
    ]
    text = "\n".join(["| survey |", "| | type | name | label |", *(f"| | {line} |" for line in lines)])
    return from_sheets("any", parse_markdown(text, "any"), {})


@given(before=ROWS, after=ROWS, remarks=st.lists(st.sampled_from(["# r", "", "words"]), min_size=8, max_size=8))
@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_merged__any_edit__says_the_new_form_and_keeps_each_remark(
    before: list[tuple[str, str]], after: list[tuple[str, str]], remarks: list[str]
) -> None:
    lines = ["| survey |", "| | type | name | label |"]
    for (name, label), remark in zip(before, remarks, strict=False):
        lines += [remark, f"| | text | {name} | {label.replace('|', chr(92) + '|')} |"]
    text = "\n".join([*lines, remarks[-1]])
    wanted = form_of(after)
    result = merged(text, wanted)
    again = from_sheets("any", parse_markdown(result, "any"), {})
    assert [row.cells for row in again.rows] == [row.cells for row in wanted.rows]
    kept = [line for line in result.split("\n") if not line.startswith("|")]
    assert kept == [*remarks[: len(before)], remarks[-1]]
    if tables_of(wanted) == tables_of(form_of(before)):
        assert result == text


def test_import__shipped_copy__is_what_the_package_carries(shipped: Settings, tmp_path: Path) -> None:
    shutil.copy(shipped.forms / "xlsx" / "intake.xlsx", tmp_path / "استمارة (1).xlsx")
    assert bring_in(shipped, tmp_path / "استمارة (1).xlsx", "intake").new_lines == 0


EXPRESSION = st.sampled_from(["${a} = 'x'", 'concat(${a}, "b")', "regex(., '^(a|b)$')", ". > 3", "1"])
WORDS = st.text(alphabet="abج ھ|“’'1.*_", max_size=8).map(str.strip)
EDITED_ROWS = st.lists(
    st.fixed_dictionaries({"label": WORDS, "hint": WORDS, "relevant": st.one_of(st.just(""), EXPRESSION)}),
    min_size=1,
    max_size=5,
)


def as_a_spreadsheet_leaves_it(path: Path, random: Random) -> None:
    """What spreadsheet programs do unasked: numbers typed anew, spaces, turned quotes, empty columns gone."""
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        header = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            for cell, column in zip(row, header, strict=True):
                cell.value = retyped(cell.value, column, random)
        for number in range(len(header), 0, -1):
            if all(sheet.cell(row, number).value is None for row in range(2, sheet.max_row + 1)):
                sheet.delete_cols(number)
        sheet.append([None] * 3)
    book.save(path)


def retyped(text: object, column: str, random: Random) -> object:
    if not isinstance(text, str):
        return text
    if re.fullmatch(r"[1-9][0-9]{0,8}", text):
        return random.choice([int(text), float(text)])
    if column == "relevant":
        for straight, turned in (("'", "‘’"), ('"', "“”")):
            text = text.replace(straight, random.choice([straight, *turned]))
    return random.choice(["", " ", "\N{NO-BREAK SPACE}"]) + text + random.choice(["", "  "])


@given(rows=EDITED_ROWS, seed=st.integers(0, 999))
@hypothesis_settings(max_examples=60, deadline=None)
def test_import__whatever_a_spreadsheet_does_unasked__loses_nothing(rows: list[dict[str, str]], seed: int) -> None:
    header = ["type", "name", "label", "hint", "relevant", "appearance"]
    cells = [{"type": "text", "name": f"q{number}", **row} for number, row in enumerate(rows)]
    lines = [" | ".join(one.get(column, "").replace("|", r"\|") for column in header) for one in cells]
    text = "\n".join(["| survey |", f"| | {' | '.join(header)} |", *(f"| | {line} |" for line in lines), "# end", ""])
    form = from_sheets("any", parse_markdown(text, "any"), {})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "any.xlsx"
        write_xlsx(form, path)
        as_a_spreadsheet_leaves_it(path, Random(seed))
        again = from_sheets("any", workbook_sheets(path), {})
    assert merged(text, again) == text


def test_import__empty_column_deleted_in_the_workbook__leaves_every_line(settings: Settings) -> None:
    before = OWN.replace("| store | pii |", "| store | pii | hxl |").replace("| - |  |", "| - |  |  |")
    (settings.forms / "own.md").write_text(before, encoding="utf-8")
    assert edited(settings, lambda book: book["survey"].delete_cols(9)).new_lines == 0
    assert text_of(settings) == before


def test_import__filled_column_deleted_in_the_workbook__goes_from_the_header_too(settings: Settings) -> None:
    edited(settings, lambda book: book["survey"].delete_cols(6))
    assert "constraint" not in text_of(settings) and "regex" not in text_of(settings)


def test_import__turned_quotes__are_straight_in_expressions_and_stay_in_texts(settings: Settings) -> None:
    def change(book: Workbook) -> None:
        book["survey"]["F3"] = "regex(., ‘^(a|b)$’)"
        book["survey"]["E3"] = "“How” heard"

    assert edited(settings, change).new_lines == 1
    assert r"| “How” heard | regex(., '^(a\|b)$') |" in text_of(settings)
