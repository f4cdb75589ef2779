"""The least that FastAPI and DBOS need to serve: one route, one workflow, one queue on SQLite. What ours is compared with."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from dbos import DBOS
from fastapi import FastAPI
from pydantic import BaseModel

HOME = Path(os.environ["TUNESMITH_HOME"])

DBOS(config={"name": "bare", "system_database_url": f"sqlite:///{HOME / 'state.sqlite'}", "log_level": "WARNING"})


class Health(BaseModel):
    status: str = "ok"


@DBOS.workflow()
def work(number: int) -> int:
    return number


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    DBOS.launch()
    await DBOS.register_queue_async("work", worker_concurrency=1)
    yield
    DBOS.destroy()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> Health:
    return Health()


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["TUNESMITH_PORT"]), log_level="warning", access_log=False)
