"""Puts a scope's items so that each comes after its group and after what its expressions read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kobo_crc.simulator.population.grammar import NodePath
from kobo_crc.simulator.population.items import Item


def ordered(items: list[Item]) -> tuple[Item, ...]:
    """The items so that each comes after what it reads and after its group; document order decides the rest."""
    places = {item.path: index for index, item in enumerate(items)}
    needs = [_needs(item, items, places) for item in items]
    done: list[int] = []
    seen: set[int] = set()

    def visit(index: int, above: frozenset[int]) -> None:
        if index in seen or index in above:
            return
        for need in sorted(needs[index]):
            visit(need, above | {index})
        seen.add(index)
        done.append(index)

    for index in range(len(items)):
        visit(index, frozenset())
    position = {old: new for new, old in enumerate(done)}
    ordered = [items[old] for old in done]
    for item in ordered:
        item.parent = position[item.parent] if item.parent >= 0 else -1
    return tuple(ordered)


def _needs(item: Item, items: list[Item], places: Mapping[NodePath, int]) -> set[int]:
    own = places[item.path]
    needs = {item.parent} if item.parent >= 0 else set()
    for reference in references_of(item):
        needs |= _held(reference, item, items, places)
    return needs - {own}


def _held(reference: NodePath, item: Item, items: list[Item], places: Mapping[NodePath, int]) -> set[int]:
    """The items of this scope that hold a reference: itself, the repeat around it, or all below a `*`."""
    wide = reference[-1] == "*"
    reference = reference[:-1] if wide else reference
    for length in range(len(reference), 0, -1):
        index = places.get(reference[:length])
        if index is None:
            continue
        if length < len(reference) and items[index].repeat is None:
            return set()
        around = item.path[: len(reference)] == reference
        below = wide or items[index].repeat is None
        if around or not below:
            return set() if around and items[index].repeat is None else {index}
        return {i for i, other in enumerate(items) if other.path[: len(reference)] == reference}
    return set()


def references_of(item: Item) -> Iterator[NodePath]:
    """The paths that an item's expressions read, those inside a repeat included."""
    own = (item.relevant, item.calculate, item.initial, item.constraint, item.required, item.count)
    for expression in own:
        yield from expression.references if expression is not None else ()
    if item.itemset is not None and item.itemset.nodes is not None:
        yield from item.itemset.nodes.references
    if item.scope is not None:
        for inner in item.scope.items:
            yield from references_of(inner)
