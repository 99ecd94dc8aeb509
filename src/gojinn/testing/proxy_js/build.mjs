// node build.mjs OUT: builds app.js for wasi:http. componentize-js has its interfaces as 0.2.10, which differs from
// jco's 0.2.12 in the number only as far as this goes.
import { componentize } from "@bytecodealliance/componentize-js";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";

const WIT = "node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12";
for (const name of await readdir(WIT, { recursive: true })) {
  const target = `wit/deps/${name}`;
  if (!name.endsWith(".wit")) await mkdir(target, { recursive: true });
  else await writeFile(target, (await readFile(`${WIT}/${name}`, "utf8")).replaceAll("0.2.12", "0.2.10"));
}
await writeFile("wit/app.wit", "package test:proxy; world proxy { include wasi:http/proxy@0.2.10; }");
const options = { witPath: "wit", worldName: "proxy", enableFeatures: ["http"] };
const { component } = await componentize(await readFile("app.js", "utf8"), options);
await writeFile(process.argv[2], component);
