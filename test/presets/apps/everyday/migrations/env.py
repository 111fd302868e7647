from logging.config import fileConfig  # noqa: F401

from alembic import context
from sqlalchemy import engine_from_config, pool

config = context.config
engine = engine_from_config({"sqlalchemy.url": config.get_main_option("sqlalchemy.url")}, poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
