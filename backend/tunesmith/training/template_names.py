"""The names of LLaMA-Factory 0.9.5's chat templates (its data/template.py), those that need images or sound left out."""

from __future__ import annotations

_NAMES = """
aeva alpaca bailing bailing_v2 breeze chatglm3 chatml chatml_de cohere cpm4 dbrx deepseek deepseek3 deepseekcoder deepseekr1
default empty ernie ernie_nothink exaone falcon falcon_h1 fewshot gemma gemma2 gemma3 gemma3n gemma4 gemma4n glm4 glm4_7
glm4_moe glmz1 gpt_oss granite3 granite4 hunyuan hunyuan_small hy3 index intern2 lfm2 llama2 llama2_zh llama3 llama4 mimo
mimo_v2 minimax1 minimax2 ministral ministral3 mistral mistral_small moonlight olmo openchat openchat-3.6 opencoder phi phi4
phi4_mini phi_small qwen qwen3 qwen3_5 qwen3_5_nothink qwen3_6 qwen3_nothink sailor seed_coder seed_oss smollm smollm2 solar
starchat telechat2 vicuna xuanyuan yi youtu yuan zephyr
"""

TEMPLATE_NAMES = frozenset(_NAMES.split())
