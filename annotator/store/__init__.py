"""The database: the only home of SQLAlchemy. Takes and returns domain values; rows never leave it."""
