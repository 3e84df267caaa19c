"""Who is who: cards that may be one person's, and what somebody decides on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, bars, now_utc, say, settings_of, stated

if TYPE_CHECKING:
    from kobo_crc.people.matches import Card

commands = typer.Typer(no_args_is_help=True, help="Who is who: cards that may be one person's, and what is decided.")

One = Annotated[str, typer.Argument(metavar="CARD", help="The number of a card.")]
Other = Annotated[str, typer.Argument(metavar="OTHER", help="The number of the other card.")]
Purpose = Annotated[str, typer.Option("--purpose", callback=stated, help="Why, in your own words. No names.")]
Pipeline = Annotated[str, typer.Option(help="Whose figures and worklists follow.")]


@commands.command()
def matches(
    folder: Folder = HERE,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
) -> None:
    """List the cards that may be one person's, such as of somebody who lost a card: numbers, codes and days, no names.

    Example: `kobo-crc people matches`
    """
    from kobo_crc.opening import opened
    from kobo_crc.people.matches import matches as found_in

    with opened(settings_of(folder)) as database:
        found = found_in(database)
    for match in found[:limit]:
        say(f"{_words(match.one)}\n  and {_words(match.other)}\n  share {', '.join(match.kinds)}")
    say(f"{len(found)} pairs wait for a decision." + (" The first are shown." if len(found) > limit else ""))


@commands.command()
def look(one: One, other: Other, purpose: Purpose, folder: Folder = HERE) -> None:
    """Show the names and phones of two cards side by side. Written into the audit.

    Example: `kobo-crc people look 101234567884 102345678925 --purpose "lost card in Baiji"`
    """
    from kobo_crc.erasure import card_of
    from kobo_crc.opening import opened
    from kobo_crc.people.matches import names_of

    with opened(settings_of(folder), to_officers=True) as database:
        for card, names in names_of(database, [card_of(one), card_of(other)], purpose, now_utc()):
            say(card)
            for name in names or ["nothing is registered under it"]:
                say(f"  {name}")


@commands.command()
def join(one: One, other: Other, purpose: Purpose, folder: Folder = HERE, pipeline: Pipeline = "nightly") -> None:
    """Decide that two cards are one person's. Figures count the person once; showing and erasing take both cards.

    Example: `kobo-crc people join 101234567884 102345678925 --purpose "both in the hand at the desk"`
    """
    _decide("join", (one, other), purpose, folder, pipeline)


@commands.command()
def apart(one: One, other: Other, purpose: Purpose, folder: Folder = HERE, pipeline: Pipeline = "nightly") -> None:
    """Decide that two cards are of different people, so that nobody is asked again.

    Example: `kobo-crc people apart 101234567884 102345678925 --purpose "cousins, both known here"`
    """
    _decide("apart", (one, other), purpose, folder, pipeline)


@commands.command()
def undo(one: One, other: Other, purpose: Purpose, folder: Folder = HERE, pipeline: Pipeline = "nightly") -> None:
    """Take back what was decided on two cards. Both the decision and its end stay written down.

    Example: `kobo-crc people undo 101234567884 102345678925 --purpose "was another Ahmed"`
    """
    _decide("undo", (one, other), purpose, folder, pipeline)


def _decide(verdict: str, cards: tuple[str, str], purpose: str, folder: Folder, pipeline: str) -> None:
    from kobo_crc import store
    from kobo_crc.erasure import card_of
    from kobo_crc.opening import opened
    from kobo_crc.people.links import Decision, decide
    from kobo_crc.pipeline import load

    settings = settings_of(folder)
    one, other = map(card_of, cards)
    with opened(settings) as database:
        decide(database, (one, other), Decision(verdict, purpose), now_utc())
        with database.writing() as connection:
            store.count_write(connection)
    with bars() as progress:
        load(settings, pipeline, progress=progress)
    say(f"Kept: {verdict}. The figures of months that are not published follow it.")


def _words(card: Card) -> str:
    said = (card.code, card.centre_code, card.sex_code, card.birth_year and f"born {card.birth_year}")
    when = f"{card.visits} visits, {card.first_on} to {card.last_on}" if card.first_on else "no visit"
    return " · ".join(str(part) for part in (*said, when) if part)
