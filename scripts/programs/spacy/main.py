import spacy

nlp = spacy.blank("de")
nlp.add_pipe("sentencizer")
nlp.add_pipe("entity_ruler").add_patterns([{"label": "ORT", "pattern": "Berlin"}])
doc = nlp("Ich wohne in Berlin. Gut.")
print("found:", [e.text for e in doc.ents], len(list(doc.sents)))
