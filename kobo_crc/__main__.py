"""`kobo-crc`, and `python -m kobo_crc`: the command line in a process of its own."""

import gc

from kobo_crc import cli

# A page of submissions makes some 30,000; Python's own number is 700.
NEW_OBJECTS_BETWEEN_COLLECTIONS = 1_000_000


def main() -> None:
    """Run the command line, letting Python look for circles of objects rarely.

    Rows hold none. Looking took 12 % of a first load's CPU, and a quarter of a night's that finds nothing new.
    """
    gc.set_threshold(NEW_OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    try:
        cli.main()
    finally:
        gc.freeze()  # or Python looks through everything once more before it ends


if __name__ == "__main__":
    main()
