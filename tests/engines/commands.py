"""What a person does at a tablet, as data: every engine is told the same commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Command:
    """One act: `set` an answer (empty clears it), `add` or `remove` a repeat, or choose a `language`.

    `path` is without the form's own name, repeats counted from one: `referral[1]/slip_typed`. `refused` says that the
    engine must turn the act down: a broken constraint, a choice that the filter hides, a question that is not shown.
    """

    act: str
    path: str
    value: str = ""
    refused: bool = False


def answer(path: str, value: str) -> Command:
    return Command("set", path, value)


def refuse(path: str, value: str) -> Command:
    return Command("set", path, value, refused=True)


def add(path: str) -> Command:
    return Command("add", path)


def remove(path: str) -> Command:
    return Command("remove", path)


def language(name: str) -> Command:
    return Command("language", "", name)


def as_data(commands: Sequence[Command]) -> list[dict[str, Any]]:
    return [asdict(command) for command in commands]
