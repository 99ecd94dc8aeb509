// Keys, locks, the database and objects.
using System;
using System.Collections.Generic;
using System.Linq;
using Gojinn;

static class Data
{
    internal static readonly Dictionary<string, Func<Request, object>> Actions = new Dictionary<string, Func<Request, object>>
    {
        ["/kv/get"] = request =>
        {
            var entry = Kv.Find(Given(request).Key);
            return entry == null ? (object)new { value = (string)null } : new { value = entry.Text, revision = entry.Revision };
        },
        ["/kv/put"] = request => Revision(Kv.Put(Given(request).Key, Given(request).Value, Given(request).Ttl)),
        ["/kv/create"] = request => Revision(Kv.Create(Given(request).Key, Given(request).Value, Given(request).Ttl)),
        ["/kv/cas"] = request => Revision(Kv.CompareAndSet(Given(request).Key, Given(request).Value, Given(request).Revision.Value)),
        ["/kv/delete"] = request => Done(() => Kv.Delete(Given(request).Key)),
        ["/kv/list"] = request =>
        {
            var page = Kv.Keys(Given(request).Prefix, limit: Given(request).Limit);
            return new { keys = page.Keys, more = page.Next != null };
        },
        ["/kv/commit"] = request => new { revisions = Kv.Commit(Given(request).Changes.Select(ChangeOf).ToArray()).Count },
        ["/kv/bytes"] = KvBytes,
        ["/lock/cycle"] = request => Cycle(Given(request).Name),
        ["/sql/exec"] = request => new { changes = Gojinn.Sql.Execute(Given(request).Sql, Given(request).Params).Changes },
        ["/sql/query"] = request =>
        {
            var found = Gojinn.Sql.Query(Given(request).Sql, Given(request).Params);
            return new { columns = found.Columns, rows = found.Rows };
        },
        ["/sql/batch"] = request =>
        {
            var statements = Given(request).Statements.Select(each => new Gojinn.Sql.Statement(each.Sql, each.Params));
            return new { changes = Gojinn.Sql.Batch(statements.ToArray()).Select(each => each.Changes) };
        },
        ["/sql/transaction"] = request => Transaction(Given(request)),
        ["/sql/bytes"] = request => Response.Bytes((byte[])Gojinn.Sql.Query("select ? as bytes", request.Body).Rows[0][0]),
        ["/blob/put"] = request => new { etag = Blob.Put(Key(request), request.Body, request.Headers["content-type"]) },
        ["/blob/create"] = request => new { etag = Blob.Create(Key(request), request.Body) },
        ["/blob/get"] = request =>
        {
            var found = Blob.Get(Key(request));
            return Response.Bytes(found.Body, found.ContentType);
        },
        ["/blob/head"] = request =>
        {
            var known = Blob.Head(Key(request));
            return new { size = known.Size, content_type = known.ContentType };
        },
        ["/blob/list"] = request => new { keys = Blob.Objects(request.Query["prefix"]).Objects.Select(each => each.Key) },
        ["/blob/copy"] = request => Done(() => Blob.Copy(Key(request), request.Query["target"])),
        ["/blob/delete"] = request => Done(() => Blob.Delete(Key(request))),
    };

    static Fields Given(Request request) => request.Json<Fields>();

    static string Key(Request request) => request.Query["key"];

    static object Revision(long revision) => new { revision };

    static object Done(Action action)
    {
        action();
        return new { };
    }

    static Kv.Change ChangeOf(Fields given)
    {
        return given.Delete ? Kv.Change.Delete(given.Key, given.Revision) : Kv.Change.Put(given.Key, given.Value, given.Revision);
    }

    static object KvBytes(Request request)
    {
        if (request.Method == "PUT") return Revision(Kv.Put(Key(request), request.Body));
        return Response.Bytes(Kv.GetBytes(Key(request)) ?? throw new NotFoundException("no such key"));
    }

    static object Cycle(string name)
    {
        var held = Lock.Acquire(name, 30);
        var second = CodeOf(() => Lock.Acquire(name, 30));
        held.Renew(60);
        held.Release();
        return new { second, ttl = held.Ttl, again = CodeOf(held.Release) };
    }

    static string CodeOf(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (HostException error)
        {
            return error.Code;
        }
    }

    static object Transaction(Fields given)
    {
        try
        {
            Gojinn.Sql.Transaction(() =>
            {
                Gojinn.Sql.Execute(given.Sql, given.Params);
                if (!given.Commit) throw new OperationCanceledException();
            });
        }
        catch (OperationCanceledException)
        {
        }
        return new { };
    }

    class Fields
    {
        public string Key { get; set; }
        public string Value { get; set; }
        public string Name { get; set; }
        public string Prefix { get; set; }
        public int Limit { get; set; }
        public double? Ttl { get; set; }
        public long? Revision { get; set; }
        public bool Delete { get; set; }
        public bool Commit { get; set; }
        public List<Fields> Changes { get; set; }
        public string Sql { get; set; }
        public object[] Params { get; set; } = new object[0];
        public List<Fields> Statements { get; set; }
    }
}
