"""The sheets and columns that XLSForm knows, and one spelling for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SHEETS: Final = ("survey", "choices", "settings", "entities", "external_choices", "osm")
ANNOTATIONS: Final = ("store", "pii", "hxl", "was")
SURVEY: Final = frozenset(
    {
        "type",
        "name",
        "label",
        "hint",
        "guidance_hint",
        "required",
        "required_message",
        "relevant",
        "constraint",
        "constraint_message",
        "calculation",
        "choice_filter",
        "repeat_count",
        "appearance",
        "parameters",
        "default",
        "read_only",
        "trigger",
        "media",
        "image",
        "big-image",
        "audio",
        "video",
        "autoplay",
        "rows",
        "note",
        "comment",
        "disabled",
        "save_to",
        "body",
        "bind",
        "control",
        "instance",
        "jr:constraintMsg",
        "jr:requiredMsg",
        "jr:noAppErrorString",
        "no_app_error_string",
        "compact_tag",
        "intent",
        "query",
        *ANNOTATIONS,
    }
)
CHOICES: Final = frozenset({"list_name", "name", "label", "image", "big-image", "audio", "video", "media"})
SETTINGS: Final = frozenset(
    {
        "form_title",
        "title",
        "form_id",
        "id_string",
        "version",
        "default_language",
        "instance_name",
        "instance_id",
        "style",
        "public_key",
        "submission_url",
        "auto_send",
        "auto_delete",
        "namespaces",
        "allow_choice_duplicates",
        "clean_text_values",
        "client_editable",
        "name",
        "prefix",
        "delimiter",
        "omit_instanceid",
        "omit_instanceID",
        "attribute",
        "sms_keyword",
        "sms_separator",
        "flat",
        "add_none_option",
    }
)
KNOWN: Final[Mapping[str, frozenset[str]]] = {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS}
# The columns whose cells are XPath.
EXPRESSIONS: Final = (
    "relevant", "constraint", "calculation", "choice_filter", "repeat_count", "required", "read_only", "default",
)  # fmt: skip
_OTHER_NAMES: Final = {
    "caption": "label",
    "command": "type",
    "relevance": "relevant",
    "calculate": "calculation",
    "constraining_message": "constraint_message",
    "requiredmsg": "required_message",
    "readonly": "read_only",
    "count": "repeat_count",
    "jr:count": "repeat_count",
}


def normal(sheet: str, header: str) -> str:
    """The header as this project spells it: `Label::English (en)` is `label::English (en)`, `relevance` is `relevant`.

    A header that XLSForm does not know stays as it is.
    """
    base, colons, language = header.partition("::")
    word = "_".join(base.split()).lower()
    if sheet == "survey":
        word = _OTHER_NAMES.get(word, word)
    if sheet == "choices" and word == "value":
        word = "name"
    return f"{word}{colons}{language.strip()}" if word in KNOWN.get(sheet, ()) else header
