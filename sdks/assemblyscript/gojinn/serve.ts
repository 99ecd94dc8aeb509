// One invocation: the request from standard input, the response to standard output. And the environment.

import { Buffer } from "./buffer";
import { error } from "./log";
import { parse } from "./parse";
import { Request } from "./request";
import { Response } from "./response";

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: i32, vectors: usize, count: i32, got: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, vectors: usize, count: i32, wrote: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_sizes_get")
declare function environ_sizes_get(count: usize, size: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_get")
declare function environ_get(pointers: usize, texts: usize): i32;

const scratch = memory.data(16);

/** Reads the request of this invocation, has the handler answer it and writes the response. */
export function serve(handler: (request: Request) => Response): void {
  const envelope = parse(readAll());
  if (envelope == null) return stop("what is on standard input is no request");
  const response = handler(new Request(envelope));
  const failure = response.failure;
  if (failure != null) error(failure);
  const out = response.write();
  if (!writeAll(1, out.start, out.size)) stop("the response cannot be written");
}

function readAll(): Uint8Array {
  const text = new Buffer(16384);
  while (true) {
    store<usize>(scratch, text.reserve(max(text.size, 8192)));
    store<usize>(scratch, max(text.size, 8192), 4);
    if (fd_read(0, scratch, 1, scratch + 8) != 0 || load<usize>(scratch, 8) == 0) return text.taken();
    text.size += load<usize>(scratch, 8);
  }
}

function writeAll(to: i32, from: usize, size: usize): bool {
  while (size > 0) {
    store<usize>(scratch, from);
    store<usize>(scratch, size, 4);
    if (fd_write(to, scratch, 1, scratch + 8) != 0) return false;
    const wrote = load<usize>(scratch, 8);
    from += wrote;
    size -= wrote;
  }
  return true;
}

function stop(message: string): void {
  error(message);
  proc_exit(1);
}

/** An environment variable of the function's block; null without it. */
export function env(name: string): string | null {
  environ_sizes_get(scratch, scratch + 4);
  const count = load<i32>(scratch), pointers = heap.alloc(<usize>count * 4 + 4);
  environ_get(pointers, heap.alloc(load<usize>(scratch, 4) + 1));
  for (let at = 0; at < count; at++) {
    const start = load<usize>(pointers + (<usize>at << 2));
    let end = start;
    while (load<u8>(end) != 0) end++;
    const entry = String.UTF8.decodeUnsafe(start, end - start);
    if (entry.startsWith(name + "=")) return entry.substring(name.length + 1);
  }
  return null;
}
