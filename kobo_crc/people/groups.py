"""Names that hang together through others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def together(named: Iterable[Iterable[str]]) -> dict[str, frozenset[str]]:
    """For each name all that hang together with it, because they are named together, itself too."""
    group: dict[str, set[str]] = {}
    for some in named:
        whole = set(some)
        whole = whole.union(*(group.get(name, set()) for name in whole))
        group.update(dict.fromkeys(whole, whole))
    shared = {id(whole): frozenset(whole) for whole in group.values()}  # one for all who are in it
    return {name: shared[id(whole)] for name, whole in group.items()}


def first_of(groups: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """For each name the first, in order, of its group."""
    first = {id(whole): min(whole) for whole in {id(whole): whole for whole in groups.values()}.values()}
    return {name: first[id(whole)] for name, whole in groups.items()}
