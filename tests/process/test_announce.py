from gojinn.process.announce import MOST_URLS, Ready, plain, summary


def shown(*urls: str, admin: str | None = None, workers: int = 1) -> str:
    return plain(summary(Ready(urls, admin, workers, 0.251)))


def test_a_summary_names_every_url_and_the_admin_address() -> None:
    text = shown("http://localhost:1", "http://localhost:2", admin="http://127.0.0.1:3", workers=2)
    assert all(
        part in text for part in ("http://localhost:1", "http://localhost:2", "admin http://127.0.0.1:3")
    )
    assert "2 workers, ready in 0.25 s" in text


def test_one_worker_is_no_plural() -> None:
    assert "1 worker," in shown("http://localhost:1")


def test_without_an_admin_listener_none_is_named() -> None:
    assert "admin" not in shown("http://localhost:1")


def test_thousands_of_urls_are_counted_instead() -> None:
    text = shown(*(f"http://localhost:{port}" for port in range(1000)))
    assert f"and {1000 - MOST_URLS} more" in text
    assert text.count("http://") == MOST_URLS


def test_colours_can_be_taken_away() -> None:
    assert "\033" in summary(Ready((), None, 1, 0.1))
    assert "\033" not in shown("http://localhost:1")
