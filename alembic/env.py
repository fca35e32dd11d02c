"""Runs migrations on the connection that `annotator.store.migrating` hands over, inside its transaction."""

from alembic import context
from sqlalchemy import Connection

from annotator.store.tables import metadata

connection = context.config.attributes.get("connection")
if not isinstance(connection, Connection):
    raise SystemExit("Knuckle migrates a database when it opens it; there is nothing to run here by hand.")
context.configure(
    connection=connection, target_metadata=metadata, transactional_ddl=True, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
