import threading

from apscheduler.schedulers.background import BackgroundScheduler

ran = threading.Event()
scheduler = BackgroundScheduler()
scheduler.add_job(ran.set, "interval", seconds=0.1)
scheduler.start()
print("ran:", ran.wait(10))
scheduler.shutdown()
