"""The listing of a folder as a page. What is on it and in which order is `listing`'s business."""

from __future__ import annotations

from datetime import UTC, datetime

from gojinn.edge.files.listing import Listing
from gojinn.edge.markup import escape_html

COLUMNS = (("Name", "namedirfirst"), ("Size", "size"), ("Modified", "time"))
"""Titles with what a click on them sorts by."""
UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font-family: system-ui, sans-serif; }}
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ width: 100%; border-collapse: collapse; }}
th, td {{ padding: .35rem .5rem; text-align: left; border-bottom: 1px solid #8884; }}
td + td, th + th {{ white-space: nowrap; text-align: right; font-variant-numeric: tabular-nums; }}
</style>
</head>
<body>
<h1>{path}</h1>
<p>{folders} {folder_word}, {files} {file_word}</p>
<table>
<thead><tr>{headings}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def to_html(listing: Listing) -> bytes:
    """Writes a listing as a page."""
    folders = sum(item.is_folder for item in listing.items)
    files = len(listing.items) - folders
    rows = [row("../", "..", "", "")] if len(listing.path) > 1 else []
    rows += [
        row(
            item.url, item.name, "" if item.is_folder else human_size(item.size), shown_time(item.modified_ns)
        )
        for item in listing.items
    ]
    page = PAGE.format(
        title=escape_html(listing.path.rstrip("/").rpartition("/")[2] or "/"),
        path=escape_html(listing.path),
        folders=folders,
        folder_word="folder" if folders == 1 else "folders",
        files=files,
        file_word="file" if files == 1 else "files",
        headings="".join(heading(listing, *column) for column in COLUMNS),
        rows="\n".join(rows),
    )
    return page.encode("utf-8", "replace")


def heading(listing: Listing, title: str, sort: str) -> str:
    """Writes a column's heading, a link that sorts by it or turns the order around."""
    order = "desc" if (listing.sort, listing.order) == (sort, "asc") else "asc"
    return f'<th><a href="?sort={sort}&amp;order={order}">{title}</a></th>'


def row(url: str, name: str, size: str, modified: str) -> str:
    """Writes one row."""
    link = f'<a href="{escape_html(url)}">{escape_html(name)}</a>'
    return f"<tr><td>{link}</td><td>{size}</td><td>{modified}</td></tr>"


def shown_time(nanoseconds: int) -> str:
    """Writes a time for people."""
    return f"{datetime.fromtimestamp(nanoseconds // 10**9, UTC):%Y-%m-%d %H:%M:%S} UTC"


def human_size(size: int) -> str:
    """Writes a size for people."""
    amount, unit = float(size), 0
    while amount >= 1024 and unit < len(UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{size} B" if unit == 0 else f"{amount:.1f} {UNITS[unit]}"
