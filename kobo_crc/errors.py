"""What can go wrong: faults stop the run, problems are rows of the store and are never raised.

    CrcError                  one sentence: place, cause, remedy
    ├── ConfigError           settings, pipeline file, token
    ├── FormError             an XLSForm that does not check
    ├── SourceError           the server
    │   ├── Retriable         may pass by itself; retried, then raised
    │   └── Fatal             will not pass by itself
    └── StoreError            database locked, newer than the program, disk full

A problem's text never holds the answer's value: it says place, cause and remedy.
"""

from __future__ import annotations

from dataclasses import dataclass

# The steps that find problems.
NORMALISE = "normalise"
DERIVE = "derive"
ATTACHMENTS = "attachments"


class CrcError(Exception):
    """Base of every fault: its text is shown to the data officer as it is."""


class ConfigError(CrcError):
    """A settings file, pipeline file, token or argument that cannot be used."""


class FormError(CrcError):
    """A form that does not check; the text lists every finding with sheet, row, cause and remedy."""


class SourceError(CrcError):
    """The server did not give what was asked."""


class Retriable(SourceError):
    """A fault that may pass by itself: time-out, cut connection, 429, 5xx."""


class Fatal(SourceError):
    """A fault that will not pass by itself: wrong token, missing asset, no permission."""


class StoreError(CrcError):
    """The store or the vault cannot be used: locked, unwritable, or made by a newer version."""


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One entry of the catalogue of problems.

    `step` is where it is found: `normalise` (one submission alone), `derive` (across submissions) or `attachments`.
    `cause` and `remedy` are texts by language code (en, ar).
    """

    code: str
    step: str
    cause: dict[str, str]
    remedy: dict[str, str]
