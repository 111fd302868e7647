"""Pillow: formats, a font, and a changed size."""

import io

from answering import answering
from PIL import Image, ImageDraw, ImageFont


def check():
    picture = Image.new("RGB", (64, 32), "white")
    ImageDraw.Draw(picture).text((2, 2), "Ada", fill="black", font=ImageFont.load_default(16))
    sizes = {}
    for kind in ["PNG", "JPEG", "WEBP", "TIFF"]:
        stream = io.BytesIO()
        picture.resize((16, 8)).save(stream, kind)
        stream.seek(0)
        sizes[kind] = list(Image.open(stream).size)
    return {"sizes": sizes, "drawn": len(picture.getcolors()) > 2}


app = answering(check)
