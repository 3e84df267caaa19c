"""A first load that seals nothing, to tell what the vault's keys cost: `python benchmarks/bare.py FOLDER`.

The same program with its sealing taken out by hand, in the folder `bare` beside ours; never a setting of the product.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from ours import night

from kobo_crc.database.keys import Keys
from kobo_crc.sealing import DataKey

ONE = DataKey(bytes(32))


def main(folder: Path) -> None:
    """Load everything once."""
    DataKey.seal = lambda _key, plain, _place: plain  # type: ignore[method-assign]
    Keys.make = lambda _keys, _connection, _ids: {}  # type: ignore[method-assign]
    Keys.of = _one_for_all  # type: ignore[method-assign]
    night(folder / "bare")


def _one_for_all(_keys: Keys, _connection: sa.Connection, submission_ids: Sequence[int]) -> dict[int, DataKey]:
    return dict.fromkeys(submission_ids, ONE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
