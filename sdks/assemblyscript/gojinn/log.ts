// The function's log. What is printed to standard error goes there too.

import { Failure, tell } from "./host";
import { Json } from "./json";

// @ts-ignore: decorator
@external("gojinn", "host_log")
declare function host_log(level: u32, text: usize, length: u32): void;

function write(level: u32, message: string): void {
  const text = String.UTF8.encode(message);
  host_log(level, changetype<usize>(text), text.byteLength);
}

/** Writes what only matters while looking for a mistake. */
export function debug(message: string): void {
  write(0, message);
}

/** Writes what happened as it should. */
export function info(message: string): void {
  write(1, message);
}

/** Writes what should not have happened and did no harm. */
export function warn(message: string): void {
  write(2, message);
}

/** Writes what went wrong. */
export function error(message: string): void {
  write(3, message);
}

/** Writes with fields, an object; the level is debug, info, warn or error. */
export function fields(level: string, message: string, fields: Json): Failure | null {
  const entry = Json.object().set("level", Json.text(level)).set("message", Json.text(message));
  return tell("log.write", entry.set("fields", fields));
}
