"""Several scientific libraries in one program, each at a path of its own."""

import encodings_of_text
import models
import pictures
import tables

applications = {"/numpy": tables.app, "/scikit-learn": models.app, "/pillow": pictures.app, "/tiktoken": encodings_of_text.app}


def app(environ, start_response):
    return applications[environ["PATH_INFO"]](environ, start_response)
