"""HTTP of the system."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from tunesmith.system.clean import Cleaning
from tunesmith.system.doctor import Diagnosis
from tunesmith.system.du import DiskUse
from tunesmith.system.load import MachineLoad, MachineWatch
from tunesmith.system.report import SystemReport
from tunesmith.system.service import System

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def routes(system: System, machine: MachineWatch) -> APIRouter:
    router = APIRouter(tags=["system"])

    @router.get("/api/system", summary="This machine, versions, and the settings in force")
    async def show_system() -> SystemReport:
        return await system.report()

    @router.get("/api/system/load", summary="How busy this machine is, now and in the last ten minutes; nobody is asked for it")
    async def show_load() -> MachineLoad:
        return machine.load()

    @router.get("/api/system/doctor", summary="What is there, what is missing, how to mend it")
    async def show_doctor() -> Diagnosis:
        return await system.doctor()

    @router.get("/api/system/du", summary="Where the bytes are")
    async def show_disk_use() -> DiskUse:
        return await system.disk_use()

    @router.get("/api/system/clean", summary="What can be removed; nothing is touched")
    async def show_leftovers() -> Cleaning:
        return await system.clean(really=False)

    @router.post("/api/system:clean", summary="Remove what can be removed")
    async def clean() -> Cleaning:
        return await system.clean(really=True)

    @router.get("/metrics", summary="Gauges for Prometheus", response_class=PlainTextResponse)
    async def show_metrics() -> PlainTextResponse:
        return PlainTextResponse(await system.metrics(), media_type=PROMETHEUS)

    return router
