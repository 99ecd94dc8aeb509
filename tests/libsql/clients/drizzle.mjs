// Drizzle over @libsql/client: node drizzle.mjs <url> <token>
import { createClient } from "@libsql/client";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql";
import { blob, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { assert, fails, run } from "./cases.mjs";

const [url, authToken] = process.argv.slice(2);
const client = createClient({ url, authToken });
const db = drizzle(client);
const notes = sqliteTable("drizzle_notes", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  title: text("title").notNull().unique(),
  done: integer("done", { mode: "boolean" }).default(false),
  made: integer("made", { mode: "timestamp" }),
  tags: text("tags", { mode: "json" }),
  big: blob("big", { mode: "bigint" }),
});
await client.execute(`CREATE TABLE IF NOT EXISTS drizzle_notes (id INTEGER PRIMARY KEY AUTOINCREMENT,
  title TEXT NOT NULL UNIQUE, done INTEGER DEFAULT 0, made INTEGER, tags TEXT, big BLOB)`);
await db.delete(notes);

await run({
  "insert and select": async () => {
    const made = new Date("2026-01-02T03:04:05Z");
    await db.insert(notes).values({ title: "one", made, tags: ["a", 1], big: 2n ** 70n });
    const [note] = await db.select().from(notes);
    assert.deepEqual([note.title, note.done, note.tags, note.big], ["one", false, ["a", 1], 2n ** 70n]);
    assert.deepEqual(note.made, made);
  },
  "returning": async () => {
    const [note] = await db.insert(notes).values({ title: "two" }).returning();
    assert.equal(note.title, "two");
  },
  "update and delete": async () => {
    await db.update(notes).set({ done: true }).where(eq(notes.title, "two"));
    assert.equal((await db.select().from(notes).where(eq(notes.done, true))).length, 1);
    await db.delete(notes).where(eq(notes.title, "two"));
    assert.equal((await db.select().from(notes)).length, 1);
  },
  "upsert": async () => {
    const values = { title: "one", done: true };
    await db.insert(notes).values(values).onConflictDoUpdate({ target: notes.title, set: { done: true } });
    assert.equal((await db.select().from(notes))[0].done, true);
  },
  "transaction": async () => {
    await db.transaction(async (tx) => {
      await tx.insert(notes).values({ title: "three" });
      await tx.insert(notes).values({ title: "four" });
    });
    assert.equal((await db.select().from(notes)).length, 3);
  },
  "transaction rolled back": async () => {
    await fails(
      db.transaction(async (tx) => {
        await tx.insert(notes).values({ title: "five" });
        throw new Error("on purpose");
      }),
      undefined,
      /on purpose/,
    );
    assert.equal((await db.select().from(notes)).length, 3);
  },
  "batch": async () => {
    const [inserted, all] = await db.batch([
      db.insert(notes).values({ title: "six" }).returning({ id: notes.id }),
      db.select({ n: sql`count(*)` }).from(notes),
    ]);
    assert.deepEqual([inserted.length, all], [1, [{ n: 4 }]]);
  },
  "constraint": async () => {
    const error = await fails(db.insert(notes).values({ title: "one" }).execute());
    assert.equal((error.cause ?? error).code, "SQLITE_CONSTRAINT_UNIQUE");
  },
  "raw": async () => {
    assert.deepEqual((await db.run(sql`SELECT ${"x"} AS a`)).rows.map((row) => row.a), ["x"]);
  },
});
