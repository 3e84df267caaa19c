"""Alembic's way into the store: the connection, and so the transaction, is the caller's."""

from alembic import context

from kobo_crc.database.homes import ensure
from kobo_crc.database.metadata import STORE, STORE_SCHEMA

SCHEMA = None

connection = context.config.attributes["connection"]
ensure(connection, STORE_SCHEMA)
context.configure(
    connection=connection,
    target_metadata=STORE,
    version_table_schema=SCHEMA,
    include_schemas=SCHEMA is not None,
    include_name=lambda name, type_, _parents: type_ != "schema" or name == SCHEMA,
)
context.run_migrations()
