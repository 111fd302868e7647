import pypdfium2
import weasyprint

pdf = weasyprint.HTML(string="<h1>Hello</h1>").write_pdf()
print("text:", pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().strip())
