"""HTTP of the demo."""

from __future__ import annotations

from fastapi import APIRouter

from tunesmith.demo.service import AnswersRequest, DemoDesk, DemoFiles, FactsRequest, SeedRequest
from tunesmith.domain.dataset import Dataset
from tunesmith.web.problems import PROBLEMS


def routes(demo: DemoDesk) -> APIRouter:
    router = APIRouter(prefix="/api/demo", tags=["demo"], responses=PROBLEMS)

    @router.post("/facts", status_code=202, summary="Invent facts from a seed, and training rows that teach them")
    async def make_facts(request: FactsRequest) -> DemoFiles:
        return await demo.facts(request)

    @router.post("/rows", status_code=201, summary="Add the rows of a seed as a data set, when they are made")
    async def add_rows(request: SeedRequest) -> Dataset:
        return await demo.add_rows(request)

    @router.post("/answers", status_code=202, summary="Answer the held-out questions in the trainer's own environment")
    async def make_answers(request: AnswersRequest) -> DemoFiles:
        return await demo.answers(request)

    return router
