import chromadb

client = chromadb.EphemeralClient()
notes = client.create_collection("notes", embedding_function=None)
notes.add(ids=["a", "b"], documents=["one", "two"], embeddings=[[1.0, 0.0], [0.0, 1.0]])
print("nearest:", notes.query(query_embeddings=[[0.9, 0.1]], n_results=1)["ids"])
