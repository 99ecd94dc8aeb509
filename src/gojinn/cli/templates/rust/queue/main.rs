//! {{name}}: takes messages and sends them in the background.
//!
//! - `POST /` with `{"to": "ada"}` is answered once the job is on disk
//! - `GET /?to=ada` tells whether it was sent

use gojinn::json::object;
use gojinn::{kv, log, queue, Error, Request, Response, Result};

fn handle(request: &Request) -> Result<Response> {
    if request.trigger == "queue" {
        return work(request);
    }
    if request.method == "POST" {
        let published = queue::publish("{{name}}", &request.body, &queue::Options::default())?;
        return Ok(Response::json(202, &object([("job", published.job.into())])));
    }
    let to = request.query("to").unwrap_or_default();
    let sent = kv::get(&format!("sent/{to}"))?.is_some();
    Ok(Response::json(200, &object([("sent", sent.into())])))
}

/// Does a job. One that fails is tried again, then kept as a dead letter.
fn work(job: &Request) -> Result<Response> {
    let message = job.json()?;
    let to = message.text("to").ok_or_else(|| Error::new("bad-request", "the job does not say whom to send to"))?;
    log::with("info", "sending", object([("to", to.into()), ("attempt", job.attempt.into())]))?;
    kv::put(&format!("sent/{to}"), b"yes")?;
    Ok(Response::empty(204))
}

fn main() {
    gojinn::serve(handle)
}
