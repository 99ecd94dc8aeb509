// @tursodatabase/serverless, which speaks Hrana 3 with cursors: node serverless.mjs <url> <token>
import { connect } from "@tursodatabase/serverless";
import { assert, fails, run } from "./cases.mjs";

const [url, authToken] = process.argv.slice(2);
const db = connect({ url, authToken });

await run({
  "rows": async () => {
    const statement = await db.prepare("SELECT ? AS a, 'x' AS b");
    assert.deepEqual(await statement.get([1]), { a: 1, b: "x" });
    assert.deepEqual((await statement.all([2])).map((row) => row.a), [2]);
  },
  "names": async () => {
    const statement = await db.prepare("SELECT :a AS a");
    assert.deepEqual(await statement.get({ a: 7 }), { a: 7 });
  },
  "run": async () => {
    await db.exec("DROP TABLE IF EXISTS serverless; CREATE TABLE serverless (id INTEGER PRIMARY KEY, a UNIQUE)");
    const insert = await db.prepare("INSERT INTO serverless (a) VALUES (?)");
    const done = await insert.run(["one"]);
    assert.deepEqual([done.changes, Number(done.lastInsertRowid)], [1, 1]);
  },
  "rows one by one": async () => {
    const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT i FROM n";
    const statement = await db.prepare(sql);
    let sum = 0;
    for await (const row of statement.iterate()) sum += row.i;
    assert.equal(sum, 50005000);
  },
  "transaction": async () => {
    const insert = await db.prepare("INSERT INTO serverless (a) VALUES (?)");
    const both = db.transaction(async (values) => {
      for (const each of values) await insert.run([each]);
    });
    await both(["two", "three"]);
    assert.equal((await (await db.prepare("SELECT count(*) AS n FROM serverless")).get()).n, 3);
    await fails(both(["four", "one"]));
    assert.equal((await (await db.prepare("SELECT count(*) AS n FROM serverless")).get()).n, 3);
  },
  "error": async () => {
    await fails((async () => (await db.prepare("SELECT nonsense")).get())());
  },
  "blob": async () => {
    const statement = await db.prepare("SELECT ? AS a");
    assert.deepEqual(new Uint8Array((await statement.get([new Uint8Array([1, 2, 3, 4])])).a), new Uint8Array([1, 2, 3, 4]));
  },
});
