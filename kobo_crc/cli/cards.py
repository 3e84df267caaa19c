"""What is printed for people's hands: cards with numbers, referral slips, and the code that sets a tablet up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, say, settings_of

commands = typer.Typer()


@commands.command()
def cards(
    people: Annotated[int, typer.Option(help="How many person cards.", min=0)] = 0,
    slips: Annotated[int, typer.Option(help="How many referral slips.", min=0)] = 0,
    into: Annotated[Path, typer.Option(help="The folder to write into.")] = Path("cards"),
    folder: Folder = HERE,
) -> None:
    """Write sheets of person cards and referral slips, A4, with numbers that were never printed before.

    Example: `kobo-crc cards --people 100 --slips 80`
    """
    from kobo_crc.codes import PERSON_CARD, REFERRAL_SLIP, Kind
    from kobo_crc.printing import print_numbers

    if not people and not slips:
        raise typer.BadParameter("Please say how many: --people, --slips, or both.")
    wanted: list[tuple[Kind, int]] = [(PERSON_CARD, people), (REFERRAL_SLIP, slips)]
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    for kind, count in wanted:
        if count:
            path = print_numbers(settings_of(folder), kind, count, into, now)
            say(f"{path}: {count} new numbers. Print it once; a number on two cards makes two people one.")
