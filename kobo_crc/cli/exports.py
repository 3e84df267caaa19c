"""Files that leave: workbooks, 5W, HXL, HSDS and Parquet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, say, settings_of

if TYPE_CHECKING:
    from kobo_crc.outputs.exports.making import Kind
    from kobo_crc.outputs.exports.tables import Export

commands = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Write files for others: published figures, and rows without names for one receiver.",
)
First = Annotated[str, typer.Option("--from", help="The first month, such as 2026-09; the last one otherwise.")]
Last = Annotated[str, typer.Option("--to", help="The last month; the first one otherwise.")]
Receiver = Annotated[str, typer.Option("--for", help="For whom; adds referrals as rows with numbers of their own.")]
Purpose = Annotated[str, typer.Option(help="Why, in your words; with --for. Kept in the vault's audit.")]
Out = Annotated[Path | None, typer.Option(help="The folder to write to; exports beside the settings otherwise.")]


@commands.command("excel")
def export_excel(
    folder: Folder = HERE,
    first: First = "",
    last: Last = "",
    receiver: Receiver = "",
    purpose: Purpose = "",
    out: Out = None,
) -> None:
    """Write a workbook of published figures, flat and ready for pivot tables, with its dictionary.

    Example: `kobo-crc export excel --from 2026-09 --to 2026-10`
    """
    from kobo_crc.outputs.exports import writing

    export, at = _made("excel", folder, first, last, (receiver, purpose), out)
    _say(writing.excel(export, at), export)


@commands.command("5w")
def export_5w(folder: Folder = HERE, first: First = "", last: Last = "", out: Out = None) -> None:
    """Write who does what, where, when and for whom, from published figures, with HXL tags.

    Example: `kobo-crc export 5w --from 2026-10`
    """
    from kobo_crc.outputs.exports import writing

    export, at = _made("5w", folder, first, last, ("", ""), out)
    _say(writing.tagged(export, at, "5w.dictionary.csv"), export)


@commands.command("hxl")
def export_hxl(
    folder: Folder = HERE,
    first: First = "",
    last: Last = "",
    receiver: Receiver = "",
    purpose: Purpose = "",
    out: Out = None,
) -> None:
    """Write published figures as CSV with HXL tags.

    Example: `kobo-crc export hxl --from 2026-10 --for nrc --purpose 'yearly review'`
    """
    from kobo_crc.outputs.exports import writing

    export, at = _made("hxl", folder, first, last, (receiver, purpose), out)
    _say(writing.tagged(export, at), export)


@commands.command("parquet")
def export_parquet(
    folder: Folder = HERE,
    first: First = "",
    last: Last = "",
    receiver: Receiver = "",
    purpose: Purpose = "",
    out: Out = None,
) -> None:
    """Write published figures as Parquet, for notebooks.

    Example: `kobo-crc export parquet --from 2026-10 --for analyst --purpose 'waiting times'`
    """
    from kobo_crc.outputs.exports import writing

    export, at = _made("parquet", folder, first, last, (receiver, purpose), out)
    _say(writing.parquet(export, at), export)


@commands.command("hsds")
def export_hsds(folder: Folder = HERE, out: Out = None) -> None:
    """Write the directory of services as HSDS 3.0 JSON, with its dictionary; sensitive services are not in it.

    Example: `kobo-crc export hsds`
    """
    from kobo_crc.outputs.exports import making, writing

    settings, at = settings_of(folder), datetime.now(UTC)
    export, content = making.make_directory(settings, out or settings.report.parent / "exports", at)
    _say(writing.json(export, content, at), export)


def _made(
    kind: Kind, folder: Path, first: str, last: str, receiver: tuple[str, str], out: Path | None
) -> tuple[Export, datetime]:
    from kobo_crc.outputs.exports import making
    from kobo_crc.outputs.indicators.asking import last_month
    from kobo_crc.outputs.indicators.months import read_month

    settings, at = settings_of(folder), datetime.now(UTC)
    begin = read_month(first or last) if first or last else last_month(at)
    end = read_month(last) if last else begin
    wish = making.Wish(kind, begin, end, *receiver)
    return making.make(settings, wish, out or settings.report.parent / "exports", at), at


def _say(paths: Iterable[Path], export: Export) -> None:
    for path in paths:
        say(f"  wrote {path}")
    say(export.face(export.level))
