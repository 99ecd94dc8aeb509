// @libsql/client against a server: node client.mjs <url> <token> <read-only token>
import { createClient } from "@libsql/client";
import { assert, fails, run } from "./cases.mjs";

const [url, authToken, readOnlyToken] = process.argv.slice(2);

function using(test, options = {}) {
  return async () => {
    const db = createClient({ url, authToken, ...options });
    try {
      await test(db);
    } finally {
      db.close();
    }
  };
}

let tables = 0;
async function table(db, columns = "a") {
  const name = `t${process.pid}_${url.startsWith("ws") ? "ws" : "http"}_${tables++}`;
  await db.execute(`CREATE TABLE ${name} (${columns})`);
  return name;
}

const rows = (result) => result.rows.map((row) => Array.from(row));
const value = (result) => result.rows[0][0];
const count = async (db, name) => value(await db.execute(`SELECT count(*) FROM ${name}`));

const roundtrip = (given, expected, intMode) =>
  using(
    async (db) => {
      assert.deepEqual(value(await db.execute({ sql: "SELECT ?", args: [given] })), expected);
    },
    intMode ? { intMode } : {},
  );

const bytes = Uint8Array.from({ length: 256 }, (_, i) => i ^ 0x5a);

await run({
  "one value": using(async (db) => {
    const result = await db.execute("SELECT 42 AS answer");
    assert.deepEqual([result.columns, result.columnTypes], [["answer"], [""]]);
    assert.deepEqual(rows(result), [[42]]);
    assert.equal(result.rows[0].answer, 42);
    assert.equal(result.rowsAffected, 0);
  }),
  "several rows": using(async (db) => {
    assert.deepEqual(rows(await db.execute("VALUES (1, 'one'), (2, 'two')")), [[1, "one"], [2, "two"]]);
  }),
  "no rows, but columns": using(async (db) => {
    const name = await table(db, "a INTEGER, b TEXT");
    const result = await db.execute(`SELECT a, b AS other FROM ${name}`);
    assert.deepEqual([result.columns, result.columnTypes, rows(result)], [["a", "other"], ["INTEGER", "TEXT"], []]);
  }),
  "trailing semicolon and comment": using(async (db) => {
    assert.equal(value(await db.execute("SELECT 1; -- done\n /* really */ ")), 1);
  }),
  "types of columns": using(async (db) => {
    const name = await table(db, "i INTEGER, f FLOAT, t TEXT, b BLOB");
    await db.execute(`INSERT INTO ${name} VALUES (42, 0.5, 'foo', X'626172')`);
    const json = (await db.execute(`SELECT * FROM ${name}`)).toJSON();
    assert.deepEqual(json.columnTypes, ["INTEGER", "FLOAT", "TEXT", "BLOB"]);
    assert.deepEqual(json.rows, [[42, 0.5, "foo", "YmFy"]]);
  }),
  "rows affected and last row id": using(async (db) => {
    const name = await table(db, "id INTEGER PRIMARY KEY, a");
    const inserted = await db.execute(`INSERT INTO ${name} VALUES (12345, 'x'), (12346, 'y')`);
    assert.deepEqual([inserted.rowsAffected, inserted.lastInsertRowid], [2, 12346n]);
    assert.equal((await db.execute(`UPDATE ${name} SET a = 'z'`)).rowsAffected, 2);
    assert.equal((await db.execute(`DELETE FROM ${name} WHERE id = 12345`)).rowsAffected, 1);
    assert.equal((await db.execute(`SELECT * FROM ${name}`)).rowsAffected, 0);
  }),
  "INSERT … RETURNING": using(async (db) => {
    const name = await table(db);
    const result = await db.execute(`INSERT INTO ${name} VALUES (1), (2) RETURNING a * 2 AS twice, 'x' AS x`);
    assert.deepEqual([result.columns, rows(result), result.rowsAffected], [["twice", "x"], [[2, "x"], [4, "x"]], 2]);
  }),
  "WITH … INSERT": using(async (db) => {
    const name = await table(db);
    const result = await db.execute(`WITH n(i) AS (VALUES (1), (2), (3)) INSERT INTO ${name} SELECT i FROM n`);
    assert.equal(result.rowsAffected, 3);
  }),
  "text": roundtrip("žluťoučký kůň \n\t\r\"'\\ 🐎", "žluťoučký kůň \n\t\r\"'\\ 🐎"),
  "empty text": roundtrip("", ""),
  "text with NUL": roundtrip("a\0b", "a\0b"),
  "null": roundtrip(null, null),
  "zero": roundtrip(0, 0),
  "negative": roundtrip(-2023, -2023),
  "float": roundtrip(12.345, 12.345),
  "largest float": roundtrip(Number.MAX_VALUE, Number.MAX_VALUE),
  "smallest float": roundtrip(Number.MIN_VALUE, Number.MIN_VALUE),
  "large float with bigint mode": roundtrip(1e18, 1e18, "bigint"),
  "booleans": using(async (db) => {
    assert.deepEqual(rows(await db.execute({ sql: "SELECT ?, ?", args: [true, false] })), [[1, 0]]);
  }),
  "largest safe integer": roundtrip(9007199254740991n, 9007199254740991),
  "unsafe integer": using(async (db) => {
    await assert.rejects(db.execute({ sql: "SELECT ?", args: [9007199254740992n] }), RangeError);
  }),
  "largest bigint": roundtrip(9223372036854775807n, 9223372036854775807n, "bigint"),
  "smallest bigint": roundtrip(-9223372036854775808n, -9223372036854775808n, "bigint"),
  "bigint as string": roundtrip(-1152921504594532842n, "-1152921504594532842", "string"),
  "bigint arrives whole": using(async (db) => {
    const args = [9223372036854775807n, -9223372036854775808n];
    const expected = [["9223372036854775807", "-9223372036854775808"]];
    assert.deepEqual(rows(await db.execute({ sql: "SELECT ? || '', ? || ''", args })), expected);
  }),
  "date": roundtrip(new Date("2023-01-02T12:34:56Z"), 1672662896000),
  "bytes": roundtrip(bytes, bytes.buffer),
  "array buffer": roundtrip(bytes.buffer, bytes.buffer),
  "blobs of all lengths": using(async (db) => {
    for (let size = 0; size < 5; size++) {
      const result = await db.execute({ sql: "SELECT ?, length(?)", args: [bytes.slice(0, size), bytes.slice(0, size)] });
      assert.deepEqual([new Uint8Array(value(result)), result.rows[0][1]], [bytes.slice(0, size), size]);
    }
  }),
  "infinity becomes null": using(async (db) => {
    assert.equal(value(await db.execute("SELECT 1e999")), null);
  }),
  "positions": using(async (db) => {
    assert.deepEqual(rows(await db.execute({ sql: "SELECT ?, ?", args: ["one", "two"] })), [["one", "two"]]);
    const args = ["one", "two", "three"];
    assert.deepEqual(rows(await db.execute({ sql: "SELECT ?2, ?3, ?1", args })), [["two", "three", "one"]]);
    assert.deepEqual(rows(await db.execute({ sql: "SELECT ?3, ?1", args })), [["three", "one"]]);
    assert.deepEqual(rows(await db.execute({ sql: "SELECT ?2, ?, ?3", args })), [["two", "three", "three"]]);
  }),
  "names": using(async (db) => {
    for (const sign of [":", "@", "$"]) {
      const sql = `SELECT ${sign}b, ${sign}a, ${sign}b || ${sign}a, ?1`;
      const args = { a: "one", [`${sign}b`]: "two" };
      assert.deepEqual(rows(await db.execute({ sql, args })), [["two", "one", "twoone", "two"]]);
    }
  }),
  "a question mark in a text is no parameter": using(async (db) => {
    assert.deepEqual(rows(await db.execute({ sql: "SELECT '?', ':a', ?", args: [1] })), [["?", ":a", 1]]);
  }),
  "missing argument": using((db) => fails(db.execute("SELECT ?"), "ARGS_INVALID")),
  "too many arguments": using((db) => fails(db.execute({ sql: "SELECT 1", args: [1] }), "ARGS_INVALID")),
  "unknown name": using((db) => fails(db.execute({ sql: "SELECT :a", args: { b: 1 } }), "ARGS_INVALID")),
  "no injection through arguments": using(async (db) => {
    const name = await table(db);
    const text = `x'); DROP TABLE ${name}; --`;
    await db.execute({ sql: `INSERT INTO ${name} VALUES (?)`, args: [text] });
    assert.equal(value(await db.execute(`SELECT a FROM ${name}`)), text);
  }),
  "syntax error": using((db) => fails(db.execute("SELEKT 1"), "SQL_PARSE_ERROR", /SELEKT/)),
  "cut off": using((db) => fails(db.execute("SELECT 1 +"), "SQL_PARSE_ERROR")),
  "unknown column": using((db) => fails(db.execute("SELECT foobar"), "SQL_INPUT_ERROR", /no such column: foobar/)),
  "unknown table": using((db) => fails(db.execute("SELECT * FROM nowhere"), undefined, /no such table: nowhere/)),
  "nothing": using((db) => fails(db.execute(" -- nothing"), "SQL_NO_STATEMENT")),
  "two statements": using((db) => fails(db.execute("SELECT 1; SELECT 2"), "SQL_MANY_STATEMENTS")),
  "constraints": using(async (db) => {
    const name = await table(db, "id INTEGER PRIMARY KEY, u UNIQUE, n NOT NULL, c CHECK (c > 0)");
    await db.execute(`INSERT INTO ${name} VALUES (1, 1, 1, 1)`);
    const insert = (values) => db.execute(`INSERT INTO ${name} VALUES (${values})`);
    await fails(insert("1, 2, 1, 1"), "SQLITE_CONSTRAINT_PRIMARYKEY", /UNIQUE constraint failed/);
    await fails(insert("2, 1, 1, 1"), "SQLITE_CONSTRAINT_UNIQUE");
    await fails(insert("2, 2, NULL, 1"), "SQLITE_CONSTRAINT_NOTNULL");
    await fails(insert("2, 2, 1, 0"), "SQLITE_CONSTRAINT_CHECK");
    const child = await table(db, `id REFERENCES ${name} (id)`);
    await fails(db.execute(`INSERT INTO ${child} VALUES (9)`), "SQLITE_CONSTRAINT_FOREIGNKEY");
  }),
  "leaving the file": using(async (db) => {
    await fails(db.execute("ATTACH '/tmp/x.db' AS x"), "SQLITE_AUTH");
    await fails(db.execute("SELECT load_extension('x')"), "SQLITE_AUTH");
    await fails(db.execute("PRAGMA journal_mode = delete"), "SQLITE_AUTH");
  }),
  "batch": using(async (db) => {
    const name = await table(db);
    const results = await db.batch(
      [
        `INSERT INTO ${name} VALUES (1)`,
        { sql: `INSERT INTO ${name} VALUES (?)`, args: [2] },
        [`INSERT INTO ${name} VALUES (:v)`, { v: 3 }],
        `SELECT sum(a) FROM ${name}`,
      ],
      "write",
    );
    assert.deepEqual([results.length, value(results[3])], [4, 6]);
  }),
  "batch that reads": using(async (db) => {
    const results = await db.batch(["SELECT 1+1", { sql: "VALUES (?), (?)", args: ["big", "ben"] }], "read");
    assert.deepEqual(results.map(rows), [[[2]], [["big"], ["ben"]]]);
  }),
  "batch that reads cannot write": using(async (db) => {
    const name = await table(db);
    await fails(db.batch([`INSERT INTO ${name} VALUES (1)`], "read"), "SQLITE_READONLY");
    assert.equal(await count(db, name), 0);
  }),
  "deferred batch": using(async (db) => {
    const name = await table(db);
    const results = await db.batch(["SELECT 1", `INSERT INTO ${name} VALUES (21) RETURNING 2 * a`], "deferred");
    assert.deepEqual(results.map(value), [1, 42]);
  }),
  "failed batch is undone": using(async (db) => {
    const name = await table(db);
    const error = await fails(db.batch([`INSERT INTO ${name} VALUES (1)`, "SELECT foobar"], "write"), "SQL_INPUT_ERROR");
    assert.equal(error.statementIndex, 1);
    assert.equal(await count(db, name), 0);
  }),
  "batch with a lot of statements": using(async (db) => {
    const results = await db.batch(Array.from({ length: 1000 }, (_, i) => `SELECT ${i}`), "read");
    assert.deepEqual(results.map(value), Array.from({ length: 1000 }, (_, i) => i));
  }),
  "batch with the same statements": using(async (db) => {
    const statements = Array.from({ length: 2000 }, (_, i) => ({ sql: `SELECT ?, ${i % 100}`, args: [i] }));
    const results = await db.batch(statements, "read");
    assert.ok(results.every((result, i) => result.rows[0][0] === i && result.rows[0][1] === i % 100));
  }),
  "batches at once do not mix": using(async (db) => {
    const [first, second] = [await table(db), await table(db)];
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const results = await db.batch(
          [
            { sql: `INSERT INTO ${first} VALUES (?)`, args: [i] },
            { sql: `INSERT INTO ${second} VALUES (?)`, args: [i * 10] },
            `SELECT sum(a) FROM ${first}`,
            `SELECT sum(a) FROM ${second}`,
          ],
          "write",
        );
        assert.equal(value(results[3]), value(results[2]) * 10);
      }),
    );
    assert.equal(await count(db, first), 50);
  }),
  "ROLLBACK in a batch": using(async (db) => {
    const name = await table(db);
    await fails(db.batch([`INSERT INTO ${name} VALUES (1)`, "ROLLBACK", "SELECT nonsense"], "write"));
    assert.equal(await count(db, name), 0);
  }),
  "transaction": using(async (db) => {
    const name = await table(db);
    const transaction = await db.transaction("write");
    await transaction.execute(`INSERT INTO ${name} VALUES ('one')`);
    assert.equal(await count(db, name), 0);
    await transaction.execute({ sql: `INSERT INTO ${name} VALUES (?)`, args: ["two"] });
    assert.equal(transaction.closed, false);
    await transaction.commit();
    assert.equal(transaction.closed, true);
    assert.equal(await count(db, name), 2);
    await fails(transaction.execute("SELECT 1"), "TRANSACTION_CLOSED");
  }),
  "transaction rolled back": using(async (db) => {
    const name = await table(db);
    const transaction = await db.transaction("write");
    await transaction.execute(`INSERT INTO ${name} VALUES ('one')`);
    await transaction.rollback();
    assert.equal(await count(db, name), 0);
  }),
  "transaction closed": using(async (db) => {
    const name = await table(db);
    const transaction = await db.transaction("write");
    await transaction.execute(`INSERT INTO ${name} VALUES ('one')`);
    transaction.close();
    await db.execute(`INSERT INTO ${name} VALUES ('two')`);
    assert.equal(value(await db.execute(`SELECT a FROM ${name}`)), "two");
  }),
  "empty transactions": using(async (db) => {
    await (await db.transaction("read")).commit();
    await (await db.transaction("deferred")).rollback();
  }),
  "error does not end a transaction": using(async (db) => {
    const name = await table(db);
    const transaction = await db.transaction("write");
    await fails(transaction.execute("SELECT foo"));
    await transaction.execute(`INSERT INTO ${name} VALUES (1)`);
    await fails(transaction.execute("SELECT bar"));
    await transaction.commit();
    assert.equal(await count(db, name), 1);
  }),
  "transaction that reads": using(async (db) => {
    const name = await table(db);
    const transaction = await db.transaction("read");
    assert.equal(value(await transaction.execute(`SELECT count(*) FROM ${name}`)), 0);
    await db.execute(`INSERT INTO ${name} VALUES (1)`);
    assert.equal(value(await transaction.execute(`SELECT count(*) FROM ${name}`)), 0);
    await fails(transaction.execute(`INSERT INTO ${name} VALUES (2)`), "SQLITE_READONLY");
    await transaction.commit();
    assert.equal(await count(db, name), 1);
  }),
  "deferred transaction writes": using(async (db) => {
    const name = await table(db);
    const transaction = await db.transaction("deferred");
    await transaction.execute(`SELECT * FROM ${name}`);
    await transaction.execute(`INSERT INTO ${name} VALUES (1)`);
    await transaction.commit();
    assert.equal(await count(db, name), 1);
  }),
  "batch in a transaction": using(async (db) => {
    const name = await table(db, "a UNIQUE");
    const transaction = await db.transaction("write");
    await transaction.batch([`INSERT INTO ${name} VALUES (1)`, { sql: `INSERT INTO ${name} VALUES (?)`, args: [2] }]);
    await fails(
      transaction.batch([`INSERT INTO ${name} VALUES (4)`, `INSERT INTO ${name} VALUES (1)`, `INSERT INTO ${name} VALUES (8)`]),
      "SQLITE_CONSTRAINT_UNIQUE",
    );
    assert.equal(value(await transaction.execute(`SELECT sum(a) FROM ${name}`)), 7);
    await transaction.commit();
    assert.equal(await count(db, name), 3);
  }),
  "executeMultiple in a transaction": using(async (db) => {
    const transaction = await db.transaction("write");
    const name = `m${process.pid}_${tables++}${url.startsWith("ws") ? "w" : "h"}`;
    await transaction.executeMultiple(`CREATE TABLE ${name} (a); INSERT INTO ${name} VALUES (1), (2);`);
    assert.equal(value(await transaction.execute(`SELECT sum(a) FROM ${name}`)), 3);
    transaction.close();
    await fails(db.execute(`SELECT * FROM ${name}`), undefined, /no such table/);
  }),
  "transactions at once": using(async (db) => {
    const name = await table(db);
    await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        const transaction = await db.transaction("write");
        const before = value(await transaction.execute(`SELECT count(*) FROM ${name}`));
        await transaction.execute({ sql: `INSERT INTO ${name} VALUES (?)`, args: [i] });
        assert.equal(value(await transaction.execute(`SELECT count(*) FROM ${name}`)), before + 1);
        await (i % 2 ? transaction.commit() : transaction.rollback());
      }),
    );
    assert.equal(await count(db, name), 5);
  }),
  "transaction left alone": using(async (db) => {
    const name = await table(db);
    const transaction = await db.transaction("write");
    await transaction.execute(`INSERT INTO ${name} VALUES (1)`);
    await db.execute(`INSERT INTO ${name} VALUES (2)`); // waits until the transaction is undone
    const code = url.startsWith("ws") ? "TRANSACTION_TIMEOUT" : "STREAM_EXPIRED";
    await fails(transaction.execute(`INSERT INTO ${name} VALUES (3)`), code);
    transaction.close();
    assert.deepEqual(rows(await db.execute(`SELECT a FROM ${name}`)), [[2]]);
  }),
  "last_insert_rowid()": using(async (db) => {
    const name = await table(db, "id INTEGER PRIMARY KEY");
    const results = await db.batch([`INSERT INTO ${name} VALUES (77)`, "SELECT last_insert_rowid()"], "write");
    assert.equal(value(results[1]), 77);
  }),
  "many streams at once": using(async (db) => {
    const results = await Promise.all(Array.from({ length: 200 }, (_, i) => db.execute({ sql: "SELECT ?", args: [i] })));
    assert.deepEqual(results.map(value), Array.from({ length: 200 }, (_, i) => i));
  }),
  "executeMultiple": using(async (db) => {
    const name = await table(db);
    await db.executeMultiple(`
      INSERT INTO ${name} VALUES (1), (2); -- a comment; with a semicolon
      CREATE TRIGGER tr_${name} AFTER INSERT ON ${name} BEGIN
        UPDATE ${name} SET a = a + 0; DELETE FROM ${name} WHERE a = ';';
      END;
      BEGIN; INSERT INTO ${name} VALUES (4); COMMIT;
      INSERT INTO ${name} VALUES (';')`);
    assert.equal(value(await db.execute(`SELECT sum(a) FROM ${name}`)), 7);
  }),
  "executeMultiple stops at an error": using(async (db) => {
    const name = await table(db);
    const script = `INSERT INTO ${name} VALUES (1); BEGIN; INSERT INTO ${name} VALUES (2);
      INSERT INTO ${name} VALUES (nonsense()); INSERT INTO ${name} VALUES (4); COMMIT;`;
    await fails(db.executeMultiple(script), undefined, /nonsense/);
    assert.equal(value(await db.execute(`SELECT sum(a) FROM ${name}`)), 1);
  }),
  "migrate": using(async (db) => {
    const parent = await table(db, "id INTEGER PRIMARY KEY");
    const child = await table(db, `id REFERENCES ${parent} (id)`);
    await db.migrate([`INSERT INTO ${child} VALUES (7)`, `ALTER TABLE ${child} ADD COLUMN extra`]);
    assert.deepEqual(rows(await db.execute(`SELECT * FROM ${child}`)), [[7, null]]);
    await fails(db.execute(`INSERT INTO ${child} (id) VALUES (8)`), "SQLITE_CONSTRAINT_FOREIGNKEY");
  }),
  "failed migration is undone": using(async (db) => {
    const name = await table(db);
    await fails(db.migrate([`ALTER TABLE ${name} ADD COLUMN b`, "SELECT foobar"]));
    assert.deepEqual((await db.execute(`SELECT * FROM ${name}`)).columns, ["a"]);
  }),
  "large result": using(async (db) => {
    const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i, 'row ' || i FROM n";
    const result = await db.execute(sql);
    assert.equal(result.rows.length, 50000);
    assert.deepEqual(Array.from(result.rows[49999]), [50000, "row 50000"]);
  }),
  "large text and blob": using(async (db) => {
    const text = "ü".repeat(500_000);
    const blob = new Uint8Array(1_000_000).fill(7);
    const result = await db.execute({ sql: "SELECT ?, ?", args: [text, blob] });
    assert.equal(value(result), text);
    assert.deepEqual(new Uint8Array(result.rows[0][1]), blob);
  }),
  "too large a result": using(async (db) => {
    const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT zeroblob(100000) FROM n";
    await fails(db.execute(sql), "RESPONSE_TOO_LARGE");
  }),
  "endless statement": using(async (db) => {
    const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    await fails(db.execute(sql), "SQLITE_INTERRUPT");
    assert.equal(value(await db.execute("SELECT 1")), 1);
  }),
  "same name twice": using(async (db) => {
    assert.deepEqual(rows(await db.execute("SELECT 1 AS a, 2 AS a")), [[1, 2]]);
  }),
  "wrong token": using((db) => fails(db.execute("SELECT 1"), "AUTH_JWT_INVALID", /JWT is invalid/), { authToken: "wrong" }),
  "no token": using((db) => fails(db.execute("SELECT 1")), { authToken: undefined }),
  "read-only token": using(
    async (db) => {
      assert.equal(value(await db.execute("SELECT 1")), 1);
      await fails(db.execute("CREATE TABLE forbidden (a)"), "BLOCKED");
      await fails(db.batch(["CREATE TABLE forbidden (a)"], "write"), "BLOCKED");
      assert.deepEqual((await db.batch(["SELECT 1"], "read")).map(value), [1]);
    },
    { authToken: readOnlyToken },
  ),
  "closed client": using(async (db) => {
    db.close();
    await fails(db.execute("SELECT 1"));
  }),
  "two clients see each other": using(async (db) => {
    const name = await table(db);
    const other = createClient({ url, authToken });
    await other.execute(`INSERT INTO ${name} VALUES (1)`);
    assert.equal(await count(db, name), 1);
    other.close();
  }),
});
