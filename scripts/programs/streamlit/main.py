"""The page lies in the bundle as it is, and Streamlit runs it from there."""

import sys

from electron_pyinstaller import resource_path
from streamlit.web import cli

if __name__ == "__main__":
    options = [f"--server.port={sys.argv[1]}", "--server.address=127.0.0.1", "--server.headless=true"]
    sys.argv = ["streamlit", "run", str(resource_path("page.py")), *options]
    cli.main()
