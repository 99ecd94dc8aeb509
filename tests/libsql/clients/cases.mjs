// Runs cases one after the other and writes what came of each as JSON: {"name": null or the error}.
import assert from "node:assert/strict";

export { assert };

export async function run(cases) {
  const outcomes = {};
  for (const [name, test] of Object.entries(cases)) {
    try {
      await test();
      outcomes[name] = null;
    } catch (error) {
      outcomes[name] = String(error?.stack ?? error).slice(0, 2000);
    }
  }
  process.stdout.write(JSON.stringify(outcomes), () => process.exit(0));
}

export async function fails(promise, code, text) {
  let error;
  try {
    await promise;
  } catch (caught) {
    error = caught;
  }
  assert.ok(error, "expected a failure");
  if (code !== undefined) assert.equal(error.code, code, `code of '${error.message}'`);
  if (text !== undefined) assert.match(error.message, text);
  return error;
}
