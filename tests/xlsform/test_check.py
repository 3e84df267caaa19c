"""Every finding of the catalogue, on a form that is good but for one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kobo_crc.schema.tables import Column, Table
from kobo_crc.xlsform.check import check, check_lists
from kobo_crc.xlsform.findings import CATALOGUE, found
from kobo_crc.xlsform.form import Form
from tests.xlsform.samples import CODES, FACTS, FORM, changed, form_of, with_row

ONE_CHOICE = "\n| choices |\n| | list_name | name | label::العربية (ar) | label::کوردی (ckb) | label::English (en) |"


def with_calculation(expression: str, store: str = "-") -> Form:
    return with_row(f"| | calculate | helper | | | | {store} | | {expression} | | |", "| | begin_repeat")


def with_question(type_: str, store: str, pii: str = "quasi") -> Form:
    return with_row(f"| | {type_} | extra | أ | ئا | A | {store} | {pii} | | | |", "| | begin_repeat")


def with_list(choice: str) -> Form:
    return form_of(f"{FORM}{ONE_CHOICE}\n{choice}")


def with_setting(name: str, value: str) -> Form:
    form = form_of(FORM)
    return replace(form, settings={**form.settings, name: value}, headers={**form.headers, "settings": (name,)})


def with_header(sheet: str, header: str) -> Form:
    form = form_of(FORM)
    return replace(form, headers={**form.headers, sheet: (*form.headers.get(sheet, ()), header)})


def with_sheet(name: str, rows: int) -> Form:
    form = form_of(FORM)
    return replace(form, sheets={name: ({"list_name": "people", "label": "x"},) * rows}, sheet_names=("survey", name))


def long_form(more: int) -> Form:
    """The sample form with so many rows more, and then one that fills a column that no row before does."""
    fillers = [f"| | text | q{number} | أ | ئا | A | - | | | | |" for number in range(more)]
    return with_row("\n".join([*fillers, "| | text | late | أ | ئا | A | - | | | | x |"]), "| | begin_repeat")


# (code, form, sheet, row, words of the template)
CASES: list[tuple[str, Form, str, int, Mapping[str, Any]]] = [
    ("store_syntax", with_question("text", "visit"), "survey", 12, {"store": "visit"}),
    (
        "scope_syntax",
        changed("| | registration | | | | |", "| | registration.x | | | | |", FORM.replace("| | | |  reg", "| | reg")),
        "survey",
        6,
        {"store": "registration.x", "type": "begin_group"},
    ),
    (
        "table_unknown",
        with_question("text", "vist.remark"),
        "survey",
        12,
        {"table": "vist", "near": " Did you mean visit?"},
    ),
    (
        "column_unknown",
        with_question("text", "visit.remarks"),
        "survey",
        12,
        {"table": "visit", "column": "remarks", "near": " Did you mean remark?"},
    ),
    ("note_stored", with_question("note", "visit.remark"), "survey", 12, {}),
    (
        "type_clash",
        changed("| integer                 | age", "| text | age"),
        "survey",
        8,
        {"type": "text", "table": "registration", "column": "age_years", "holds": "integer values"},
    ),
    (
        "list_clash",
        changed("select_one sex ", "select_one centre "),
        "survey",
        9,
        {"list": "centre", "table": "registration", "column": "sex_code", "codes": "sex"},
    ),
    (
        "constant_unknown",
        changed("'mosul'", "'mosil'"),
        "survey",
        4,
        {
            "code": "mosil",
            "codes": "centre",
            "table": "visit",
            "column": "centre_code",
            "near": " Did you mean mosul?",
        },
    ),
    (
        "code_list_missing",
        replace(
            form_of(FORM), code_lists={key: frozenset({"f", "m", "health", "legal"}) for key in ("sex", "service")}
        ),
        "survey",
        4,
        {"table": "visit", "column": "centre_code", "codes": "centre"},
    ),
    (
        "many_not_link",
        with_question("select_multiple service", "visit.remark"),
        "survey",
        12,
        {"type": "select_multiple", "table": "visit"},
    ),
    ("link_not_many", with_question("text", "need.service_code", "sensitive"), "survey", 12, {"table": "need"}),
    (
        "link_scope",
        with_row("| | begin_group | g | | | | need | | | | |\n| | end_group | | | | | | | | | |", "| | begin_repeat"),
        "survey",
        12,
        {"table": "need", "type": "begin_group"},
    ),
    (
        "pii_missing",
        with_question("text", "visit.remark", ""),
        "survey",
        12,
        {"wanted": "quasi", "table": "visit", "column": "remark"},
    ),
    ("pii_unknown", with_question("text", "visit.remark", "secret"), "survey", 12, {"pii": "secret"}),
    ("pii_unknown", with_question("text", "", "secret"), "survey", 12, {"pii": "secret"}),
    (
        "pii_clash",
        with_question("text", "visit.remark", "none"),
        "survey",
        12,
        {"pii": "none", "wanted": "quasi", "table": "visit", "column": "remark"},
    ),
    ("direct_outside_vault", with_question("text", "visit.remark", "direct"), "survey", 12, {"table": "visit"}),
    (
        "column_twice",
        with_question("date", "visit.visited_on", "none"),
        "survey",
        12,
        {"table": "visit", "column": "visited_on", "other": "day", "line": 3},
    ),
    (
        "outside_repeat",
        with_row("| | text | extra | أ | ئا | A | visit.remark | quasi | | | |"),
        "survey",
        15,
        {"repeat": "referral", "table": "visit"},
    ),
    (
        "scope_nested",
        with_row("| | begin_group | g | | | | referral | | | | |\n| | end_group | | | | | | | | | |"),
        "survey",
        15,
        {"table": "referral", "other": "referral"},
    ),
    (
        "pyxform_refuses",
        changed("| | end_repeat              |          | | | | | | | | |\n", ""),
        "survey",
        12,
        {"reason": "Unmatched 'begin_repeat'. No matching 'end_repeat' was found for the name 'referral'."},
    ),
    (
        "sheet_unknown",
        replace(form_of(FORM), sheet_names=("survey", "choises")),
        "choises",
        0,
        {"name": "choises", "near": " Did you mean choices?"},
    ),
    (
        "header_unknown",
        with_header("survey", "requierd"),
        "survey",
        1,
        {"header": "requierd", "near": " Did you mean required?"},
    ),
    ("column_late", long_form(90), "survey", 102, {"header": "default"}),
    ("choices_column", with_header("choices", "remark"), "choices", 1, {"header": "remark"}),
    (
        "language_twice",
        with_header("survey", "hint::Arabic (ar)"),
        "survey",
        1,
        {"header": "hint::Arabic (ar)", "first": "العربية (ar)"},
    ),
    (
        "default_language",
        with_setting("default_language", "Arabic (ar)"),
        "settings",
        2,
        {"language": "Arabic (ar)", "near": "", "example": "العربية (ar)"},
    ),
    (
        "list_missing",
        with_question("select_one sexes", "visit.remark"),
        "survey",
        12,
        {"list": "sexes", "near": " Did you mean sex?"},
    ),
    (
        "choice_twice",
        with_list("| | own | a | أ | ئا | A |\n| | own | a | ب | بێ | B |"),
        "choices",
        3,
        {"code": "a", "list": "own"},
    ),
    ("choice_space", with_list("| | own | a b | أ | ئا | A |"), "choices", 2, {"code": "a b", "list": "own"}),
    ("choice_code_missing", with_list("| | own | | أ | ئا | A |"), "choices", 2, {"list": "own"}),
    ("name_twice", with_row("| | text | age | أ | ئا | A | - | | | | |"), "survey", 15, {"name": "age", "line": 8}),
    (
        "translation_missing",
        changed("| تەمەن |", "| |"),
        "survey",
        8,
        {"column": "label", "language": "Sorani", "header": "label::کوردی (ckb)"},
    ),
    ("label_missing", changed("| سبب | هۆکار | Why |", "| | | |"), "survey", 14, {"type": "text"}),
    (
        "same_as_arabic",
        changed("| تەمەن |", "| عمر |"),
        "survey",
        8,
        {"column": "label", "list": "survey", "name": "client/age"},
    ),
    (
        "digits_flip",
        changed("| عمر |", "| عمر 0-10 |"),
        "survey",
        8,
        {"language": "Arabic", "column": "label", "digits": "0-10"},
    ),
    ("uuid_recomputed", with_calculation("uuid()"), "survey", 12, {"call": "uuid"}),
    ("digest_raw", with_calculation("digest(${age}, 'SHA-256')"), "survey", 12, {}),
    (
        "default_in_repeat",
        with_row("| | text | extra | أ | ئا | A | - | | | | ${age} |"),
        "survey",
        15,
        {},
    ),
    ("today_raw", with_calculation("today()"), "survey", 12, {}),
    ("month_name", with_calculation("format-date(${day}, '%d %b')"), "survey", 12, {"code": "%b"}),
    ("count_filter", with_calculation("count(${referral}[why != ''])"), "survey", 12, {}),
    ("regex_loose", with_calculation("regex(${age}, '[0-9]+')"), "survey", 12, {"pattern": "[0-9]+"}),
    ("regex_class", with_calculation(r"regex(${given}, '^\p{L}+$')"), "survey", 12, {}),
    ("regex_arabic", with_calculation("regex(${given}, '^[ء-ي]+$')"), "survey", 12, {}),
    ("choice_name_stored", with_calculation("jr:choice-name(${sex}, '${sex}')", ""), "survey", 12, {}),
    ("position_stored", with_row("| | calculate | n | | | | | | position(..) | | |"), "survey", 15, {}),
    ("or_other", changed("select_one sex ", "select_one sex or_other "), "survey", 9, {}),
    (
        "row_disabled",
        form_of(
            FORM.replace("| default |\n", "| default | disabled |\n")
            .replace("Age |", "Age | ", 1)
            .replace("registration.age_years | quasi | | | |", "registration.age_years | quasi | | | | yes |")
        ),
        "survey",
        8,
        {},
    ),
    (
        "identifying_metadata",
        with_row("| | deviceid | tablet | | | | - | | | | |", "| | date "),
        "survey",
        3,
        {"type": "deviceid"},
    ),
    ("instance_name_direct", with_setting("instance_name", "concat(${given}, 'x')"), "settings", 2, {"name": "given"}),
    (
        "entity_in_repeat",
        form_of(
            FORM.replace("| default |\n", "| default | save_to |\n").replace("Why | | | | | |", "Why | | | | | | why |")
        ),
        "survey",
        14,
        {},
    ),
    ("entities_many", with_sheet("entities", 2), "entities", 3, {}),
]


def test_check__good_form__has_no_finding() -> None:
    assert check(form_of(FORM), FACTS) == []


@pytest.mark.parametrize(("code", "form", "sheet", "row", "words"), CASES, ids=[case[0] for case in CASES])
def test_check__one_thing_wrong__is_found_in_the_catalogues_words(
    code: str, form: Form, sheet: str, row: int, words: Mapping[str, Any]
) -> None:
    assert found(sheet, row, code, **words) in check(form, FACTS)


def test_catalogue__every_text__is_tried_and_says_please() -> None:
    # A second version: see below. Questions that moved: see test_moves. Sealed tables: see test_seals.
    others = {"path_changed", "seal_missing", "was_syntax", "was_still_there", "was_twice", "was_elsewhere"}
    others |= {"code_foreign", "recoded_unknown"}  # in tests/e2e/test_adopting.py
    others |= {"gate_ignored"}  # in test_gates
    assert {case[0] for case in CASES} | others == set(CATALOGUE)
    assert [code for code, text in CATALOGUE.items() if "Please" not in text] == ["pyxform_refuses"]


def test_check__type_of_a_path__may_not_change_between_versions() -> None:
    expected = found("survey", 8, "path_changed", path="client/age", before="decimal")
    assert check(form_of(FORM), FACTS, previous=changed("| integer ", "| decimal ")) == [expected]
    assert check(form_of(FORM), FACTS, previous=changed("| age      |", "| years |")) == []


@pytest.mark.parametrize("code", ["sex", "service"])
def test_check__finding_in_a_shared_list__names_its_file(code: str) -> None:
    labels = {"ar": "أ", "ckb": "أ"}
    form = form_of(FORM)
    first, *others = form.choices[code]
    broken = replace(form, choices={**form.choices, code: (replace(first, labels=labels), *others)})
    sheet = f"codes/{code}.csv"
    column = f"{code} {first.name}"
    assert check(broken, FACTS) == [
        found(sheet, 2, "translation_missing", column=column, language="English", header="label_en"),
        found(sheet, 2, "same_as_arabic", column=column, list=code, name=first.name),
    ]
    listed = check(broken, FACTS, same_as_arabic=frozenset({(code, first.name)}))
    assert [finding.code for finding in listed] == ["translation_missing"]


def test_check_lists__every_list__used_or_not(tmp_path: Path) -> None:
    text = "name,label_ar,label_ckb,label_en\na,أ,أ,A\nb,ب,,B\nc,ج,ج,C\n"
    (tmp_path / "unused.csv").write_text(text, encoding="utf-8")
    (tmp_path / "ckb_same_as_ar.csv").write_text("list,name\nunused,c\n", encoding="utf-8")
    words = {"column": "unused b", "language": "Sorani", "header": "label_ckb"}
    assert check_lists(tmp_path) == [
        found("codes/unused.csv", 2, "same_as_arabic", column="unused a", list="unused", name="a"),
        found("codes/unused.csv", 3, "translation_missing", **words),
    ]


def test_finding__as_text__is_its_message() -> None:
    assert str(found("survey", 3, "today_raw")).startswith("sheet survey, row 3: today() in a calculate")
    assert str(found("choises", 0, "sheet_unknown", name="x", near="")).startswith("sheet choises: ")


def test_check__same_text_without_letters__is_no_finding() -> None:
    numbers = changed("| عمر | تەمەن | Age |", "| 12 | 12 | 12 |")
    assert check(numbers, FACTS) == []


def test_check__part_of_a_list__may_fill_the_columns_of_the_whole() -> None:
    own = f"{FORM}{ONE_CHOICE}\n| | women | f | امرأة | ژن | Woman |"
    assert check(changed("select_one sex ", "select_one women ", own), FACTS) == []
    beyond = changed("select_one sex ", "select_one women ", f"{own}\n| | women | x | س | ئێکس | X |")
    assert [finding.code for finding in check(beyond, FACTS)] == ["list_clash"]


def test_check__numeric_codes__may_fill_a_number() -> None:
    ages = f"{FORM}{ONE_CHOICE}\n| | ages | 5 | خمسة | پێنج | Five |"
    assert check(changed("integer                 | age", "select_one ages | age", ages), FACTS) == []
    words = changed("integer                 | age", "select_one sex | age")
    assert [finding.code for finding in check(words, FACTS)] == ["type_clash"]


@pytest.mark.parametrize(
    "expression",
    [
        "once(uuid())",
        "if(${age} > 3, once(random()), '')",
        "digest(string(${age}), 'SHA-256')",
        "format-date(today(), '%Y-%m-%d')",
        "int(decimal-date-time(today()) - decimal-date-time(${day}))",
        "if(${day} >= today(), 1, 0)",
        "count(${referral})",
        "regex(${given}, '^(a\\|b)$')",
        "concat('now() and uuid()', 'x')",
        "jr:choice-name(${sex}, '${sex}')",
    ],
)
def test_check__safe_constructs__are_no_finding(expression: str) -> None:
    assert check(with_calculation(expression), FACTS) == []


@pytest.mark.parametrize(
    ("text", "flips"),
    [
        ("رقم \u2066+9647701234567\u2069", False),
        ("رقم \u200e+9647701234567\u200e", False),
        ("رقم +9647701234567", True),
        ("0-10", False),
        ("من \u20660-10\u2069", False),
        ("من 0-10 سنة", True),
        ("0 – 10", True),
        ("عمر 12", False),
    ],
)
def test_check__digits_in_a_right_to_left_line(text: str, flips: bool) -> None:
    codes = {finding.code for finding in check(changed("| عمر |", f"| {text} |"), FACTS)}
    assert codes == ({"digits_flip"} if flips else set())


def test_check__instance_name_from_a_helper__follows_it_to_the_name() -> None:
    form = with_calculation("concat(${given}, '')")
    named = replace(form, settings={**form.settings, "instance_name": "concat(${helper}, ${age})"})
    assert check(named, FACTS) == [found("settings", 2, "instance_name_direct", name="helper")]


@pytest.mark.parametrize(("name", "is_direct"), [("why", True), ("age", False), ("day", False), ("unknown", False)])
def test_check__instance_name__may_hold_what_is_annotated_as_harmless(name: str, is_direct: bool) -> None:
    form = with_setting("instance_name", f"concat(${{{name}}}, '')")
    codes = [finding.code for finding in check(form, FACTS) if finding.code == "instance_name_direct"]
    assert codes == ["instance_name_direct"] * is_direct


def test_check__instance_name_from_a_harmless_helper__is_no_finding() -> None:
    form = with_calculation("concat(${age}, ${helper})")
    named = replace(form, settings={**form.settings, "instance_name": "${helper}"})
    assert "instance_name_direct" not in [finding.code for finding in check(named, FACTS)]


@pytest.mark.parametrize("pattern", ["^[0-9]+", "[0-9]+$"])
def test_check__pattern_open_at_one_end__is_found(pattern: str) -> None:
    assert check(with_calculation(f"regex(${{age}}, '{pattern}')"), FACTS) == [
        found("survey", 12, "regex_loose", pattern=pattern)
    ]


def test_check__constant_in_double_quotes__is_found_too() -> None:
    assert [finding.code for finding in check(changed("'mosul'", '"mosil"'), FACTS)] == ["constant_unknown"]


def test_check__column_first_used_in_the_hundredth_row__is_in_time() -> None:
    assert check(long_form(89), FACTS) == []


@pytest.mark.parametrize("type_", ["select_one_from_file open.csv", "select_one ${why}"])
def test_check__choices_from_elsewhere__need_no_list(type_: str) -> None:
    assert "list_missing" not in [finding.code for finding in check(with_question(type_, "visit.remark"), FACTS)]


def test_check__end_row_with_a_name__is_no_second_question() -> None:
    named = changed("| | end_group               |          |", "| | end_group | client |")
    assert check(named, FACTS, previous=named) == []
    assert check(named, FACTS, previous=form_of(FORM)) == []


def test_check__refusal_without_a_place__is_of_the_whole_sheet() -> None:
    form = replace(form_of(FORM), headers={**form_of(FORM).headers, "survey": ("type", "name", "label", "caption")})
    refused = [finding for finding in check(replace(form, foreign=True), FACTS) if finding.code == "pyxform_refuses"]
    assert [(finding.sheet, finding.row) for finding in refused] == [("survey", 0)]


def test_check__own_columns_on_the_survey_sheet__are_allowed() -> None:
    assert check(with_header("survey", "to discuss"), FACTS) == []


def test_check__choices_column_that_an_expression_uses__is_allowed() -> None:
    form = with_list("| | own | a | أ | ئا | A |")
    used = replace(form, headers={**form.headers, "choices": (*form.headers["choices"], "age")})
    assert check(used, FACTS) == []


def test_check__foreign_form__is_only_mapped_and_converted() -> None:
    form = replace(changed("| تەمەن |", "| |"), foreign=True)
    assert check(form, FACTS) == []
    assert [finding.code for finding in check(replace(form, choices={}), FACTS)] == ["pyxform_refuses"]


def test_check__column_without_codes__takes_any_choice() -> None:
    table = Table("visit", "", (*FACTS[0].columns, Column("why", "text", "none", "")))
    form = with_question("select_one centre", "visit.why", "none")
    assert check(form, (table, *FACTS[1:])) == []
    assert "centre" in CODES
