// @libsql/hrana-client with the newest version of the protocol, in Protobuf: node hrana.mjs <url> <token>
import * as hrana from "@libsql/hrana-client";
import { assert, fails, run } from "./cases.mjs";

const [url, token] = process.argv.slice(2);
const isWs = url.startsWith("ws");
const client = isWs ? hrana.openWs(url, token, 3) : hrana.openHttp(url, token, undefined, undefined, 3);
client.intMode = "bigint";
const name = `proto_${isWs ? "ws" : "http"}`;
assert.equal(await client.getVersion(), 3);

const on = (test) => async () => {
  const stream = client.openStream();
  try {
    await test(stream);
  } finally {
    stream.close();
  }
};
const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);

await run({
  "values": on(async (stream) => {
    const args = [null, 0n, -1n, 9223372036854775807n, -9223372036854775808n, 0.5, 1e300, "žluť 🐎", "", bytes];
    const result = await stream.queryRow([`SELECT ${args.map(() => "?").join()}`, args]);
    const found = Array.from(result.row).map((each) => (each instanceof ArrayBuffer ? new Uint8Array(each) : each));
    assert.deepEqual(found, args);
  }),
  "names": on(async (stream) => {
    const stmt = new hrana.Stmt("SELECT :a, @b").bindName("a", "x").bindName("@b", "y");
    assert.deepEqual(Array.from((await stream.queryRow(stmt)).row), ["x", "y"]);
  }),
  "rows and counts": on(async (stream) => {
    await stream.run(`DROP TABLE IF EXISTS ${name}`);
    await stream.run(`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, a TEXT UNIQUE)`);
    const done = await stream.run([`INSERT INTO ${name} (a) VALUES (?), (?)`, ["one", "two"]]);
    assert.deepEqual([done.affectedRowCount, done.lastInsertRowid], [2, 2n]);
    const result = await stream.query(`SELECT * FROM ${name} ORDER BY id`);
    assert.deepEqual([result.columnNames, result.columnDecltypes], [["id", "a"], ["INTEGER", "TEXT"]]);
    assert.deepEqual(result.rows.map((row) => row.a), ["one", "two"]);
    assert.equal((await stream.query(`SELECT * FROM ${name} WHERE id = 9`)).rows.length, 0);
  }),
  "errors": on(async (stream) => {
    await fails(stream.query("SELECT nonsense"), "SQL_INPUT_ERROR", /nonsense/);
    await fails(stream.run(`INSERT INTO ${name} (a) VALUES ('one')`), "SQLITE_CONSTRAINT_UNIQUE");
    assert.equal((await stream.queryValue("SELECT 1")).value, 1n);
  }),
  "describe": on(async (stream) => {
    const found = await stream.describe(`SELECT a, 1 + 1 AS two FROM ${name} WHERE id = ?1 AND a = :a`);
    assert.deepEqual(found.paramNames, ["?1", ":a"]);
    assert.deepEqual(found.columns, [{ name: "a", decltype: "TEXT" }, { name: "two", decltype: undefined }]);
    assert.deepEqual([found.isExplain, found.isReadonly], [false, true]);
  }),
  "stored texts": on(async (stream) => {
    const owner = isWs ? client : stream;
    const text = owner.storeSql("SELECT ?");
    assert.equal((await stream.queryValue([text, [7n]])).value, 7n);
    text.close();
  }),
  "sequence and autocommit": on(async (stream) => {
    assert.equal(await stream.getAutocommit(), true);
    await stream.sequence(`BEGIN; INSERT INTO ${name} (a) VALUES ('gone');`);
    assert.equal(await stream.getAutocommit(), false);
    await stream.run("ROLLBACK");
    assert.equal((await stream.queryValue(`SELECT count(*) FROM ${name}`)).value, 2n);
  }),
  "conditions": on(async (stream) => {
    for (const cursor of [false, true]) {
      const batch = stream.batch(cursor);
      const { BatchCond } = hrana;
      const first = batch.step();
      const one = first.queryValue("SELECT 1");
      const failing = batch.step().condition(BatchCond.and(batch, [BatchCond.ok(first), BatchCond.isAutocommit(batch)]));
      const failed = failing.queryValue("SELECT nonsense").catch((error) => error.code);
      const skipped = batch.step().condition(BatchCond.ok(failing)).queryValue("SELECT 3");
      const either = batch.step().condition(BatchCond.or(batch, [BatchCond.ok(failing), BatchCond.error(failing)]));
      const four = either.queryValue("SELECT 4");
      const five = batch.step().condition(BatchCond.not(BatchCond.ok(failing))).queryValue("SELECT 5");
      await batch.execute();
      assert.deepEqual([(await one).value, await failed, await skipped], [1n, "SQL_INPUT_ERROR", undefined]);
      assert.deepEqual([(await four).value, (await five).value], [4n, 5n]);
    }
  }),
  "many rows through a cursor": on(async (stream) => {
    const batch = stream.batch(true);
    const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, 'x' FROM n";
    const rows = batch.step().query(sql);
    await batch.execute();
    assert.equal((await rows).rows.length, 20000);
    assert.equal((await stream.queryValue("SELECT 1")).value, 1n);
  }),
  "transaction over several requests": on(async (stream) => {
    await stream.run("BEGIN IMMEDIATE");
    await stream.run(`INSERT INTO ${name} (a) VALUES ('three')`);
    await stream.run("COMMIT");
    assert.equal((await stream.queryValue(`SELECT count(*) FROM ${name}`)).value, 3n);
  }),
  "wrong token": async () => {
    const other = isWs ? hrana.openWs(url, "wrong", 3) : hrana.openHttp(url, "wrong", undefined, undefined, 3);
    await fails(other.openStream().queryValue("SELECT 1"));
    other.close();
  },
});
