//! {{name}}: runs by the clock and counts how often, and tells that to who asks.

use gojinn::json::object;
use gojinn::{kv, log, Request, Response, Result};

fn handle(request: &Request) -> Result<Response> {
    let entry = kv::get("ticks")?;
    let text = entry.as_ref().and_then(|entry| std::str::from_utf8(&entry.value).ok());
    let mut ticks: u32 = text.and_then(|text| text.parse().ok()).unwrap_or_default();
    if request.trigger == "cron" {
        ticks += 1;
        // Refused when another run was quicker: this one is then tried again.
        let revision = entry.map_or(0, |entry| entry.revision);
        kv::cas("ticks", ticks.to_string().as_bytes(), revision)?;
        log::with("info", "tick", object([("ticks", ticks.into())]))?;
    }
    Ok(Response::json(200, &object([("ticks", ticks.into())])))
}

fn main() {
    gojinn::serve(handle)
}
