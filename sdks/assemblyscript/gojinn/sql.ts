// SQL: the database that the function's block names with db_driver.
//
// Parameters and values of rows are Json; bytes are objects, see blob and bytes.

import { Failure, Result, call, tell, textOf } from "./host";
import { Json, Kind } from "./json";

/** What a statement found and changed. */
export class Rows {
  columns: string[] = [];
  rows: Json[][] = [];
  /** How many rows it changed. */
  changes: f64;

  constructor(answer: Json) {
    const columns = answer.getItems("columns"), rows = answer.getItems("rows");
    for (let at = 0; at < columns.length; at++) this.columns.push(textOf(columns[at], "name"));
    for (let at = 0; at < rows.length; at++) this.rows.push(rows[at].items);
    this.changes = answer.getNumber("changes");
  }
}

/** Bytes as a parameter. */
export function blob(bytes: Uint8Array): Json {
  return Json.object().set("$blob", Json.base64(bytes));
}

/** The bytes of a value that holds bytes or text. */
export function bytes(value: Json): Uint8Array {
  const encoded = value.get("$blob");
  if (encoded != null) return encoded.fromBase64();
  return value.kind == Kind.Text ? value.utf8() : new Uint8Array(0);
}

/** SQL with its parameters, for batch. */
export function statement(sql: string, params: Json[] = []): Json {
  const list = Json.array();
  list.items = params;
  return Json.object().set("sql", Json.text(sql)).set("params", list);
}

/** Runs a statement and returns its rows. */
export function query(sql: string, params: Json[] = []): Result<Rows> {
  const answer = call("sql.query", statement(sql, params));
  return new Result<Rows>(new Rows(answer.value), answer.error);
}

/** Runs a statement whose rows are not wanted; the value is how many rows it changed. */
export function exec(sql: string, params: Json[] = []): Result<f64> {
  const answer = call("sql.exec", statement(sql, params));
  return new Result<f64>(answer.value.getNumber("changes"), answer.error);
}

/** Runs statements in one transaction, all or none. */
export function batch(statements: Json[]): Result<Rows[]> {
  const list = Json.array(), results: Rows[] = [];
  list.items = statements;
  const answer = call("sql.batch", Json.object().set("statements", list));
  const items = answer.value.getItems("results");
  for (let at = 0; at < items.length; at++) results.push(new Rows(items[at]));
  return new Result<Rows[]>(results, answer.error);
}

/** Begins a transaction: every statement of the invocation is part of it until it ends. */
export function begin(): Failure | null {
  return tell("sql.begin", Json.object());
}

/** Ends the transaction for good. */
export function commit(): Failure | null {
  return tell("sql.commit", Json.object());
}

/** Undoes the transaction. */
export function rollback(): Failure | null {
  return tell("sql.rollback", Json.object());
}
