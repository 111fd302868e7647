/** A FastAPI program with sixty routes: unions with a discriminator, enums, files, nullable fields, streams, references to itself. */
export function sixtyRoutes(nameField = 'name'): string {
  const items = Array.from({ length: 54 }, (_, index) => {
    const method = ['get', 'post', 'put', 'delete', 'patch'][index % 5] ?? 'get';
    const body = ['post', 'put', 'patch'].includes(method) ? ', body: Item' : '';
    return `@app.${method}("/api/items${index}/{id}")
def item${index}(id: int${body}, limit: int | None = None, order: Order = Order.up, tag: list[str] = Query([])) -> list[Item]:
    return [Item(kind="a", size=id)]
`;
  });
  return `
from enum import Enum
from typing import Annotated, AsyncIterable, Literal, Union
from fastapi import FastAPI, HTTPException, Query, UploadFile
from fastapi.responses import FileResponse, Response
from fastapi.sse import EventSourceResponse
from pydantic import BaseModel, Field

app = FastAPI(title="Sixty")

class Order(str, Enum):
    up = "up"
    down = "down"

class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9

class Dog(BaseModel):
    kind: Literal["dog"]
    breed: str | None = None

Animal = Annotated[Union[Cat, Dog], Field(discriminator="kind")]

class Item(BaseModel):
    kind: Literal["a", "b"]
    size: int
    order: Order = Order.up
    parts: list["Item"] = []

class Model(BaseModel):
    id: int
    ${nameField}: str
    tags: dict[str, list[int]] = {}
    pet: Animal | None = None

class Tick(BaseModel):
    n: int
    note: str | None = None

@app.get("/api/models/{id}")
def read_model(id: int) -> Model:
    if id == 404:
        raise HTTPException(404, "no such model")
    return Model(id=id, ${nameField}="m", pet=Cat(kind="cat"))

@app.post("/api/models", status_code=201)
def add_model(model: Model) -> Model:
    return model

@app.post("/api/pets")
def add_pet(pet: Animal) -> Animal:
    return pet

@app.post("/api/files")
async def add_file(file: UploadFile) -> dict[str, int]:
    return {"size": len(await file.read())}

@app.get("/api/files/{name}", response_class=Response)
def read_file(name: str) -> Response:
    return Response(b"\\x00\\x01" + name.encode(), media_type="application/octet-stream")

@app.get("/api/ticks", response_class=EventSourceResponse)
async def ticks(count: int = 3) -> AsyncIterable[Tick]:
    for n in range(count):
        yield Tick(n=n)

${items.join('\n')}`;
}

/** What it needs. */
export const sixtyRoutesRequirements = ['fastapi==0.165.0', 'uvicorn==0.54.0', 'python-multipart==0.0.34'];
