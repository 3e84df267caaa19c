"""The schema that a home of tables stands in. Files have theirs from the start; on PostgreSQL it is made."""

from __future__ import annotations

import sqlalchemy as sa

from kobo_crc.errors import StoreError

_SORTED_AS_BYTES = sa.text(
    "SELECT 'B' < 'a' AND pg_encoding_to_char(encoding) = 'UTF8' FROM pg_database WHERE datname = current_database()"
)


def ensure(connection: sa.Connection, schema: str) -> None:
    """Make the schema where it is missing. StoreError in a database that sorts texts in a language's order.

    Lists then come in the same order from both kinds of database, and no update of the server's operating system
    changes the order that an index was built in.
    """
    if connection.dialect.name == "sqlite" or sa.inspect(connection).has_schema(schema):
        return
    if not connection.execute(_SORTED_AS_BYTES).scalar():
        raise StoreError(
            "The PostgreSQL database does not keep texts as UTF-8 in the order of their bytes. Please make another one "
            "for the store: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
        )
    connection.execute(sa.schema.CreateSchema(schema))
