"""hero"""
import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    name = sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False)
    op.create_table("hero", sa.Column("id", sa.Integer, primary_key=True), name)


def downgrade():
    op.drop_table("hero")
