// What programs find without importing it: instead of functions of a JavaScript host, as AssemblyScript has them.

import { Date as StandardDate } from "date";
import { debug as logDebug, error as logError, info as logInfo, warn as logWarn } from "gojinn/log";

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "clock_time_get")
declare function clock_time_get(clock: i32, precision: u64, time: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "random_get")
declare function random_get(to: usize, size: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;

const number = memory.data(8);

/** What a failed check and `throw` end in: the place is logged, the function ends, and the log tells who called. */
export function gojinn_aborted(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message ? message : "failed", where = file ? file : "?";
  logError(what + " in " + where + ":" + line.toString());
  unreachable();
}

/** What generators of random numbers begin with. */
export function gojinn_seed(): f64 {
  random_get(number, 8);
  return reinterpret<f64>(load<u64>(number));
}

export class gojinn_Date extends StandardDate {
  static now(): i64 {
    clock_time_get(0, 0, number);
    return <i64>(load<u64>(number) / 1_000_000);
  }
}

/** Writes to the function's log. */
export namespace gojinn_console {
  export function assert<T>(condition: T, message: string = ""): void {
    if (!condition) logError("assertion failed: " + message);
  }
  export function log(message: string = ""): void {
    logInfo(message);
  }
  export function debug(message: string = ""): void {
    logDebug(message);
  }
  export function info(message: string = ""): void {
    logInfo(message);
  }
  export function warn(message: string = ""): void {
    logWarn(message);
  }
  export function error(message: string = ""): void {
    logError(message);
  }
}

export namespace gojinn_process {
  export function exit(code: i32 = 0): void {
    proc_exit(code);
  }
}
