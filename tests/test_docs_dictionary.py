"""docs/data-dictionary.md is what the forms and the tables say.

To write it anew: `python -m tests.test_docs_dictionary`.
"""

from __future__ import annotations

from pathlib import Path

from kobo_crc.schema.facts import FACTS
from kobo_crc.xlsform.dictionary import dictionary
from kobo_crc.xlsform.read import read

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "data-dictionary.md"


def current() -> str:
    return dictionary([read(path, ROOT / "forms" / "codes") for path in sorted((ROOT / "forms").glob("*.md"))], FACTS)


def test_data_dictionary__says_what_the_forms_say() -> None:
    stale = "the dictionary is stale. Please run: python -m tests.test_docs_dictionary"
    assert DOCUMENT.read_text(encoding="utf-8") == current(), stale


if __name__ == "__main__":
    DOCUMENT.write_text(current(), encoding="utf-8", newline="\n")
