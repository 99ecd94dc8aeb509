// node build.mjs MODULE OUT: makes a component of a module for WASI preview 1, with the adapter that jco has.
import { componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";
import { readFile, writeFile } from "node:fs/promises";

const adapter = await readFile("package/lib/wasi_snapshot_preview1.command.wasm");
const adapters = [["wasi_snapshot_preview1", adapter]];
await writeFile(process.argv[3], await componentNew(await readFile(process.argv[2]), adapters));
