from fastapi import FastAPI

app = FastAPI()


@app.get("/api/health")
def health():
    import sys

    return {"ok": True, "torch": "torch" in sys.modules}


@app.get("/api/train")
def train():
    # As a backend should: what takes seconds to import is imported by whoever needs it first.
    from services import training

    return training.step()


@app.get("/api/auto")
def auto():
    from services import training

    return training.from_config()
