import time

began = time.monotonic()
import torch  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel, LlamaConfig  # noqa: E402

import_seconds = time.monotonic() - began


def step():
    """One step of LoRA on a tiny GPT-2, forward and backward."""
    model = GPT2LMHeadModel(GPT2Config(n_layer=2, n_head=2, n_embd=32, vocab_size=128))
    tuned = get_peft_model(model, LoraConfig(r=4, target_modules=["c_attn"], task_type="CAUSAL_LM"))
    tokens = torch.randint(0, 128, (2, 16))
    loss = tuned(input_ids=tokens, labels=tokens).loss
    loss.backward()
    return {"loss": float(loss.detach()), "import": round(import_seconds, 2), "cuda": torch.cuda.is_available()}


def from_config():
    config = LlamaConfig(hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2, vocab_size=128)
    return {"parameters": sum(p.numel() for p in AutoModelForCausalLM.from_config(config).parameters())}
