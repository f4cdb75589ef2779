"""How long steps are predicted to take: as earlier ones of their kind took here, else by a constant. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from tunesmith.domain.step import Estimate, Step

LIKE = 5
"""How many earlier steps count, the newest."""
GUESSED = "guess from a 135M model on 2 cores"


@dataclass(frozen=True)
class Took:
    """An earlier step that succeeded. `about`: the model that it worked on; steps on the same one are compared first."""

    kind: str
    unit: str
    work: float
    seconds: float
    about: str = ""


@dataclass(frozen=True)
class Cost:
    """`fixed` seconds, mostly of imports, and seconds for each unit of work. `parallel`: more cores make it quicker."""

    fixed: float
    rate: float
    parallel: bool = False

    def seconds(self, work: float) -> float:
        return self.fixed + self.rate * work


FLOP = "FLOP on the CPU"
BYTES = "bytes"
PROVED = f"{BYTES} of a model whose chats were compared before"
ONCE = "times"

# SmolLM2-135M (269 MB in 16 bits) on 2 cores without a GPU: the demo's training and the releases of `ways_bench` took so long
# (docs/demo.md, docs/benchmarks.md). What grows with the model, and what doesn't, was told apart by reading the tools.
COSTS = {
    ("train", FLOP): Cost(12.0, 9.5e-12, parallel=True),
    ("render", ONCE): Cost(0.0, 4.5),
    ("merge", BYTES): Cost(7.5, 5e-9),
    ("convert", BYTES): Cost(3.6, 7e-9),
    ("convert-adapter", BYTES): Cost(2.8, 5e-9),
    ("parity", BYTES): Cost(1.6, 2.9e-9, parallel=True),
    ("parity", PROVED): Cost(0.9, 2.2e-9, parallel=True),
    ("load", BYTES): Cost(1.0, 3e-9),
    ("import", BYTES): Cost(0.5, 2e-9),
    ("release", BYTES): Cost(0.3, 6e-10),
    ("modelfile", ONCE): Cost(0.0, 0.2),
}
"""By kind of step and unit of its work. What isn't here, such as a training on a GPU, is known only from earlier ones."""

_PLURALS = {
    "train": "trainings",
    "render": "renderings",
    "merge": "merges",
    "convert": "conversions",
    "convert-adapter": "conversions of adapters",
    "quantise": "quantisations",
    "parity": "parity checks",
    "load": "loads",
    "import": "imports",
    "release": "records",
    "download": "downloads",
}


def kind_of(step: str) -> str:
    """The step's name without what it works on."""
    return step.removesuffix("-base")


def about(step: Step) -> str:
    """The base among its inputs, else the first of them."""
    bases = (name for name in step.inputs if name.startswith("models/base/"))
    return next(bases, step.inputs[0] if step.inputs else "")


def with_times(steps: Iterable[Step], past: Sequence[Took], cores: int) -> list[Step]:
    """The same steps, their estimates with the seconds that they will take. `past`: newest first."""
    return [step.model_copy(update={"estimate": timed(step, past, cores)}) for step in steps]


def timed(step: Step, past: Sequence[Took], cores: int) -> Estimate:
    """What is estimated already, such as an installation, stays; what nobody knows stays unknown."""
    estimate, kind, unit = step.estimate, kind_of(step.name), step.estimate.work_unit or ""
    if estimate.work is None or estimate.seconds is not None:
        return estimate
    cost = COSTS.get((kind, unit))
    like = _like(past, kind, unit, about(step))
    if like:
        return _as_before(estimate, kind, cost or Cost(0.0, 1.0), like)
    if cost is None:
        return estimate
    seconds = cost.seconds(estimate.work)
    quickest = seconds * (min(1.0, 2 / cores) if cost.parallel else 0.5)
    return _with(estimate, seconds, quickest, 2 * seconds, GUESSED)


def _like(past: Sequence[Took], kind: str, unit: str, model: str) -> list[Took]:
    same_kind = [took for took in past if (took.kind, took.unit) == (kind, unit) and took.work > 0]
    return ([took for took in same_kind if took.about == model] or same_kind)[:LIKE]


def _as_before(estimate: Estimate, kind: str, cost: Cost, like: Sequence[Took]) -> Estimate:
    """Their times against what the cost says of their work: so a larger one tells of a smaller, too."""
    expected = cost.seconds(estimate.work or 0.0)
    factors = [took.seconds / cost.seconds(took.work) for took in like]
    # One alone may have been lucky; of several the quickest and the slowest are the range.
    spread = 1.0 if len(factors) > 1 else 1.5
    named = _PLURALS.get(kind, f"{kind} steps")
    basis = f"as {len(like)} earlier {named} here took" if len(like) > 1 else f"as the last of the {named} here took"
    return _with(estimate, median(factors) * expected, min(factors) * expected / spread, max(factors) * expected * spread, basis)


def _with(estimate: Estimate, seconds: float, low: float, high: float, basis: str) -> Estimate:
    figures = {"seconds": round(seconds, 1), "seconds_low": round(low, 1), "seconds_high": round(high, 1)}
    return estimate.model_copy(update={**figures, "seconds_basis": basis})


def total_time(steps: Iterable[Step], estimate: Estimate) -> Estimate:
    """`estimate` with the time of all steps together: what is known adds up, and the basis says what isn't in it."""
    steps = list(steps)
    known = [step.estimate for step in steps if step.estimate.seconds is not None]
    if not known:
        return estimate
    unknown = [step.name for step in steps if step.estimate.seconds is None]
    basis = f"sum of the steps, without {', '.join(unknown)}" if unknown else "sum of the steps"
    return _with(
        estimate,
        sum(each.seconds or 0.0 for each in known),
        sum(each.seconds_low or each.seconds or 0.0 for each in known),
        sum(each.seconds_high or each.seconds or 0.0 for each in known),
        basis,
    )
