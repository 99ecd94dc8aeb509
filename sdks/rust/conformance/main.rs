//! The conformance function of the Rust SDK: does what ../../conformance/README.md says.

mod data;

use std::time::Duration;

use gojinn::json::object;
use gojinn::{ai, http, kv, lock, log, Error, Request, Response, Result, Value};

/// What can go wrong here: an operation of the host, or the function itself.
enum Failure {
    Host(Error),
    Own(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Host(error)
    }
}

type Answer = Result<Response, Failure>;

fn main() {
    gojinn::serve(|request| match route(request) {
        Err(Failure::Host(error)) => {
            let told = object([("error", error.code.into()), ("message", error.message.into())]);
            Ok(Response::json(400, &told))
        }
        Err(Failure::Own(text)) => Err(text),
        Ok(response) => Ok(response),
    })
}

fn route(request: &Request) -> Answer {
    let path = request.path();
    if let Some(status) = path.strip_prefix("/status/") {
        return Ok(Response::empty(status.parse().unwrap_or(400)));
    }
    let given = || request.json();
    match path.as_str() {
        "/echo" => {
            let content_type = request.header("content-type").unwrap_or_default();
            Ok(Response::bytes(200, content_type, request.body.clone()))
        }
        "/request" => describe(request),
        "/headers" => Ok(Response::text(200, "ok").with_header("Set-Cookie", "a=1").with_header("Set-Cookie", "b=2")),
        "/json" => compute(&given()?),
        "/fail" => Err(Failure::Own("a detail that stays in the log".to_string())),
        "/env" => answer([("value", std::env::var("GREETING").ok().into())]),
        "/log" => write(&given()?),
        "/kv/get" => get(&given()?),
        "/kv/put" => put(&given()?),
        "/kv/create" => revised(kv::create(text(&given()?, "key"), text(&given()?, "value").as_bytes())),
        "/kv/cas" => cas(&given()?),
        "/kv/delete" => done(kv::delete(text(&given()?, "key"))),
        "/kv/list" => list(&given()?),
        "/kv/commit" => commit(&given()?),
        "/kv/bytes" => bytes(request),
        "/lock/cycle" => cycle(&given()?),
        "/http/fetch" => fetch(&given()?),
        "/http/relay" => relay(request),
        "/ai/chat" => answer([("answer", ai::chat(&[("user", text(&given()?, "prompt"))])?.into())]),
        path => data::route(path, request),
    }
}

fn text<'a>(given: &'a Value, name: &str) -> &'a str {
    given.text(name).unwrap_or_default()
}

fn answer<const N: usize>(members: [(&str, Value); N]) -> Answer {
    Ok(Response::json(200, &object(members)))
}

fn done(result: Result<()>) -> Answer {
    result?;
    answer([])
}

fn revised(revision: Result<u64>) -> Answer {
    answer([("revision", (revision? as f64).into())])
}

fn describe(request: &Request) -> Answer {
    answer([
        ("method", request.method.as_str().into()),
        ("path", request.path().into()),
        ("query", request.query("q").unwrap_or_default().into()),
        ("header", request.headers("x-many").to_vec().into()),
        ("trigger", request.trigger.as_str().into()),
        ("tenant", request.tenant.as_str().into()),
        ("attempt", request.attempt.into()),
    ])
}

fn compute(given: &Value) -> Answer {
    answer([
        ("text", text(given, "text").into()),
        ("number", (given.number("number").unwrap_or_default() + 1.0).into()),
        ("count", (given.items("list").len() as u32).into()),
    ])
}

fn write(given: &Value) -> Answer {
    let (level, message) = (text(given, "level"), text(given, "message"));
    match (given.get("fields"), level) {
        (Some(fields), _) => log::with(level, message, fields.clone())?,
        (None, "debug") => log::debug(message),
        (None, "info") => log::info(message),
        (None, "warn") => log::warn(message),
        (None, _) => log::error(message),
    }
    Ok(Response::empty(204))
}

fn get(given: &Value) -> Answer {
    match kv::get(text(given, "key"))? {
        None => answer([("value", Value::Null)]),
        Some(entry) => {
            let value = String::from_utf8_lossy(&entry.value).into_owned();
            answer([("value", value.into()), ("revision", (entry.revision as f64).into())])
        }
    }
}

fn put(given: &Value) -> Answer {
    let (key, value) = (text(given, "key"), text(given, "value").as_bytes());
    match given.number("ttl") {
        None => revised(kv::put(key, value)),
        Some(seconds) if seconds >= 0.0 => revised(kv::put_for(key, value, Duration::from_secs_f64(seconds))),
        // A Duration cannot be negative, so this SDK cannot be misused that way: ask for what is as wrong.
        Some(_) => revised(kv::put_for(key, value, Duration::ZERO)),
    }
}

fn cas(given: &Value) -> Answer {
    let revision = given.number("revision").unwrap_or_default() as u64;
    revised(kv::cas(text(given, "key"), text(given, "value").as_bytes(), revision))
}

fn list(given: &Value) -> Answer {
    let limit = given.number("limit").unwrap_or(100.0) as u32;
    let page = kv::list(text(given, "prefix"), None, limit)?;
    answer([("keys", page.keys.into()), ("more", page.next.is_some().into())])
}

fn commit(given: &Value) -> Answer {
    let change = |each: &Value| {
        let made = match each.bool("delete") {
            Some(true) => kv::Change::delete(text(each, "key")),
            _ => kv::Change::set(text(each, "key"), text(each, "value").as_bytes()),
        };
        match each.number("revision") {
            Some(revision) => made.when(revision as u64),
            None => made,
        }
    };
    let revisions = kv::commit(given.items("changes").iter().map(change).collect())?;
    answer([("revisions", (revisions.len() as u32).into())])
}

fn bytes(request: &Request) -> Answer {
    let key = request.query("key").unwrap_or_default();
    if request.method == "PUT" {
        return revised(kv::put(&key, &request.body));
    }
    let entry = kv::get(&key)?.ok_or_else(|| Error::new("not-found", "there is no such key"))?;
    Ok(Response::bytes(200, "application/octet-stream", entry.value))
}

fn cycle(given: &Value) -> Answer {
    let (name, ttl) = (text(given, "name"), Duration::from_secs(30));
    let mut taken = lock::acquire(name, ttl, Duration::ZERO)?;
    let second = lock::acquire(name, ttl, Duration::ZERO).err().map(|error| error.code);
    taken.renew(Duration::from_secs(60))?;
    taken.release()?;
    let again = taken.release().err().map(|error| error.code);
    answer([("second", second.into()), ("ttl", taken.ttl.as_secs_f64().into()), ("again", again.into())])
}

fn fetch(given: &Value) -> Answer {
    let mut asked = http::Request::new("GET", text(given, "url"));
    if given.text("redirect") == Some("manual") {
        asked = asked.with_redirect(http::Redirect::Manual);
    }
    if let Some(seconds) = given.number("timeout") {
        asked = asked.with_timeout(Duration::from_secs_f64(seconds));
    }
    let fetched = asked.send()?;
    answer([
        ("status", u32::from(fetched.status).into()),
        ("cookies", fetched.headers("set-cookie").to_vec().into()),
        ("body", fetched.text().into()),
        ("url", fetched.url.into()),
    ])
}

fn relay(request: &Request) -> Answer {
    let (url, kind) = (request.query("url").unwrap_or_default(), request.header("Content-Type").unwrap_or_default());
    let fetched = http::post(&url, kind, request.body.clone())?;
    let kind = fetched.header("content-type").unwrap_or_default().to_string();
    Ok(Response::bytes(200, &kind, fetched.body))
}
