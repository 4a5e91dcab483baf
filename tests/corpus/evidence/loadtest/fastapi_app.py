"""A small shop that generated load tests are sent to. In memory; answers as its routes say."""

from enum import Enum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Form, Header, HTTPException, Query, UploadFile
from pydantic import BaseModel, EmailStr, Field


class State(str, Enum):
    new = "new"
    paid = "paid"


class LineIn(BaseModel):
    sku: str = Field(min_length=3, max_length=8)
    count: int = Field(ge=1, le=9)
    note: str | None = None


class OrderIn(BaseModel):
    customer_id: int
    email: EmailStr
    state: State
    lines: list[LineIn]
    extra: dict[str, int] = {}


class Paging(BaseModel):
    total: int


def current_user(authorization: Annotated[str | None, Header()] = None) -> str:
    if authorization != "Bearer letmein":
        raise HTTPException(401)
    return "amber"


UserDep = Annotated[str, Depends(current_user)]

orders = APIRouter(prefix="/orders", tags=["orders"])
carts = APIRouter()


def page(skip: int = 0, size: Annotated[int, Query(ge=1, le=50)] = 20) -> tuple[int, int]:
    return skip, size


@orders.get("")
async def list_orders(
    limit: Annotated[int, Query(ge=1, le=20)], q: str | None = None, window: tuple = Depends(page)
) -> list[int]:
    return list(range(limit))


@orders.get("/{order_id}")
async def read_order(order_id: int) -> dict:
    if order_id > 1000:
        raise HTTPException(404)
    return {"id": order_id}


@orders.post("", status_code=201)
async def place_order(body: OrderIn, user: UserDep) -> dict:
    return {"lines": len(body.lines), "by": user}


@carts.delete("/{id}", status_code=204, dependencies=[Depends(current_user)])
async def drop_cart(id: UUID) -> None:
    return None


@carts.get("/{id}/items/{kind}")
async def items(id: UUID, kind: State) -> dict:
    return {"id": str(id), "kind": kind}


app = FastAPI()
app.include_router(orders)
app.include_router(carts, prefix="/carts")


@app.post("/files")
async def upload(file: UploadFile, title: Annotated[str, Form()]) -> dict:
    return {"size": len(await file.read()), "title": title}


@app.post("/forms")
async def both(order: LineIn, paging: Paging) -> int:
    return order.count + paging.total
