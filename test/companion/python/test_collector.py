import gc
import unittest

from electron_pyinstaller import _collector


class CollectorTest(unittest.TestCase):
    def setUp(self):
        self.threshold = gc.get_threshold()
        self.addCleanup(gc.set_threshold, *self.threshold)
        self.addCleanup(_collector.resume)

    def test_it_looks_rarely_until_the_program_is_ready(self):
        _collector.rest()
        self.assertEqual(gc.get_threshold()[0], _collector.RARELY)
        _collector.resume()
        self.assertEqual(gc.get_threshold(), self.threshold)

    def test_what_was_made_until_then_is_looked_at_with_everything_else_only(self):
        _collector.rest()
        made = [[] for _ in range(1000)]
        _collector.resume()
        for young in (0, 1):
            self.assertNotIn(id(made), {id(thing) for thing in gc.get_objects(young)})
        self.assertIn(id(made), {id(thing) for thing in gc.get_objects()})
        self.assertEqual(gc.get_freeze_count(), 0)

    def test_objects_that_the_program_froze_itself_stay_frozen(self):
        self.addCleanup(gc.unfreeze)
        _collector.rest()
        gc.freeze()
        _collector.resume()
        self.assertGreater(gc.get_freeze_count(), 0)

    def test_a_threshold_of_the_program_stays(self):
        _collector.rest()
        gc.set_threshold(9000)
        _collector.resume()
        self.assertEqual(gc.get_threshold()[0], 9000)

    def test_a_collector_that_was_switched_off_stays_so(self):
        gc.set_threshold(0)
        _collector.rest()
        self.assertEqual(gc.get_threshold()[0], 0)
