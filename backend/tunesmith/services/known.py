"""The services there can be: what each is, where a browser finds it, and how to get one that isn't there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Opens = Literal["page", "api", "nothing"]


@dataclass(frozen=True)
class Known:
    """One service. `name` is its name in Compose and, where it opens a page, the first part of its host name."""

    name: str
    title: str
    purpose: str
    opens: Opens = "nothing"
    tool: bool = True
    """Tools can be started and stopped. What the platform itself stands on can only be looked at."""
    absent: str = ""
    """How to get it, where `docker compose up -d NAME` isn't the answer."""


def install(toolbox: str) -> str:
    return f"Its toolbox isn't installed: `tunesmith toolbox install {toolbox}` brings it."


def compose_up(name: str) -> str:
    return f"`docker compose up -d {name}` makes and starts it."


STACK = (
    Known("llamafactory", "LLaMA-Factory", "trains adapters; LlamaBoard is its page", "page"),
    Known("llama-cpp", "llama.cpp", "converts and quantises models, and serves GGUF files", "page"),
    Known("ollama", "Ollama", "serves models; it has no page, programs use its API", "api"),
    Known("tensorboard", "TensorBoard", "curves of trainings", "page"),
    Known(
        "easy-dataset",
        "easy-dataset",
        "makes questions and answers out of documents",
        "page",
        absent="It comes as a published image only: `docker compose -f docker-compose.yml up -d easy-dataset` where an image "
        "registry is reachable. Its exported files can be imported without it.",
    ),
    Known("orchestrator", "Orchestrator", "this API and page", tool=False),
    Known("caddy", "Caddy", "the one entry from outside, and the lock before every tool", tool=False),
    Known("gate", "Engine gate", "lets only what the orchestrator needs through to the Docker engine", tool=False),
)

NATIVE = (
    Known("orchestrator", "Orchestrator", "this API and page", tool=False),
    Known(
        "ollama",
        "Ollama",
        "serves models; it has no page, programs use its API",
        "api",
        absent="Install it from its makers and run `ollama serve`, or say by TUNESMITH_OLLAMA where it answers.",
    ),
    Known(
        "easy-dataset",
        "easy-dataset",
        "makes questions and answers out of documents",
        "page",
        absent="Start it on this machine, or say by TUNESMITH_EASY_DATASET where it answers. "
        "Its exported files can be imported without it.",
    ),
    Known(
        "llamafactory",
        "LlamaBoard",
        "LLaMA-Factory's own page; trainings run without it",
        "page",
        absent=install("llamafactory"),
    ),
    Known("tensorboard", "TensorBoard", "curves of trainings", "page", absent=install("tensorboard")),
)
