"""Reads the XML of an XForm: instances, texts, controls, repeats and default values, by the path of the node."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from kobo_crc.errors import FormError
from kobo_crc.simulator.population.grammar import NodePath

XF = "{http://www.w3.org/2002/xforms}"
JR = "{http://openrosa.org/javarosa}"
_CONTROLS = ("input", "select1", "select", "rank", "range", "trigger", "upload", "secret")


@dataclass(frozen=True, slots=True)
class Setting:
    value: str
    event_changes: bool


class Body:
    """The controls and repeats of the body, by the path of the node they show."""

    def __init__(self, source: Any) -> None:
        self.controls: dict[NodePath, Any] = {}
        self.repeats: dict[NodePath, str] = {}
        body = source.find("{http://www.w3.org/1999/xhtml}body")
        for element in () if body is None else body.iter(f"{XF}*"):
            name = etree.QName(element).localname
            if name == "repeat":
                self.repeats[node_path_of(element.get("nodeset", ""))] = element.get(JR + "count", "").strip()
            elif name in _CONTROLS:
                self.controls[node_path_of(element.get("ref", ""))] = element


def setvalues(source: Any) -> dict[NodePath, Setting]:
    settings = {}
    for element in source.iter(f"{XF}setvalue"):
        events = element.get("event", "").split()
        value = element.get("value") or f"'{element.text or ''}'"
        settings[node_path_of(element.get("ref", ""))] = Setting(value, "xforms-value-changed" in events)
    return settings


def parse_xml(xml: bytes | str) -> Any:
    parser = etree.XMLParser(remove_comments=True, remove_blank_text=True, resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(xml.encode("utf-8") if isinstance(xml, str) else xml, parser)
    except etree.XMLSyntaxError as error:
        raise FormError(f"The XForm is not well-formed XML: {error}. Please fetch it again.") from error


def node_path_of(reference: str) -> NodePath:
    return tuple(step for step in reference.strip().split("/") if step)


def without_namespace(element: Any) -> Any:
    """A copy of an instance without the XForms namespace, so that unprefixed paths find its nodes."""
    made = etree.Element(element.tag.removeprefix(XF), dict(element.attrib))
    made.text = element.text
    for child in element:
        made.append(without_namespace(child))
    return made


def secondary_instance(instance: Any, index: int, media: Mapping[str, Sequence[Mapping[str, str]]]) -> Any:
    holder = etree.Element(f"i{index}")
    source = instance.get("src", "")
    if not source:
        holder.extend(without_namespace(child) for child in instance)
        return holder
    root = etree.SubElement(holder, "root")
    for row in media.get(source.rpartition("/")[2], ()):
        item = etree.SubElement(root, "item")
        for name, value in row.items():
            etree.SubElement(item, name).text = value
    return holder


def default_texts(model: Any) -> dict[str, str]:
    """Texts by id in the default language, else the first."""
    translations = model.findall(f"{XF}itext/{XF}translation")
    chosen = next((t for t in translations if t.get("default")), translations[0] if translations else None)
    if chosen is None:
        return {}
    return {text.get("id", ""): "".join(text.find(f"{XF}value").itertext()) for text in chosen}


def one_of_each(primary: Any) -> Any:
    """The instance with one copy of each repeat: its template where it has one."""
    instance = copy.deepcopy(primary)
    for template in list(instance.iter()):
        if template.attrib.pop(f"{JR}template", None) is not None:
            for sibling in list(template.itersiblings(template.tag)):
                sibling.getparent().remove(sibling)
    etree.cleanup_namespaces(instance)
    return instance


def paths_below(template: Any, path: NodePath) -> list[tuple[Any, NodePath]]:
    return [(node, path_within(node, template, path)) for node in template.iter()]


def path_within(node: Any, template: Any, path: NodePath) -> NodePath:
    steps: list[str] = []
    while node is not template:
        steps.append(node.tag)
        node = node.getparent()
    return (*path, *reversed(steps))
