"""Streamlit takes itself for a checkout of its sources when its path has no `site-packages` in it, and then refuses to be told a port."""

import os

os.environ.setdefault("STREAMLIT_GLOBAL_DEVELOPMENT_MODE", "false")
