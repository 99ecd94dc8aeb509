"""The uploads that an invocation has begun and not completed. How a store takes one is the store's."""

from __future__ import annotations

from gojinn.capabilities.blob.store import BlobError, Stored, Upload
from gojinn.capabilities.capability import OperationError


class Sized:
    """An upload that may not get larger than `largest` bytes."""

    def __init__(self, upload: Upload, largest: int) -> None:
        self.upload = upload
        self.largest = largest
        self.size = 0

    async def write(self, data: bytes) -> None:
        """Adds to it. Raises BlobError."""
        if self.size + len(data) > self.largest:
            message = f"the object would get larger than 'blob_max_size', {self.largest} bytes"
            raise BlobError("too-large", message)
        await self.upload.write(data)
        self.size += len(data)

    async def finish(self) -> Stored:
        """Makes it the object. Raises BlobError."""
        return await self.upload.finish()

    async def abort(self) -> None:
        """Forgets it; what is left of it is the store's to remove."""
        await self.upload.abort()


class Uploads:
    """Those of one invocation, by number."""

    def __init__(self) -> None:
        self.open: dict[int, Sized] = {}
        self.begun = 0

    def begin(self, upload: Upload, largest: int) -> int:
        """Takes one in; returns its number."""
        self.begun += 1
        self.open[self.begun] = Sized(upload, largest)
        return self.begun

    def find(self, number: int) -> Sized:
        """Finds one. Raises OperationError."""
        found = self.open.get(number)
        if found is None:
            raise OperationError("not-found", f"this invocation has no upload {number}")
        return found

    async def abort(self) -> None:
        """Forgets all, as the invocation ends."""
        while self.open:
            await self.open.popitem()[1].abort()
