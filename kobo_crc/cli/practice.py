"""Training and trials without a server: the stand-in, and two nights of six simulated centres."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kobo_crc import __version__
from kobo_crc.cli.words import bars, say
from kobo_crc.errors import ConfigError

commands = typer.Typer()


@commands.command()
def simulate(
    port: Annotated[int, typer.Option(help="The port on this computer.", min=1, max=65535)] = 8765,
) -> None:
    """Serve a KoboToolbox stand-in on this computer, for training and trials. Ctrl+C stops it.

    Example: `kobo-crc simulate --port 8765`
    """
    _need_simulator()
    from kobo_crc.simulator.server import serve
    from kobo_crc.simulator.world import TOKEN

    def up() -> None:
        say(f"A KoboToolbox stand-in answers on http://127.0.0.1:{port} until Ctrl+C. Its account's token is {TOKEN}")

    try:
        serve("127.0.0.1", port, on_listening=up)
    except OSError as error:
        raise ConfigError(
            f"The port {port} cannot be used ({error.strerror}). Please stop what uses it, or give another: "
            "kobo-crc simulate --port 8766"
        ) from error
    except KeyboardInterrupt:
        say("Stopped. What was sent here is forgotten.")


@commands.command()
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

    with bars() as progress:
        outcome = play(folder, submissions=submissions, seed=seed, progress=progress, say=say)
    say(f"Report: {outcome.report}")
    say(f"Worklists: {outcome.worklists}")
    say(f"OK: {outcome.submissions} submissions, {outcome.referrals} referrals, {outcome.problems} problems")


def _need_simulator() -> None:
    from importlib.util import find_spec

    if any(find_spec(part) is None for part in ("starlette", "uvicorn", "python_multipart", "lxml")):
        raise ConfigError(
            "The simulator's own parts are not installed. Please install the wheel again, with them: "
            f"pip install 'kobo_crc-{__version__}-py3-none-any.whl[simulator]'"
        )
