"""No garbage collection while the orchestrator's modules load; imported before them.

Loading makes a hundred thousand objects that stay for good. Looking through them again and again was a tenth of a start.
"""

from __future__ import annotations

import gc

gc.disable()


def done() -> None:
    """What was loaded is set aside, never to be looked at again; the rest is collected as usual."""
    gc.freeze()
    gc.enable()
