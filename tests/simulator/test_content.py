"""Forms as the server keeps them."""

from __future__ import annotations

import pytest

from kobo_crc.simulator.content import UnreadableForm, content_hash, expand, flatten, read_xlsx, summarise
from kobo_crc.simulator.formxml import Stamp, UndeployableForm, form_xml
from kobo_crc.simulator.ids import Ids
from tests.simulator.forms import SURVEY, xlsx

STAMP = Stamp("aUid", "Small", "1 (2026)", "vUid", "formuuid")


def test_expand__small_form__labels_by_language_paths_and_targets() -> None:
    content = expand(read_xlsx(xlsx()), Ids(1))
    by_name = {row["name"]: row for row in content["survey"] if "name" in row}
    assert content["translations"] == ["English (en)", "Arabic (ar)"]
    assert by_name["age"]["label"] == ["Age", "العمر"]
    assert (by_name["age"]["$xpath"], by_name["kind"]["$xpath"]) == ("client/age", "need/kind")
    assert (by_name["kind"]["type"], by_name["kind"]["select_from_list_name"]) == ("select_one", "kind")
    assert (by_name["card"]["required"], by_name["card"]["store"]) == (True, "registration.card")


def test_flatten__expanded_form__the_sheets_again() -> None:
    sheets = flatten(expand(read_xlsx(xlsx()), Ids(1)))
    kind = next(row for row in sheets["survey"] if row.get("name") == "kind")
    assert (kind["type"], kind["label::Arabic (ar)"]) == ("select_one kind", "النوع")


def test_content_hash__same_file_again__differs_by_row_ids() -> None:
    ids = Ids(1)
    assert content_hash(expand(read_xlsx(xlsx()), ids)) != content_hash(expand(read_xlsx(xlsx()), ids))


def test_expand__name_used_twice__refused_at_import() -> None:
    with pytest.raises(UnreadableForm, match="age"):
        expand(read_xlsx(xlsx([*SURVEY, ["text", "age", "Again", "مرة أخرى"]])), Ids(1))


def test_read_xlsx__no_workbook__refused() -> None:
    with pytest.raises(UnreadableForm, match="corrupt"):
        read_xlsx(b"PK not a workbook")


def test_summarise__small_form__questions_only() -> None:
    summary = summarise(expand(read_xlsx(xlsx()), Ids(1)))
    assert (summary["row_count"], summary["geo"], summary["labels"]) == (
        5,
        True,
        ["Card", "Age", "Place", "Kind", "Photo"],
    )


def test_form_xml__small_form__stamped() -> None:
    xml = form_xml(expand(read_xlsx(xlsx()), Ids(1)), STAMP)
    assert '<aUid id="aUid" version="1 (2026)">' in xml
    assert "'formuuid'" in xml and "'vUid'" in xml
    assert "registration.card" not in xml


def test_form_xml__reference_to_nothing__refused_with_the_name() -> None:
    rows = [*SURVEY, ["calculate", "x", None, None, None, None]]
    content = expand(read_xlsx(xlsx(rows)), Ids(1))
    content["survey"][-1]["calculation"] = "${nope} + 1"
    with pytest.raises(UndeployableForm, match="nope"):
        form_xml(content, STAMP)
