"""Libraries that read files of their own packages."""
import babel.dates
import dateparser
import emoji
import jsonschema
import langdetect
import openpyxl
import phonenumbers.geocoder
import pint
import pycountry
import pytz
from docx import Document
from faker import Faker
from fpdf import FPDF
from pptx import Presentation

print("faker", bool(Faker("de_DE").name()))
print("pint", pint.UnitRegistry()("3 feet").to("m").magnitude)
Document().save("a.docx")
Presentation().save("a.pptx")
book = openpyxl.Workbook()
book.save("a.xlsx")
pdf = FPDF()
pdf.add_page()
pdf.set_font("helvetica")
pdf.cell(text="hi")
print("pdf", bytes(pdf.output())[:4])
print("emoji", emoji.emojize(":thumbs_up:", language="en"), emoji.emojize(":Daumen_hoch:", language="de"))
print("country", pycountry.countries.get(alpha_2="DE").name)
print("date", babel.dates.format_date(dateparser.parse("3 March 2020"), locale="de"))
print("number", phonenumbers.geocoder.description_for_number(phonenumbers.parse("+4930123456"), "en"))
print("language", langdetect.detect("This is certainly an English sentence"))
jsonschema.Draft202012Validator({"type": "integer"}).validate(1)
print("zone", pytz.timezone("Europe/Berlin"))
print("all used")
