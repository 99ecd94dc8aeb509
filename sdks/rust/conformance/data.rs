//! The paths for SQL, objects and queues.

use std::time::Duration;

use gojinn::sql::Cell;
use gojinn::{blob, queue, sql, Error, Request, Response, Result, Value};

use crate::{answer, done, text, Answer, Failure};

const BINARY: &str = "application/octet-stream";

pub(crate) fn route(path: &str, request: &Request) -> Answer {
    let given = || request.json();
    let query = |name| request.query(name).unwrap_or_default();
    match path {
        "/sql/exec" => {
            let given = given()?;
            answer([("changes", (sql::exec(text(&given, "sql"), &params(&given))? as f64).into())])
        }
        "/sql/query" => select(&given()?),
        "/sql/batch" => batch(&given()?),
        "/sql/transaction" => transaction(&given()?),
        "/sql/bytes" => bytes(request),
        "/blob/put" => {
            let content_type = request.header("content-type").unwrap_or_default();
            stored(blob::put(&query("key"), content_type, &request.body))
        }
        "/blob/create" => stored(blob::create(&query("key"), "", &request.body)),
        "/blob/get" => {
            let object = blob::get(&query("key"))?;
            Ok(Response::bytes(200, &object.content_type, object.body))
        }
        "/blob/head" => {
            let object = blob::head(&query("key"))?;
            answer([("size", (object.size as f64).into()), ("content_type", object.content_type.into())])
        }
        "/blob/list" => {
            let (objects, _) = blob::list(&query("prefix"), "")?;
            let keys: Vec<String> = objects.into_iter().map(|object| object.key).collect();
            answer([("keys", keys.into())])
        }
        "/blob/copy" => done(blob::copy(&query("key"), &query("target"))),
        "/blob/delete" => done(blob::delete(&query("key"))),
        "/queue/publish" => publish(&given()?),
        "/queue/cycle" => cycle(&given()?),
        _ => Ok(Response::text(404, "no such path")),
    }
}

fn params(given: &Value) -> Vec<Cell> {
    given.items("params").iter().map(Cell::read).collect()
}

fn shown(cell: Cell) -> Value {
    match cell {
        Cell::Null | Cell::Bytes(_) => Value::Null,
        Cell::Bool(value) => value.into(),
        Cell::Integer(number) => (number as f64).into(),
        Cell::Real(number) => number.into(),
        Cell::Text(text) => text.into(),
    }
}

fn select(given: &Value) -> Answer {
    let found = sql::query(text(given, "sql"), &params(given))?;
    let row = |row: Vec<Cell>| Value::Array(row.into_iter().map(shown).collect());
    let rows = Value::Array(found.rows.into_iter().map(row).collect());
    answer([("columns", found.columns.into()), ("rows", rows)])
}

fn batch(given: &Value) -> Answer {
    let statement = |each: &Value| sql::statement(text(each, "sql"), &params(each));
    let results = sql::batch(given.items("statements").iter().map(statement).collect())?;
    let changes: Vec<f64> = results.iter().map(|result| result.changes as f64).collect();
    answer([("changes", changes.into())])
}

fn transaction(given: &Value) -> Answer {
    let undone = "undone";
    let worked = sql::transaction(|| {
        sql::exec(text(given, "sql"), &params(given))?;
        match given.bool("commit") {
            Some(true) => Ok(()),
            _ => Err(Error::new(undone, "")),
        }
    });
    match worked {
        Err(error) if error.is(undone) => answer([]),
        worked => done(worked),
    }
}

fn bytes(request: &Request) -> Answer {
    let found = sql::query("select ? as bytes", &[request.body.as_slice().into()])?;
    match found.rows.into_iter().flatten().next() {
        Some(Cell::Bytes(bytes)) => Ok(Response::bytes(200, BINARY, bytes)),
        other => Err(Failure::Own(format!("no bytes but {other:?}"))),
    }
}

fn stored(etag: Result<String>) -> Answer {
    answer([("etag", etag?.into())])
}

fn publish(given: &Value) -> Answer {
    let delay = Duration::from_secs_f64(given.number("delay").unwrap_or_default());
    let options = queue::Options { key: given.text("key"), delay, priority: None };
    let published = queue::publish(text(given, "queue"), text(given, "body").as_bytes(), &options)?;
    answer([("job", published.job.into()), ("duplicate", published.duplicate.into())])
}

fn cycle(given: &Value) -> Answer {
    let options = queue::Options { delay: Duration::from_secs(3600), ..queue::Options::default() };
    let job = queue::publish(text(given, "queue"), b"a job", &options)?.job;
    let (before, after) = (queue::status(&job)?, queue::cancel(&job)?);
    answer([("before", before.state.into()), ("after", after.state.into())])
}
