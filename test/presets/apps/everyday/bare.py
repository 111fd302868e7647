"""What two presets add, seen from inside: a result, or how it fails."""

import encodings_of_text
import plugins
from answering import answering


def outcome(check):
    try:
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


app = answering(lambda: {module.__name__: outcome(module.check) for module in (encodings_of_text, plugins)})
