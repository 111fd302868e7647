"""Drivers that SQLAlchemy imports by the name in a URL; without a server the connection is refused by the driver."""
import sqlalchemy
from sqlalchemy.exc import OperationalError

for url in ("postgresql+psycopg://a@127.0.0.1:9/x", "postgresql+pg8000://a@127.0.0.1:9/x", "mysql+pymysql://a@127.0.0.1:9/x"):
    try:
        sqlalchemy.create_engine(url).connect()
    except (OperationalError, sqlalchemy.exc.InterfaceError):
        print("refused", url.split(":")[0])
with sqlalchemy.create_engine("duckdb:///:memory:").connect() as connection:
    print("duckdb:", connection.execute(sqlalchemy.text("select 42")).scalar())
