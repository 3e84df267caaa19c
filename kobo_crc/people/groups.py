"""Names that hang together through others. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def together(named: Iterable[Iterable[str]]) -> dict[str, frozenset[str]]:
    """For each name all that hang together with it, because they are named together, itself too."""
    group: dict[str, set[str]] = {}
    for some in named:
        whole = set(some)
        whole = whole.union(*(group.get(name, set()) for name in whole))
        group.update(dict.fromkeys(whole, whole))
    return {card: frozenset(whole) for card, whole in group.items()}
