"""The command line: words in, exit code out. The only place that prints and exits.

Heavy parts are imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc import __version__
from kobo_crc.errors import ConfigError, CrcError

if TYPE_CHECKING:
    from kobo_crc.bars import Bars
    from kobo_crc.config import Settings
    from kobo_crc.runs import Run

app = typer.Typer(
    name="kobo-crc",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""Bring KoboToolbox submissions of Community Resource Centres into a referral store, every night.

Start here:

    kobo-crc init my-centres      # settings, forms and pipelines in a new folder
    cd my-centres                 # put the server's address into kobo_crc.toml
    kobo-crc deploy               # the forms, to the server
    kobo-crc run nightly          # what changed there, into store.db
""",
)
forms_app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="Check, build and describe the forms.")
app.add_typer(forms_app, name="forms")

Folder = Annotated[Path, typer.Option("--folder", help="The folder that holds kobo_crc.toml.", show_default="here")]
HERE = Path()


def main() -> None:
    """Run the command line; a fault is one sentence on standard error and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Windows consoles otherwise refuse Arabic
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except CrcError as fault:
        _say(str(fault), error=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader, `head` for instance, has seen enough
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        cause = f"{error.filename or 'The disk'}: {error.strerror or type(error).__name__}"
        _say(f"{cause}. Please check the folder and the free space, and run again; nothing was lost.", error=True)
        sys.exit(1)
    except KeyboardInterrupt:
        _say("Stopped. Nothing was lost: the next run goes on from here.", error=True)
        sys.exit(130)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False) -> None:
    if version:
        _say(f"kobo-crc {__version__}")
        raise typer.Exit


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")] = HERE) -> None:
    """Write a commented settings file, and copy the forms and pipelines, into an empty folder.

    Example: `kobo-crc init my-centres`
    """
    from kobo_crc.config import SETTINGS_FILE, settings_template
    from kobo_crc.templates import copy_into

    kept = copy_into(folder)
    settings = folder / SETTINGS_FILE
    if settings.exists():
        kept.append(settings)
    else:
        settings.write_text(settings_template(), encoding="utf-8")
    for path in kept:
        _say(f"{path} was there already and is kept as it is.")
    _say(
        "Now put the server's address into kobo_crc.toml, the account's token into the environment variable "
        "KOBO_CRC_TOKEN, and run: kobo-crc deploy"
    )


@app.command()
def deploy(
    folder: Folder = HERE,
    pipeline: Annotated[str, typer.Option(help="Whose forms.")] = "nightly",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a form changed on the server.")] = False,
    another: Annotated[bool, typer.Option("--another", help="Make a second project of the same title.")] = False,
) -> None:
    """Check the pipeline's forms and deploy those that changed to the server.

    Example: `kobo-crc deploy`
    """
    from kobo_crc.rollout import roll_out

    for project, form, deployed in roll_out(_settings(folder), pipeline, overwrite=overwrite, another=another):
        outcome = "deployed" if deployed.changed else "unchanged"
        _say(f"{project}: {form} {outcome} ({deployed.asset_uid}, version {deployed.version})")


@app.command()
def run(
    pipeline: Annotated[str, typer.Argument(help="The file's name in pipelines/, without .toml.")],
    folder: Folder = HERE,
    accept_deletions: Annotated[
        bool, typer.Option("--accept-deletions", help="Believe a large fall in the number of submissions, this once.")
    ] = False,
) -> None:
    """Pull what changed on the server into the store, and make the report.

    Example: `kobo-crc run nightly`
    """
    from kobo_crc.pipeline import run as run_pipeline

    with _bars() as progress:
        entry = run_pipeline(_settings(folder), pipeline, progress=progress, accept_deletions=accept_deletions)
    _say(_summary(entry))


@app.command()
def rebuild(
    pipeline: Annotated[str, typer.Argument(help="The file's name in pipelines/, without .toml.")],
    folder: Folder = HERE,
) -> None:
    """Make the store again from the vault, without asking the server.

    Example: `kobo-crc rebuild nightly`
    """
    from kobo_crc.pipeline import rebuild as rebuild_pipeline

    with _bars() as progress:
        entry = rebuild_pipeline(_settings(folder), pipeline, progress=progress)
    _say(f"Made again from the vault: {entry.reloaded_count} submissions, {entry.problem_count} problems.")


@app.command()
def problems(
    folder: Folder = HERE,
    code: Annotated[str, typer.Option(help="Only problems of this kind.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
) -> None:
    """List rejected and doubtful answers: where they are, why, and what to do. Never the answer itself.

    Example: `kobo-crc problems --code code_unknown`
    """
    from itertools import islice

    from kobo_crc.enquiries import open_problems, problem_counts

    settings = _settings(folder)
    for problem in islice(open_problems(settings, code), limit):
        staff = f" · {problem.staff_code}" if problem.staff_code else ""
        _say(f"{problem.form} _id {problem.server_id}{staff} · {problem.question} ({problem.path})")
        _say(f"    {problem.cause} {problem.remedy} [{problem.code}]")
    found = problem_counts(settings)
    _say("No problems." if not found else "In all: " + ", ".join(f"{count} {kind}" for kind, count in found.items()))


@app.command("open")
def open_submission(
    server_id: Annotated[int, typer.Argument(metavar="ID", help="The submission's _id, as `problems` shows it.")],
    folder: Folder = HERE,
    show: Annotated[bool, typer.Option("--show", help="Print the address instead of opening a browser.")] = False,
) -> None:
    """Open a submission in KoboToolbox, to correct it there.

    Example: `kobo-crc open 4711`
    """
    import webbrowser

    from kobo_crc.enquiries import addresses

    for address in addresses(_settings(folder), server_id):
        _say(address)
        if not show:
            webbrowser.open(address)


@app.command()
def simulate(
    port: Annotated[int, typer.Option(help="The port on this computer.", min=1, max=65535)] = 8765,
) -> None:
    """Serve a KoboToolbox stand-in on this computer, for training and trials. Ctrl+C stops it.

    Example: `kobo-crc simulate --port 8765`
    """
    _need_simulator()
    from kobo_crc.simulator.server import serve
    from kobo_crc.simulator.world import TOKEN

    _say(f"A KoboToolbox stand-in answers on http://127.0.0.1:{port} until Ctrl+C. Its account's token is {TOKEN}")
    serve("127.0.0.1", port)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Made anew each time.")] = Path("demo-run"),
    submissions: Annotated[int, typer.Option(help="How many the population sends at first.", min=10)] = 3000,
    seed: Annotated[int, typer.Option(help="Same seed, same people.")] = 2019,
) -> None:
    """Two nights of six simulated centres, from empty tablets to the report. Needs no server and no settings.

    Example: `kobo-crc demo --submissions 500`
    """
    _need_simulator()
    from kobo_crc.demo import play

    with _bars() as progress:
        outcome = play(folder, submissions=submissions, seed=seed, progress=progress, say=_say)
    _say(f"Report: {outcome.report}")
    _say(f"OK: {outcome.submissions} submissions, {outcome.referrals} referrals, {outcome.problems} problems")


@forms_app.command("check")
def forms_check(folder: Folder = HERE) -> None:
    """Check every form: targets, types, privacy classes, translations, and what breaks on tablets.

    Example: `kobo-crc forms check`
    """
    from kobo_crc.rollout import check_all

    names = check_all(_settings(folder))
    _say(f"OK: {', '.join(names)}")


@forms_app.command("build")
def forms_build(folder: Folder = HERE) -> None:
    """Write forms/xlsx/*.xlsx from the Markdown forms, for people who upload them by hand.

    Example: `kobo-crc forms build`
    """
    from kobo_crc.rollout import build_all

    for path in build_all(_settings(folder)):
        _say(f"  wrote {path}")


@forms_app.command("dictionary")
def forms_dictionary(folder: Folder = HERE) -> None:
    """Print the data dictionary: every table and column, and the question that fills it.

    Example: `kobo-crc forms dictionary > dictionary.md`
    """
    from kobo_crc.rollout import dictionary_of

    _say(dictionary_of(_settings(folder)))


def _settings(folder: Path) -> Settings:
    from kobo_crc.config import SETTINGS_FILE, load_settings

    return load_settings(folder / SETTINGS_FILE)


def _summary(entry: Run) -> str:
    words = (
        f"{entry.new_count} new, {entry.changed_count} changed, {entry.deleted_count} deleted, "
        f"{entry.reloaded_count} read again; {entry.store_count} submissions here, {entry.server_count} on the server; "
        f"{entry.problem_count} problems (kobo-crc problems)"
    )
    return f"{'OK' if entry.outcome == 'ok' else 'Incomplete'}: {words}" + (f"\n{entry.note}" if entry.note else "")


def _say(text: str, *, error: bool = False) -> None:
    print(text, file=sys.stderr if error else sys.stdout, flush=True)


@contextmanager
def _bars() -> Iterator[Bars]:
    from kobo_crc.bars import Bars

    with Bars() as bars:
        yield bars


def _need_simulator() -> None:
    from importlib.util import find_spec

    if any(find_spec(part) is None for part in ("starlette", "uvicorn", "python_multipart", "lxml")):
        raise ConfigError(
            "The simulator's own parts are not installed. Please run: pip install 'kobo_crc[simulator]' and try again."
        )
