import imageio_ffmpeg
import numpy as np
from moviepy import ImageClip

ImageClip(np.zeros((32, 32, 3), dtype="uint8"), duration=0.2).write_videofile("a.mp4", fps=10, logger=None)
print("frames:", imageio_ffmpeg.count_frames_and_secs("a.mp4")[0])
