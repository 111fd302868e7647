from nltk.stem import SnowballStemmer
from nltk.tokenize import wordpunct_tokenize
from nltk import CFG, ChartParser

print("stem:", SnowballStemmer("english").stem("running"), wordpunct_tokenize("a,b"))
print("trees:", len(list(ChartParser(CFG.fromstring("S -> 'a' S | 'a'")).parse(["a", "a"]))))
