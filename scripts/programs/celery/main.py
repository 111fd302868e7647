"""One task through the in-memory broker and its result back."""
from celery import Celery
from celery.contrib.testing.worker import start_worker

app = Celery("jobs", broker="memory://", backend="cache+memory://")


@app.task
def add(a: int, b: int) -> int:
    return a + b


if __name__ == "__main__":
    with start_worker(app, perform_ping_check=False):
        print("sum:", add.delay(2, 3).get(timeout=20))
