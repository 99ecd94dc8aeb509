//! SQL: the database that the function's block names with `db_driver`.

use crate::base64;
use crate::host::call;
use crate::json::{self, Value};
use crate::Result;

/// What comes and goes as a parameter or in a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Bool(bool),
    Integer(i64),
    Real(f64),
    /// Text; also dates and decimal numbers that come out.
    Text(String),
    Bytes(Vec<u8>),
}

const SAFE: i64 = (1 << 53) - 1;

impl Cell {
    fn write(&self) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Bool(value) => (*value).into(),
            Cell::Integer(number) if number.unsigned_abs() > SAFE as u64 => {
                json::object([("$integer", number.to_string().into())])
            }
            Cell::Integer(number) => (*number as f64).into(),
            Cell::Real(number) => (*number).into(),
            Cell::Text(text) => text.as_str().into(),
            Cell::Bytes(bytes) => json::object([("$blob", base64::encode(bytes).into())]),
        }
    }

    /// Reads a value as it stands in JSON.
    pub fn read(value: &Value) -> Cell {
        match value {
            Value::Null | Value::Array(_) => Cell::Null,
            Value::Bool(value) => Cell::Bool(*value),
            Value::Number(number) if number.fract() == 0.0 && number.abs() <= SAFE as f64 => {
                Cell::Integer(*number as i64)
            }
            Value::Number(number) => Cell::Real(*number),
            Value::Text(text) => Cell::Text(text.clone()),
            Value::Object(members) => members.first().map_or(Cell::Null, |(tag, value)| untag(tag, value)),
        }
    }
}

fn untag(tag: &str, value: &Value) -> Cell {
    let text = value.as_text().unwrap_or_default();
    match tag {
        "$blob" => Cell::Bytes(base64::decode(text).unwrap_or_default()),
        "$integer" => text.parse().map_or(Cell::Text(text.to_string()), Cell::Integer),
        "$real" => text.parse().map_or(Cell::Text(text.to_string()), Cell::Real),
        _ => Cell::Text(text.to_string()),
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_string())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell::Integer(number)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Cell::Real(number)
    }
}

impl From<&[u8]> for Cell {
    fn from(bytes: &[u8]) -> Self {
        Cell::Bytes(bytes.to_vec())
    }
}

/// SQL with its parameters.
#[derive(Clone, Debug)]
pub struct Statement(Vec<(String, Value)>);

/// Makes a statement.
pub fn statement(sql: &str, params: &[Cell]) -> Statement {
    let params = Value::Array(params.iter().map(Cell::write).collect());
    Statement(vec![("sql".to_string(), sql.into()), ("params".to_string(), params)])
}

/// What a statement found and changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// How many rows it changed.
    pub changes: u64,
}

fn read(answer: &Value) -> Rows {
    let names = answer.items("columns").iter().filter_map(|column| column.text("name"));
    let cells = |row: &Value| if let Value::Array(row) = row { row.iter().map(Cell::read).collect() } else { vec![] };
    Rows {
        columns: names.map(str::to_string).collect(),
        rows: answer.items("rows").iter().map(cells).collect(),
        changes: answer.number("changes").unwrap_or_default() as u64,
    }
}

/// Runs a statement and returns its rows.
pub fn query(sql: &str, params: &[Cell]) -> Result<Rows> {
    call("sql.query", &Value::Object(statement(sql, params).0)).map(|answer| read(&answer))
}

/// Runs a statement whose rows are not wanted, and returns how many rows it changed.
pub fn exec(sql: &str, params: &[Cell]) -> Result<u64> {
    let answer = call("sql.exec", &Value::Object(statement(sql, params).0))?;
    Ok(answer.number("changes").unwrap_or_default() as u64)
}

/// Runs statements in one transaction, all or none.
pub fn batch(statements: Vec<Statement>) -> Result<Vec<Rows>> {
    let statements = Value::Array(statements.into_iter().map(|each| Value::Object(each.0)).collect());
    let answer = call("sql.batch", &json::object([("statements", statements)]))?;
    Ok(answer.items("results").iter().map(read).collect())
}

/// Runs work in a transaction: every statement of the invocation is part of it until it ends. It is committed when
/// the work succeeds, else undone.
pub fn transaction<T, E: From<crate::Error>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let nothing = json::object([]);
    call("sql.begin", &nothing)?;
    match work() {
        Ok(done) => {
            call("sql.commit", &nothing)?;
            Ok(done)
        }
        Err(error) => {
            call("sql.rollback", &nothing)?;
            Err(error)
        }
    }
}
