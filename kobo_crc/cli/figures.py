"""What the centres achieved: the figures of each month, as published and as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, say, settings_of
from kobo_crc.errors import ConfigError

commands = typer.Typer()


@commands.command()
def indicators(
    folder: Folder = HERE,
    first: Annotated[
        str, typer.Option("--from", help="The first month, such as 2026-09; the last one otherwise.")
    ] = "",
    last: Annotated[str, typer.Option("--to", help="The last month; the first one otherwise.")] = "",
    by: Annotated[
        list[str] | None, typer.Option(help="centre, sex, age, displacement, service …; may be repeated.")
    ] = None,
    figure: Annotated[list[str] | None, typer.Option(help="people, visits, referrals …; all without it.")] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Freeze these months as they are; later corrections stand beside them.")
    ] = False,
    now: Annotated[bool, typer.Option("--now", help="Show beside published months what they would be now.")] = False,
    internal: Annotated[
        bool, typer.Option("--internal", help="Exact numbers of one centre, for its own officer.")
    ] = False,
    centre: Annotated[str, typer.Option(help="The centre's code, with --internal.")] = "",
) -> None:
    """Show the figures of whole months with their definitions: rounded, and safe to publish unless --internal.

    Example: `kobo-crc indicators --from 2026-09 --to 2026-10 --by centre --by sex`
    """
    from kobo_crc.outputs.indicators import asking, printed
    from kobo_crc.outputs.indicators.months import read_month

    if internal != bool(centre):
        raise ConfigError(
            "Exact numbers are for one centre's own officer. Please give --internal and --centre together."
        )
    if publish and internal:
        raise ConfigError("Exact numbers are not published. Please give either --publish or --internal.")
    settings, at = settings_of(folder), datetime.now(UTC)
    begin = read_month(first or last) if first or last else asking.last_month(at)
    end = read_month(last) if last else begin
    if publish:
        frozen = asking.publish(settings, begin, end, at)
        say(
            f"Published: {', '.join(map(str, frozen))}." if frozen else "These months were published before; they stay."
        )
    question = asking.Question(begin, end, tuple(by or ()), tuple(figure or ()), centre)
    sheets = asking.ask(settings, question, at)
    for line in printed.printed(sheets, settings.language, internal=internal, now=now):
        say(line)
