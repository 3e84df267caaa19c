"""A submission's XML read into the server's flat JSON, and flat JSON written back as XML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


class MalformedXml(Exception):
    """The bytes are not a submission's XML."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One submission as sent; ids are bare UUIDs, `answers` the flat JSON without the server's own fields."""

    form_id: str
    uuid: str
    deprecated_uuid: str
    submitted_at: str
    is_encrypted: bool
    answers: dict[str, Any]
    file_paths: dict[str, str]


def parse(xml: bytes, repeats: frozenset[str]) -> Instance:
    """Read a submission; `repeats` are the paths that hold lists. Raises MalformedXml."""
    try:
        root = etree.fromstring(xml, PARSER)
    except etree.XMLSyntaxError as error:
        raise MalformedXml("Improperly formatted XML.") from error
    answers: dict[str, Any] = {}
    files: dict[str, str] = {}
    _collect(root, "", "", repeats, answers, files)
    return Instance(
        form_id=root.get("id", ""),
        uuid=_bare(_meta(answers, "instanceID")),
        deprecated_uuid=_bare(_meta(answers, "deprecatedID")),
        submitted_at=root.get("submissionDate", ""),
        is_encrypted=root.get("encrypted") == "yes",
        answers=answers,
        file_paths=files,
    )


def _collect(
    node: etree._Element, path: str, place: str, repeats: frozenset[str], out: dict[str, Any], files: dict[str, str]
) -> None:
    seen: Counter[str] = Counter()
    for child in node.iterchildren(tag=etree.Element):
        name = _name(child)
        key, spot = path + name, place + name
        if key in repeats:
            seen[key] += 1
            item: dict[str, Any] = {}
            _collect(child, f"{key}/", f"{spot}[{seen[key]}]/", repeats, item, files)
            if item:  # an item without answers is dropped, yet counts in the place of the next one's files
                out.setdefault(key, []).append(item)
        elif len(child):
            _collect(child, f"{key}/", f"{spot}/", repeats, out, files)
        elif child.text and child.text.strip():
            out[key] = child.text
            files.setdefault(child.text, spot)


def _name(node: etree._Element) -> str:
    local = str(etree.QName(node).localname)
    return f"{node.prefix}:{local}" if node.prefix else local


def _meta(answers: Mapping[str, Any], name: str) -> str:
    return str(answers.get(f"meta/{name}") or answers.get(f"orx:meta/orx:{name}") or "")


def _bare(identifier: str) -> str:
    return identifier.strip().removeprefix("uuid:")


def to_xml(form_id: str, version: str, answers: Mapping[str, Any]) -> bytes:
    """Write flat answers as a submission's XML; keys that start with `_` are the server's own, save `__version__`."""
    root = etree.Element(form_id, {"id": form_id, "version": version})
    _write(root, "", answers)
    return bytes(etree.tostring(root, encoding="utf-8"))


def _write(root: etree._Element, prefix: str, answers: Mapping[str, Any]) -> None:
    for key, answer in answers.items():
        if key.startswith("_") and key != "__version__":
            continue
        *groups, name = key.removeprefix(prefix).split("/")
        parent = _descend(root, groups)
        if not isinstance(answer, list):
            etree.SubElement(parent, _tag(name)).text = str(answer)
            continue
        for item in answer:
            _write(etree.SubElement(parent, _tag(name)), f"{key}/", item)


def _descend(node: etree._Element, groups: list[str]) -> etree._Element:
    for group in groups:
        found = node.find(_tag(group))
        node = etree.SubElement(node, _tag(group)) if found is None else found
    return node


def _tag(name: str) -> str:
    return name.rpartition(":")[2]
