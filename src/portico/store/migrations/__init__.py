"""The tables as they came to be: one revision after another, the same on SQLite and PostgreSQL (Alembic).

A revision is made from the difference between the tables of the code and those of the revisions before it:

    python -m portico.store.migrations.new "users have a locale"
"""
