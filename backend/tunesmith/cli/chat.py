"""`tunesmith chat NAME`: a conversation with a served model."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tunesmith.cli.show import remark

if TYPE_CHECKING:
    from tunesmith.cli.client import Client

Message = dict[str, str]


def chat(
    name: Annotated[str, typer.Argument(help="A served name, or a base model.")],
    question: Annotated[str | None, typer.Argument(help="Ask only this, print the answer and leave.")] = None,
    system: Annotated[str | None, typer.Option(help="System prompt.")] = None,
    temperature: Annotated[float | None, typer.Option(min=0.0, max=2.0, help="0 is greedy.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Longest answer, in tokens.")] = None,
    seed: Annotated[int | None, typer.Option(help="For the same answer again.")] = None,
) -> None:
    """Chat with a served model. Ctrl-C stops an answer, and at the prompt leaves; without a terminal each line is a question."""
    from tunesmith.cli.client import connect, given

    client = connect()
    options = given({"model": name, "temperature": temperature, "max_tokens": max_tokens, "seed": seed})
    history: list[Message] = [{"role": "system", "content": system}] if system else []
    if question is not None:
        ask(client, options, history, question)
        return
    if sys.stdin.isatty():
        remark(f"chatting with {name}; /new forgets, /bye or Ctrl-D leaves")
    while (line := _read()) is not None:
        if line in ("/bye", "/exit", "/quit"):
            return
        if line == "/new":
            del history[1 if system else 0 :]
        elif line:
            _turn(client, options, history, line)


def _read() -> str | None:
    """The next question; None at the end."""
    if sys.stdin.isatty():
        import contextlib

        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  gives `input` its line editing
        try:
            return input(">>> ").strip()
        except (EOFError, KeyboardInterrupt):
            remark("")
            return None
    line = sys.stdin.readline()
    return line.strip() if line else None


def _turn(client: Client, options: dict[str, object], history: list[Message], question: str) -> None:
    """One question. A problem on a terminal is told and the conversation goes on; piped, it ends it."""
    from tunesmith.domain.errors import TunesmithError

    try:
        ask(client, options, history, question)
    except TunesmithError as error:
        if not sys.stdin.isatty():
            raise
        remark(f"error: {error}")


def ask(client: Client, options: dict[str, object], history: list[Message], question: str) -> None:
    """Stream one answer to stdout. Only a question that was answered (even in part) enters the history."""
    asked: list[Message] = [*history, {"role": "user", "content": question}]
    answer: list[str] = []
    try:
        _stream(client, {**options, "messages": asked, "stream": True}, answer)
    except KeyboardInterrupt:
        if not sys.stdin.isatty():
            raise
        remark(" (stopped)")
    finally:
        if answer:
            typer.echo()
            history[:] = [*asked, {"role": "assistant", "content": "".join(answer)}]


def _stream(client: Client, body: dict[str, object], answer: list[str]) -> None:
    from tunesmith.cli.client import Problem, events, parsed

    with client.stream("POST", "/v1/chat/completions", json=body) as stream:
        for _, data in events(stream.iter_lines()):
            if data == "[DONE]":
                return
            record = parsed(data)
            if isinstance(error := record.get("error"), dict):
                raise Problem(502, str(error.get("message") or "The engine failed"))
            for choice in record.get("choices") or []:
                piece = (choice.get("delta") or {}).get("content") or ""
                answer.append(piece)
                sys.stdout.write(piece)
                sys.stdout.flush()
