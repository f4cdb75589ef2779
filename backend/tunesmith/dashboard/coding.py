"""Which form of a file a client gets (RFC 9110, 12.5.3). Pure decisions over header values."""

from __future__ import annotations

from collections.abc import Collection, Iterable

IDENTITY = "identity"
PREFERENCE = ("br", "gzip", IDENTITY)
"""Among what a client likes equally: the smallest."""
LAST = 0.0001
"""`identity` that isn't named is acceptable, after everything that is."""


def choose(accepted: str, there: Collection[str]) -> str:
    """The content coding to send. Who accepts nothing of what is there gets the file as it is."""
    weights = _weights(accepted)

    def weight(coding: str) -> float:
        unnamed = LAST if coding == IDENTITY else 0.0
        return weights.get(coding, weights.get("*", unnamed))

    usable = [coding for coding in PREFERENCE if coding in there and weight(coding) > 0]
    return max(usable, key=weight, default=IDENTITY)


def _weights(accepted: str) -> dict[str, float]:
    return dict(_weight(part) for part in accepted.lower().split(",") if part.strip())


def _weight(part: str) -> tuple[str, float]:
    coding, _, parameter = part.partition(";")
    name, _, value = parameter.partition("=")
    return coding.strip(), _number(value) if name.strip() == "q" else 1.0


def _number(value: str) -> float:
    """0 for what is no number: a form that wasn't clearly asked for isn't sent."""
    try:
        number = float(value)
    except ValueError:
        return 0.0
    return number if 0 <= number <= 1 else 0.0


def is_known(if_none_match: Iterable[str], etag: str) -> bool:
    """Whether the client has this form already (RFC 9110, 13.1.2: a weak comparison)."""
    tags = [tag.strip().removeprefix("W/") for header in if_none_match for tag in header.split(",")]
    return etag in tags or "*" in tags
