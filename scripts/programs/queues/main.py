"""Three task queues in one process."""
import dramatiq
import huey
from dramatiq.brokers.stub import StubBroker

broker = StubBroker()
dramatiq.set_broker(broker)
done = []


@dramatiq.actor
def work(n: int) -> None:
    done.append(n)


worker = dramatiq.Worker(broker, worker_timeout=100)
worker.start()
work.send(3)
broker.join("default")
worker.stop()
queue = huey.MemoryHuey(immediate=True)


@queue.task()
def add(a: int, b: int) -> int:
    return a + b


print("done:", done, add(1, 2)())
