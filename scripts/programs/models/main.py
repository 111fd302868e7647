"""Native libraries for models, without a model."""
import cv2
import numpy as np
import onnxruntime
import sentencepiece
from tokenizers import Tokenizer, models, pre_tokenizers

tokenizer = Tokenizer(models.WordLevel({"a": 0, "b": 1, "?": 2}, unk_token="?"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
print("ids:", tokenizer.encode("a b c").ids)
print("providers:", onnxruntime.get_available_providers()[-1], sentencepiece.SentencePieceProcessor() is not None)
print("edges:", int(cv2.Canny(np.eye(16, dtype="uint8") * 255, 50, 100).any()), cv2.imencode(".png", np.eye(4))[0])
