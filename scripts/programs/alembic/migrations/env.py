import sqlmodel
from alembic import context
from sqlalchemy import engine_from_config

section = context.config.get_section(context.config.config_ini_section)
with engine_from_config(section, prefix="sqlalchemy.").connect() as connection:
    context.configure(connection=connection, target_metadata=sqlmodel.SQLModel.metadata)
    with context.begin_transaction():
        context.run_migrations()
