"""A receiver as people write it in FastAPI: checks the signature, inserts in one of FastAPI's threads, answers."""

import json

from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool

from .parts import insert, is_genuine

app = FastAPI()


@app.post("/webhooks/inboundflow")
async def receive(request: Request):
    body = await request.body()
    if not is_genuine(request.headers, body):
        raise HTTPException(401)
    await run_in_threadpool(insert, json.loads(body)["delivery_id"], body)
    return {"status": "stored"}
