import logging

import sentry_sdk
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

caught = []
sentry_sdk.init("http://a@127.0.0.1:9/1", transport=lambda event: caught.append(event))
logging.error("boom")
sentry_sdk.flush()
trace.set_tracer_provider(TracerProvider())
trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
with trace.get_tracer("x").start_as_current_span("work"):
    pass
print("caught:", len(caught))
