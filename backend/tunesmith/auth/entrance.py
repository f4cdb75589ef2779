"""Everything a request passes before it reaches a route, in its order."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.middleware import Middleware

from tunesmith.auth.core import Logins
from tunesmith.auth.guard import Guard
from tunesmith.auth.policy import Policy
from tunesmith.web.audit import AuditFile, RequestLog
from tunesmith.web.headers import SecurityHeaders
from tunesmith.web.limits import BodyLimit
from tunesmith.web.problems import UnexpectedErrors


def entrance(logins: Logins, policy: Policy, audit: AuditFile, wider: Mapping[str, int] | None = None) -> list[Middleware]:
    """For `FastAPI(middleware=…)`, outermost first: what is refused is logged and carries the headers like all else.

    `wider`: exact paths that take larger bodies, with their limit in bytes. Bodies are looked at only behind the guard.
    """
    return [
        Middleware(RequestLog, audit),
        Middleware(SecurityHeaders),
        Middleware(UnexpectedErrors),
        Middleware(Guard, logins, policy),
        Middleware(BodyLimit, wider=wider),
    ]
