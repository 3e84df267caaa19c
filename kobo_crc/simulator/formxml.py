"""The XForm that the server makes of a form: pyxform's, with the project's uid as root, its version and form uuid."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]
from pyxform.errors import PyXFormError  # type: ignore[import-untyped]
from pyxform.xls2xform import convert  # type: ignore[import-untyped]

from kobo_crc.simulator.content import Content, Row, flatten

XFORMS = "http://www.w3.org/2002/xforms"
XHTML = "http://www.w3.org/1999/xhtml"
REFERENCE = re.compile(r"\$\{(?:last-saved#)?([^}]+)\}")
SETTINGS_NOT_FOR_PYXFORM = frozenset({"id_string", "form_id", "form_title", "title", "version"})


class UndeployableForm(Exception):
    """The form cannot become an XForm; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the server writes into the XForm: `version` is shown to tablets, `version_uid` ends in `__version__`."""

    uid: str
    title: str
    version: str
    version_uid: str
    form_uuid: str


def form_xml(content: Content, stamp: Stamp) -> str:
    """Return the XForm; raises UndeployableForm with the server's words."""
    version = {"type": "calculate", "name": "__version__", "calculation": f"'{stamp.version_uid}'"}
    settings = {"form_title": stamp.title, "form_id": stamp.uid, "version": stamp.version}
    return _with_form_uuid(_convert(content, stamp.uid, settings, [version]), stamp)


def plain_xml(content: Content, uid: str, title: str) -> str:
    """Return the XForm of a form that need not be deployed: its own id, no version, no form uuid."""
    settings = {"form_title": title, "form_id": content["settings"].get("id_string", uid)}
    return _convert(content, uid, settings, [])


def _convert(content: Content, root: str, settings: Row, more_rows: list[Row]) -> str:
    sheets = flatten(content)
    _check_references(sheets["survey"])
    own = {key: cell for key, cell in sheets["settings"][0].items() if key not in SETTINGS_NOT_FOR_PYXFORM}
    survey = [*map(_clean, sheets["survey"]), *more_rows]
    choices = list(map(_clean, sheets.get("choices", [])))
    book = {"survey": survey, "choices": choices, "settings": [own | settings]}
    # Named, because pyxform would look for columns in the first hundred rows only.
    book |= {"survey_header": _header(survey), "choices_header": _header(choices)}
    try:
        return str(convert(xlsform=book, form_name=root, warnings=[]).xform)
    except PyXFormError as error:
        raise UndeployableForm(str(error)) from error


def _check_references(survey: list[Row]) -> None:
    names = {row.get("name") for row in survey}
    cells = (str(cell) for row in survey for cell in row.values())
    for name in (match.strip() for cell in cells for match in REFERENCE.findall(cell)):
        if name not in names:
            raise UndeployableForm(
                f"There has been a problem trying to replace ${{{name}}} with the XPath to the survey element "
                f"named '{name}'. There is no survey element with this name."
            )


def _header(rows: list[Row]) -> list[Row]:
    return [dict.fromkeys(key for row in rows for key in row)]


def _clean(row: Row) -> Row:
    return {key: cell for key, cell in row.items() if not key.startswith("$")}


def _with_form_uuid(xform: str, stamp: Stamp) -> str:
    tree = etree.fromstring(xform.encode("utf-8"))
    model = tree.find(f"{{{XHTML}}}head/{{{XFORMS}}}model")
    instance = model.find(f"{{{XFORMS}}}instance")[0]
    formhub = etree.Element(f"{{{XFORMS}}}formhub")
    etree.SubElement(formhub, f"{{{XFORMS}}}uuid")
    instance.insert(0, formhub)
    bind = {"nodeset": f"/{stamp.uid}/formhub/uuid", "type": "string", "calculate": f"'{stamp.form_uuid}'"}
    etree.SubElement(model, f"{{{XFORMS}}}bind", bind)
    return str(etree.tostring(tree, xml_declaration=True, encoding="utf-8"), "utf-8")
