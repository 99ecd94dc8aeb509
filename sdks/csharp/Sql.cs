using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Gojinn
{
    /// <summary>The database that the function's block names with <c>db_driver</c>. Parameters stand for <c>?</c>.</summary>
    public static class Sql
    {
        private const long Safe = (1L << 53) - 1;

        /// <summary>What a query found.</summary>
        public sealed class Result
        {
            /// <summary>The columns' names.</summary>
            public IReadOnlyList<string> Columns { get; internal set; }

            /// <summary>The rows: null, long, double, string, bool or byte[] for each column.</summary>
            public IReadOnlyList<IReadOnlyList<object>> Rows { get; internal set; }

            /// <summary>Each row by its columns' names.</summary>
            public IEnumerable<IReadOnlyDictionary<string, object>> Records()
            {
                foreach (var row in Rows)
                {
                    var record = new Dictionary<string, object>();
                    for (var i = 0; i < row.Count; i++) record[Columns[i]] = row[i];
                    yield return record;
                }
            }
        }

        /// <summary>What a statement changed.</summary>
        public sealed class Done
        {
            /// <summary>How many rows.</summary>
            public long Changes { get; internal set; }

            /// <summary>The last row's number, null where the database does not tell it.</summary>
            public long? LastId { get; internal set; }
        }

        /// <summary>A statement of a batch.</summary>
        public sealed class Statement
        {
            internal readonly Fields Asked;

            /// <summary>Makes one with its parameters.</summary>
            public Statement(string sql, params object[] parameters) => Asked = Asking(sql, parameters);
        }

        /// <summary>Runs a statement and returns its rows.</summary>
        public static Result Query(string sql, params object[] parameters)
        {
            var found = Host.Call("sql.query", Asking(sql, parameters));
            var rows = found.TryGetValue("rows", out var all) && all is List<object> list ? list : new List<object>();
            return new Result
            {
                Columns = Host.Objects(found, "columns").Select(each => Host.Text(each, "name")).ToList(),
                Rows = rows.Select(row => (IReadOnlyList<object>)((List<object>)row).Select(Untagged).ToList()).ToList(),
            };
        }

        /// <summary>Runs a statement whose rows are not wanted.</summary>
        public static Done Execute(string sql, params object[] parameters) => DoneOf(Host.Call("sql.exec", Asking(sql, parameters)));

        /// <summary>Runs statements in one transaction, all or none: what each changed.</summary>
        public static IReadOnlyList<Done> Batch(params Statement[] statements)
        {
            var asked = (statements ?? throw new ArgumentNullException(nameof(statements))).Select(each => each.Asked).ToList();
            return Host.Objects(Host.Call("sql.batch", new Fields { ["statements"] = asked }), "results").Select(DoneOf).ToList();
        }

        /// <summary>Runs an action in a transaction: undone by an exception, else committed.</summary>
        public static void Transaction(Action action)
        {
            if (action == null) throw new ArgumentNullException(nameof(action));
            Host.Call("sql.begin");
            try
            {
                action();
            }
            catch
            {
                Host.Call("sql.rollback");
                throw;
            }
            Host.Call("sql.commit");
        }

        private static Fields Asking(string sql, object[] parameters)
        {
            return Fields.Of("sql", sql).With("params", (parameters ?? new object[] { null }).Select(Tagged).ToList());
        }

        /// <summary>Writes a value that JSON does not have.</summary>
        private static object Tagged(object value)
        {
            if (value is byte[]) return new Fields { ["$blob"] = value };
            if (value is long number && (number > Safe || number < -Safe))
                return new Fields { ["$integer"] = number.ToString(CultureInfo.InvariantCulture) };
            if (value is decimal) return ((decimal)value).ToString(CultureInfo.InvariantCulture);
            if (value is DateTime)
                return new Fields { ["$datetime"] = ((DateTime)value).ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) };
            return value;
        }

        /// <summary>Reads such a value; dates and decimals stay text.</summary>
        private static object Untagged(object value)
        {
            if (!(value is Dictionary<string, object> tagged)) return value;
            var tag = tagged.First();
            var content = (string)tag.Value;
            switch (tag.Key)
            {
                case "$blob": return Native.FromBase64(content);
                case "$integer": return long.Parse(content, CultureInfo.InvariantCulture);
                case "$real":
                    return content == "Infinity" ? double.PositiveInfinity : content == "-Infinity" ? double.NegativeInfinity : double.Parse(content, CultureInfo.InvariantCulture);
                default: return content;
            }
        }

        private static Done DoneOf(Dictionary<string, object> told)
        {
            var last = told.TryGetValue("last_id", out var id) && id is long number ? number : (long?)null;
            return new Done { Changes = Host.Number(told, "changes"), LastId = last };
        }
    }
}
