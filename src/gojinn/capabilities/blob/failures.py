"""What a bucket's failures mean to a guest, in words of ours: the client's hold addresses and answers."""

from __future__ import annotations

import re
from typing import Any

from obstore import exceptions

from gojinn.capabilities.blob.store import BlobError

LONGEST_DETAIL = 400
"""Characters of what the client says that are logged."""
CODE = re.compile(r"<Code>(\w+)</Code>")
NO_RANGE = "non-partial response"
STATUS = re.compile(r"status code: (\d{3})")

REFUSED = "the object store refused its keys: look at 's3_access_key' and 's3_secret_key'"
ANSWERS: dict[str, tuple[str, str]] = {
    "NoSuchBucket": ("unavailable", "the bucket '{bucket}' does not exist: look at 's3_bucket'"),
    "NoSuchKey": ("not-found", "there is no such object"),
    "NoSuchVersion": ("not-found", "there is no such version of the object"),
    "InvalidRange": ("bad-range", "the object has no such range"),
    "InvalidAccessKeyId": ("store-refused", REFUSED),
    "SignatureDoesNotMatch": ("store-refused", REFUSED),
    "PermanentRedirect": ("unavailable", "the bucket is elsewhere: look at 's3_region' and 's3_endpoint'"),
    "AuthorizationHeaderMalformed": ("unavailable", "the bucket is in another region: look at 's3_region'"),
    "EntityTooLarge": ("too-large", "the object is larger than the store takes"),
    "NotImplemented": ("unsupported", "the object store does not do this"),
}
"""By what S3 calls its errors."""
KINDS: dict[Any, tuple[str, str]] = {
    exceptions.AlreadyExistsError: ("exists", "there is an object already"),
    exceptions.PreconditionError: ("conflict", "the object is not the one that was expected"),
    exceptions.PermissionDeniedError: ("store-refused", "the object store refused this: look at its rights"),
    exceptions.UnauthenticatedError: ("store-refused", REFUSED),
    exceptions.NotSupportedError: ("unsupported", "the object store does not do this"),
    FileNotFoundError: ("not-found", "there is no such object"),
}
"""By the client's kind of error."""


def failure(error: BaseException, bucket: str) -> BlobError:
    """Makes the error to raise for one of the client's."""
    text = str(error)
    code, message = meaning(error, text)
    detail = " ".join(text.partition("Debug source:")[0].split())[:LONGEST_DETAIL]
    return BlobError(code, message.format(bucket=bucket), detail)


def meaning(error: BaseException, text: str) -> tuple[str, str]:
    """Says what happened."""
    for name in CODE.findall(text):
        if name in ANSWERS:
            return ANSWERS[name]
    for kind, answer in KINDS.items():
        if isinstance(error, kind):
            return answer
    if NO_RANGE in text:
        return "no-ranges", "the object store does not do ranges"
    status = STATUS.search(text)
    if status is None:
        return "unavailable", "the object store does not answer: look at 's3_endpoint' and the network"
    if status[1] == "416":
        return ANSWERS["InvalidRange"]
    if status[1].startswith("3"):
        return ANSWERS["PermanentRedirect"]
    return "unavailable", f"the object store answered {status[1]}"
