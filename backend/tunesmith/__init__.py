"""Tunesmith: from documents to a tuned model that answers in your own chat."""

import sys
from types import ModuleType
from typing import cast

__version__ = "0.1.0"

# httpx's own command line would draw in rich and pygments, at every command and start of ours: None makes its import fail,
# and httpx does without.
sys.modules.setdefault("httpx._main", cast(ModuleType, None))
