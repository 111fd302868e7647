"""Certificate authorities for HTTPS requests out of a frozen program."""

from __future__ import annotations

import os


def use_bundled() -> None:
    """Point OpenSSL to certifi's file when the paths compiled into it do not exist on this machine.

    The OpenSSL inside a frozen program looks for authorities where the build machine had them.
    """
    if "SSL_CERT_FILE" in os.environ or "SSL_CERT_DIR" in os.environ:
        return
    try:
        import _ssl
    except ImportError:
        return
    _, default_file, _, default_dir = _ssl.get_default_verify_paths()
    if os.path.isfile(default_file) or _has_entries(default_dir):
        return
    try:
        import certifi
    except ImportError:
        return
    bundle = certifi.where()
    if os.path.isfile(bundle):
        os.environ["SSL_CERT_FILE"] = bundle


def _has_entries(directory: str) -> bool:
    try:
        with os.scandir(directory) as entries:
            return next(entries, None) is not None
    except OSError:
        return False
