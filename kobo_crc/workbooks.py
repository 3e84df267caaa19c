"""A workbook that somebody edited, back into the Markdown form it was built from. Writes all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kobo_crc.config import Settings
from kobo_crc.errors import FormError
from kobo_crc.rollout import refuse_findings
from kobo_crc.textfile import read_utf8
from kobo_crc.xlsform.copies import edited_copies, without_copies
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.lists import read_codes
from kobo_crc.xlsform.merge import merged
from kobo_crc.xlsform.read import from_sheets, read_with
from kobo_crc.xlsform.workbook import lost_in_markdown, workbook_sheets
from kobo_crc.xlsform.write import write_markdown

_EDITED_LISTS = (
    "\nForms share these lists, so nothing was written. Please make the change in forms/codes/LIST.csv and import "
    "again, or give the list another name in the workbook to make it the form's own."
)


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """The form's file, how many of its lines are new, and what the workbook holds that the form cannot."""

    path: Path
    new_lines: int
    lost: tuple[str, ...]


def bring_in(settings: Settings, workbook: Path, name: str) -> BroughtIn:
    """Bring the workbook into `forms/NAME.md`; lines that say the same as before stay as they are.

    FormError, and nothing is written, when it does not check or has edits of lists that forms share.
    """
    path = settings.forms / f"{name}.md"
    before = read_utf8(path, FormError) if path.exists() else ""
    form = _read(settings, workbook, path)
    text = merged(before, form) if before else write_markdown(form)
    refuse_findings(settings, [form])
    _replace(path, text)
    new = set(text.split("\n")) - set(before.split("\n"))
    return BroughtIn(path, len(new), tuple(lost_in_markdown(workbook)))


def _read(settings: Settings, workbook: Path, path: Path) -> Form:
    lists = read_codes(settings.forms / "codes")
    form = from_sheets(path.stem, workbook_sheets(workbook), lists)
    before = read_with(path, lists) if path.exists() else None
    own = frozenset(before.choices) - before.shared_lists if before else frozenset()
    edits = list(edited_copies(form, lists, own))
    if edits:
        raise FormError("\n".join(edits) + _EDITED_LISTS)
    return without_copies(form, lists, own)


def _replace(path: Path, text: str) -> None:
    """A crash leaves the old file or the new one."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8", newline="\n")
    fresh.replace(path)
