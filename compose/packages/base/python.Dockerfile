# What the published images of our own services stand on (python:3.13-slim), from packages.
FROM tunesmith/base:trixie
RUN apt-get update && apt-get install python3-venv && rm -rf /var/lib/apt/lists/*
ENV PYTHONUNBUFFERED=1
