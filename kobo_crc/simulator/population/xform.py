"""An XForm as records, each with compiled expressions, in an order in which one pass fills them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from kobo_crc.errors import FormError
from kobo_crc.simulator.population.document import (
    JR,
    XF,
    Body,
    default_texts,
    node_path_of,
    one_of_each,
    parse_xml,
    path_within,
    paths_below,
    secondary_instance,
    setvalues,
    without_namespace,
)
from kobo_crc.simulator.population.expressions import Expression
from kobo_crc.simulator.population.functions import Runtime
from kobo_crc.simulator.population.grammar import NodePath
from kobo_crc.simulator.population.items import Choice, Item, Itemset, QuestionInfo, RepeatInfo, Scope, child_text
from kobo_crc.simulator.population.order import ordered
from kobo_crc.simulator.population.xpath import Schema

_NUMERIC = ("int", "integer", "decimal")
_ANCHOR = "anchor"


class XForm:
    """A form ready to be filled; `media` gives the rows of external secondary instances by file name (`places.csv`).

    `form_id` and `version` are the instance's own. Not for use by two threads at once: expressions share one document.
    """

    def __init__(self, xml: bytes | str, media: Mapping[str, Sequence[Mapping[str, str]]] | None = None) -> None:
        self.runtime = Runtime()
        source = parse_xml(xml)
        self._model = source.find(f".//{XF}model")
        if self._model is None:
            raise FormError("The XForm has no model. Please give the XML that pyxform or the server makes.")
        self.texts = default_texts(self._model)
        instances = self._model.findall(f"{XF}instance")
        self.root = etree.Element("fill")
        self._primary = without_namespace(instances[0][0])
        self.form_id, self.version = self._primary.get("id", ""), self._primary.get("version", "")
        names = {instance.get("id", ""): index for index, instance in enumerate(instances[1:])}
        for index, instance in enumerate(instances[1:]):
            self.root.append(secondary_instance(instance, index, media or {}))
        self._binds = {node_path_of(bind.get("nodeset", "")): bind for bind in self._model.iterfind(f"{XF}bind")}
        self._body = Body(source)
        self._schema = Schema(
            repeats=frozenset(self._body.repeats),
            numeric=frozenset(p for p, bind in self._binds.items() if bind.get("type") in _NUMERIC),
            instances=names,
        )
        self._settings = setvalues(source)
        self.scope = self._scope(one_of_each(self._primary), (self._primary.tag,))
        self.runtime.texts = self.texts
        self.runtime.labels = {"/" + "/".join(q.path): self._labels(q) for q in self.questions()}

    def questions(self) -> Iterator[QuestionInfo]:
        """Every question with a control in the body, repeats included."""
        yield from (item.question for item in self.items() if item.question is not None)

    def items(self, scope: Scope | None = None) -> Iterator[Item]:
        """Every item of the form, repeats included."""
        for item in (scope or self.scope).items:
            yield item
            if item.scope is not None:
                yield from self.items(item.scope)

    # -- reading

    def _scope(self, template: Any, path: NodePath) -> Scope:
        """Cut the nested repeats out of a scope's template and list what is left, in order."""
        nested: dict[int, Any] = {}
        paths = paths_below(template, path)
        for node, where in paths:
            if where in self._body.repeats and where != path and template in node.iterancestors():
                anchor = etree.Element(_ANCHOR)
                node.getparent().replace(node, anchor)
                nested[id(anchor)] = (anchor, node, where)
        items: list[Item] = []
        indexes: dict[Any, int] = {}
        for offset, node in enumerate(template.iter()):
            where = nested[id(node)][2] if id(node) in nested else path_within(node, template, path)
            parent = -1 if node is template else indexes[node.getparent()]
            item = Item(where, "/".join(where[len(path) :]), offset, parent)
            indexes[node] = offset
            self._describe(item, node, nested[id(node)][1] if id(node) in nested else None)
            items.append(item)
        return Scope(template, ordered(items))

    def _describe(self, item: Item, node: Any, repeat: Any) -> None:
        bind = self._binds.get(item.path)
        attributes: Mapping[str, str] = dict(bind.attrib) if bind is not None else {}
        if repeat is not None:
            self._describe_repeat(item, repeat)
        elif bind is not None:
            item.calculate = self._expression(attributes.get("calculate"), item.path)
            item.constraint = self._expression(attributes.get("constraint"), item.path)
            required = attributes.get("required", "false()")
            item.required = None if required.strip() == "false()" else self._expression(required, item.path)
            item.preload = f"{attributes.get(JR + 'preload', '')}:{attributes.get(JR + 'preloadParams', '')}".strip(":")
        item.relevant = self._expression(attributes.get("relevant"), item.path)
        setting = self._settings.get(item.path)
        if setting is not None and item.calculate is None:
            if setting.event_changes:
                item.calculate = self._expression(setting.value, item.path)
            else:
                item.initial = self._expression(setting.value, item.path)
        readonly = attributes.get("readonly", "").strip() == "true()"
        if item.path in self._body.controls and not len(node) and not readonly:
            item.question, item.itemset = self._question(item, attributes)

    def _describe_repeat(self, item: Item, node: Any) -> None:
        count = self._body.repeats[item.path]
        item.count = self._expression(count, item.path[:-1]) if count else None
        item.repeat = RepeatInfo(item.path[-1], item.path, bool(count))
        item.scope = self._scope(node, item.path)

    def _question(self, item: Item, attributes: Mapping[str, str]) -> tuple[QuestionInfo, Itemset | None]:
        control = self._body.controls[item.path]
        itemset, list_name = self._itemset(control, item.path)
        question = QuestionInfo(
            name=item.path[-1],
            path=item.path,
            type=attributes.get("type", "string"),
            control=etree.QName(control).localname,
            list_name=list_name,
            constraint=attributes.get("constraint", ""),
            required=item.required is not None,
            label=self._label(control),
        )
        return question, itemset

    def _itemset(self, control: Any, path: NodePath) -> tuple[Itemset | None, str]:
        element = control.find(f"{XF}itemset")
        if element is not None:
            nodeset = element.get("nodeset", "")
            list_name = nodeset.partition("instance('")[2].partition("'")[0]
            value, label = element.find(f"{XF}value"), element.find(f"{XF}label")
            nodes = self._expression(nodeset, path)
            return Itemset(nodes, value.get("ref", ""), label.get("ref", ""), (), self.texts), list_name
        fixed = tuple(
            Choice(item.findtext(f"{XF}value", ""), self._label(item)) for item in control.findall(f"{XF}item")
        )
        return (Itemset(None, "", "", fixed, self.texts), "") if fixed else (None, "")

    def _label(self, element: Any) -> str:
        label = element.find(f"{XF}label")
        if label is None:
            return ""
        reference = label.get("ref", "")
        if reference.startswith("jr:itext("):
            return self.texts.get(reference[9:-1].strip("'\""), "")
        return label.text or ""

    def _labels(self, question: QuestionInfo) -> dict[str, str]:
        item = next(item for item in self.items() if item.path == question.path)
        if item.itemset is None or item.itemset.nodes is None:
            return {choice.code: choice.label for choice in item.itemset.fixed} if item.itemset else {}
        index = self._schema.instances.get(question.list_name)
        rows = self.root.find(f"i{index}")
        nodes = [] if rows is None else rows.iterfind("root/item")
        return {child_text(node, item.itemset.value): item.itemset.label_of(node) for node in nodes}

    def _expression(self, source: str | None, context: NodePath) -> Expression | None:
        return Expression(source, context, self._schema, self.runtime) if source and source.strip() else None
