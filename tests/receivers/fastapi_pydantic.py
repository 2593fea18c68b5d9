"""InboundFlow's webhook in FastAPI: the raw body is verified, and pydantic models say what an event must look like."""

import hashlib
import hmac
import os
from typing import Any, Literal

import uvicorn
from fastapi import BackgroundTasks, FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

app = FastAPI()
seen: set[str] = set()


class Call(BaseModel):
    call_id: str
    caller_phone: str
    caller_name: str


class Event(BaseModel):
    event: Literal["call.completed", "call.transferred", "appointment.booked", "lead.created"]
    timestamp: str
    organization_id: str
    delivery_id: str
    data: Call


@app.post("/webhook")
async def webhook(
    request: Request,
    tasks: BackgroundTasks,
    x_inboundflow_timestamp: int = Header(),
    x_inboundflow_signature: str = Header(),
) -> dict[str, Any]:
    body = await request.body()
    message = f"{x_inboundflow_timestamp}.".encode() + body
    expected = "sha256=" + hmac.new(os.environ["WEBHOOK_SECRET"].encode(), message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, x_inboundflow_signature):
        raise HTTPException(401, "invalid signature")
    try:
        event = Event.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_context=False)) from error
    if event.delivery_id not in seen:
        seen.add(event.delivery_id)
        tasks.add_task(print, f"{event.data.caller_name}: {event.event}")
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning")
