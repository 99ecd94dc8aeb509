"""A function's options for objects. What is stored where is `service`'s."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from gojinn.config.fields import flag, option
from gojinn.config.units import BadValue, Secret, parse_size

BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}|.*\{env\.[^{}]+\}.*")
"""A bucket's name; S3's own are narrower, those of other stores and of old accounts are not."""
REGION = re.compile(r"[A-Za-z0-9-]{1,64}|.*\{env\.[^{}]+\}.*")

LARGEST_PUT = 64 << 30
"""Bytes; S3 takes at most 10,000 parts."""


def parse_bucket(text: str) -> str:
    """Reads a bucket's name."""
    if not BUCKET.fullmatch(text):
        raise BadValue(text, "a bucket's name such as 'my-bucket'")
    return text


def parse_region(text: str) -> str:
    """Reads a region's name."""
    if not REGION.fullmatch(text):
        raise BadValue(text, "a region such as 'eu-central-1'")
    return text


def parse_endpoint(text: str) -> str:
    """Reads the address of an S3 service; returns it without a slash at its end."""
    if "{env." in text:
        return text
    if not is_endpoint(text):
        raise BadValue(text, "an address such as 'https://minio.example.com:9000'")
    return text.rstrip("/")


def is_endpoint(text: str) -> bool:
    """Whether a text is an address without path, query or login."""
    try:
        split = urlsplit(text)
        sound = split.port is None or split.port > 0
    except ValueError:
        return False
    plain = split.path in ("", "/") and not split.query and not split.fragment and split.username is None
    return sound and plain and split.scheme in ("http", "https") and bool(split.hostname)


def parse_largest(text: str) -> int:
    """Reads how large an object may be; returns bytes."""
    size = parse_size(text)
    if not 1 <= size <= LARGEST_PUT:
        raise BadValue(text, "a size from '1B' to '64GiB'")
    return size


@dataclass(frozen=True, slots=True)
class BlobConfig:
    """The options of one function."""

    s3_bucket: str = option(parse_bucket, "<name>", default="")
    """Bucket that the function's objects are in. Without one they are in the data directory."""
    s3_region: str = option(parse_region, "<name>", default="us-east-1")
    """Region of the bucket; stores that have none take any."""
    s3_access_key: Secret = option(Secret, "<key>", default=Secret(""))
    """Access key. Without one the keys of the environment or of the machine are used, as AWS's tools do."""
    s3_secret_key: Secret = option(Secret, "<key>", default=Secret(""))
    """Secret key."""
    s3_endpoint: str = option(parse_endpoint, "<url>", default="")
    """Address of the service where it is not Amazon's, such as `http://localhost:9000`."""
    s3_shared: bool = flag()
    """Whether keys name objects of the bucket as they are: for buckets that others fill. Without it every
    tenant has a folder of its own, `<tenant>/<key>`."""
    blob_max_size: int = option(parse_largest, "<size>", unit="bytes", default=1 << 30)
    """How large an object may be that the function writes."""

    def fault(self) -> str | None:
        """What is wrong with these options together, once the environment is filled in."""
        if not self.s3_bucket:
            given = self.s3_endpoint or self.s3_access_key or self.s3_secret_key or self.s3_shared
            return "has options of S3 but no 's3_bucket', or an empty one" if given else None
        if bool(self.s3_access_key) != bool(self.s3_secret_key):
            lacking = "s3_secret_key" if self.s3_access_key else "s3_access_key"
            return f"has one of the keys of S3, but no '{lacking}', or an empty one"
        if self.s3_endpoint and not is_endpoint(self.s3_endpoint):
            return "has an 's3_endpoint' that is no address such as 'https://minio.example.com:9000'"
        return None
