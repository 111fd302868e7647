"""Without a server: whatever is imported to speak to one has been imported when the connection is refused."""
import oracledb

try:
    oracledb.connect(user="scott", password="tiger", dsn="127.0.0.1:9/free")
except oracledb.OperationalError as error:
    print("refused:", str(error).split(":")[0])
