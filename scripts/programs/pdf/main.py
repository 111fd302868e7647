"""A page with a font and a barcode, read by four libraries; a page of HTML."""
import io

import pdfplumber
import pikepdf
import pymupdf
import pypdf
from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas
from xhtml2pdf import pisa

if __name__ == "__main__":
    made = io.BytesIO()
    page = canvas.Canvas(made)
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    page.drawString(100, 700, "Hello")
    createBarcodeDrawing("Code128", value="123").drawOn(page, 100, 500)
    page.save()
    pages = len(pikepdf.open(made).pages)
    texts = [
        pymupdf.open(stream=made.getvalue()).load_page(0).get_text(),
        pdfplumber.open(made).pages[0].extract_text(),
        pypdf.PdfReader(made).pages[0].extract_text(),
    ]
    html = io.BytesIO()
    failed = pisa.CreatePDF("<h1>Hello</h1>", dest=html).err
    print("read:", pages, [text.split()[0] for text in texts], failed, html.getvalue()[:4])
