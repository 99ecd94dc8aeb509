using System;
using System.Collections.Generic;
using System.Linq;

namespace Gojinn
{
    /// <summary>Keys and values of the function's tenant. Which keys it may use, <c>permissions</c> in the Caddyfile says.</summary>
    public static class Kv
    {
        /// <summary>What a key holds.</summary>
        public sealed class Entry
        {
            /// <summary>Its name.</summary>
            public string Key { get; internal set; }

            /// <summary>The value.</summary>
            public byte[] Value { get; internal set; }

            /// <summary>The value as a text.</summary>
            public string Text => Native.ToText(Value);

            /// <summary>Higher with each change.</summary>
            public long Revision { get; internal set; }
        }

        /// <summary>One page of keys; <see cref="Next"/> is where another begins, null when there is none.</summary>
        public sealed class Page
        {
            /// <summary>The keys, in order.</summary>
            public IReadOnlyList<string> Keys { get; internal set; }

            /// <summary>To be given as <c>after</c>.</summary>
            public string Next { get; internal set; }
        }

        /// <summary>A change of several that are made at once.</summary>
        public sealed class Change
        {
            internal readonly Fields Asked;

            private Change(Fields asked) => Asked = asked;

            /// <summary>Writes a key, if it still has a revision where one is said (0: does not exist).</summary>
            public static Change Put(string key, byte[] value, long? revision = null, double? ttl = null)
            {
                return new Change(Fields.Of("key", key).WithBytes("value", value).With("revision", revision).With("ttl", ttl));
            }

            /// <summary>Writes a text.</summary>
            public static Change Put(string key, string value, long? revision = null, double? ttl = null) => Put(key, Bytes(value), revision, ttl);

            /// <summary>Deletes a key.</summary>
            public static Change Delete(string key, long? revision = null)
            {
                return new Change(Fields.Of("key", key).With("delete", true).With("revision", revision));
            }
        }

        /// <summary>A key's value as a text, or null.</summary>
        public static string Get(string key) => Find(key)?.Text;

        /// <summary>A key's value, or null.</summary>
        public static byte[] GetBytes(string key) => Find(key)?.Value;

        /// <summary>What a key holds, or null; <paramref name="consistent"/> sees at once what other nodes have written.</summary>
        public static Entry Find(string key, bool consistent = false)
        {
            try
            {
                var found = Host.Call("kv.get", Fields.Of("key", key).With("consistent", consistent ? (object)true : null));
                return new Entry { Key = key, Value = Host.Bytes(found, "value"), Revision = Host.Number(found, "revision") };
            }
            catch (NotFoundException)
            {
                return null;
            }
        }

        /// <summary>Writes a key, gone after some seconds if that is said; its revision.</summary>
        public static long Put(string key, byte[] value, double? ttl = null) => Write("kv.put", key, value, ttl);

        /// <summary>Writes a text.</summary>
        public static long Put(string key, string value, double? ttl = null) => Put(key, Bytes(value), ttl);

        /// <summary>Writes a key that does not exist; its revision.</summary>
        /// <exception cref="ConflictException">It does exist.</exception>
        public static long Create(string key, byte[] value, double? ttl = null) => Write("kv.create", key, value, ttl);

        /// <summary>Writes a text.</summary>
        public static long Create(string key, string value, double? ttl = null) => Create(key, Bytes(value), ttl);

        /// <summary>Writes a key that still has a revision (0: does not exist); the new one.</summary>
        /// <exception cref="ConflictException">It has another.</exception>
        public static long CompareAndSet(string key, byte[] value, long revision, double? ttl = null)
        {
            return Write("kv.cas", key, value, ttl, revision);
        }

        /// <summary>Writes a text.</summary>
        public static long CompareAndSet(string key, string value, long revision, double? ttl = null)
        {
            return CompareAndSet(key, Bytes(value), revision, ttl);
        }

        /// <summary>Deletes a key, if it still has the revision where one is said.</summary>
        /// <exception cref="ConflictException">It has another.</exception>
        public static void Delete(string key, long? revision = null) => Host.Call("kv.delete", Fields.Of("key", key).With("revision", revision));

        /// <summary>Lists keys.</summary>
        public static Page Keys(string prefix = "", string after = null, int limit = 100)
        {
            var found = Host.Call("kv.list", Fields.Of("prefix", prefix).With("after", after).With("limit", limit));
            var keys = Host.Objects(found, "keys").Select(each => Host.Text(each, "key")).ToList();
            return new Page { Keys = keys, Next = found.TryGetValue("next", out var next) ? next as string : null };
        }

        /// <summary>Makes all changes or none; the revisions.</summary>
        /// <exception cref="ConflictException">A key has another revision.</exception>
        public static IReadOnlyList<long> Commit(params Change[] changes)
        {
            var asked = (changes ?? throw new ArgumentNullException(nameof(changes))).Select(each => each.Asked).ToList();
            var revisions = (List<object>)Host.Call("kv.commit", new Fields { ["changes"] = asked })["revisions"];
            return revisions.Select(Convert.ToInt64).ToList();
        }

        private static long Write(string operation, string key, byte[] value, double? ttl, long? revision = null)
        {
            var asked = Fields.Of("key", key).WithBytes("value", value).With("ttl", ttl).With("revision", revision);
            return Host.Number(Host.Call(operation, asked), "revision");
        }

        private static byte[] Bytes(string value) => Native.FromText(value ?? throw new ArgumentNullException(nameof(value)));
    }
}
