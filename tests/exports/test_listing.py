"""An export in JSON: the API's own words, a list or a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kobo_crc.errors import ConfigError
from kobo_crc.exports.listing import rows_of_listing
from kobo_crc.exports.model import Notes

ROW = {"_id": 7, "_uuid": "u-7", "name": "x"}


def read(path: Path, content: Any) -> tuple[list[dict[str, Any]], list[str]]:
    path.write_text(json.dumps(content), encoding="utf-8")
    notes = Notes()
    return list(rows_of_listing(path, notes)), [str(unread) for unread in notes.unread]


@pytest.mark.parametrize("content", [[ROW], {"count": 1, "next": None, "results": [ROW]}])
def test_listing__list_or_page__gives_the_rows_as_they_stand(content: Any, tmp_path: Path) -> None:
    assert read(tmp_path / "x.json", content) == ([ROW], [])


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        ("secret", "this is not an object"),
        ({"_uuid": "u"}, "`_id` is not a submission's number"),
        ({"_id": True, "_uuid": "u"}, "`_id` is not a submission's number"),
        ({"_id": 8, "_uuid": None}, "`_uuid` is empty"),
    ],
)
def test_listing__entry_that_is_no_submission__is_named_and_the_rest_goes_in(
    wrong: Any, cause: str, tmp_path: Path
) -> None:
    assert read(tmp_path / "x.json", [wrong, ROW]) == ([ROW], [f"x.json, row 1: {cause}"])


@pytest.mark.parametrize(
    ("text", "words"), [("{", "cannot be read as JSON"), ('{"detail": 1}', "no list of submissions")]
)
def test_listing__something_else__is_one_fault(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        list(rows_of_listing(path, Notes()))
