"""`python -m kobo_crc` is `kobo-crc`."""

from kobo_crc.cli import main

main()
