using System;
using System.Collections.Generic;
using System.Linq;

namespace Gojinn
{
    /// <summary>Objects of the function's tenant. Which it may use, <c>permissions</c> in the Caddyfile says.</summary>
    public static class Blob
    {
        /// <summary>What is known of an object.</summary>
        public sealed class Info
        {
            /// <summary>Its name.</summary>
            public string Key { get; internal set; }

            /// <summary>Its bytes.</summary>
            public long Size { get; internal set; }

            /// <summary>Another one with each change.</summary>
            public string Etag { get; internal set; }

            /// <summary>What it was written with.</summary>
            public string ContentType { get; internal set; }

            /// <summary>What it was written with.</summary>
            public IReadOnlyDictionary<string, string> Metadata { get; internal set; }

            /// <summary>What it holds, where that was asked for.</summary>
            public byte[] Body { get; internal set; }
        }

        /// <summary>One page of objects; <see cref="Next"/> is where another begins, empty when there is none.</summary>
        public sealed class Page
        {
            /// <summary>The objects, in the order of their keys.</summary>
            public IReadOnlyList<Info> Objects { get; internal set; }

            /// <summary>To be given as <c>after</c>.</summary>
            public string Next { get; internal set; }
        }

        /// <summary>Writes an object, with <paramref name="ifMatch"/> only over the one with that etag; its etag.</summary>
        public static string Put(string key, byte[] body, string contentType = null, IDictionary<string, string> metadata = null, string ifMatch = null)
        {
            return Write("blob.put", key, body, contentType, metadata, ifMatch);
        }

        /// <summary>Writes an object where none is; its etag.</summary>
        /// <exception cref="ExistsException">There is one.</exception>
        public static string Create(string key, byte[] body, string contentType = null, IDictionary<string, string> metadata = null)
        {
            return Write("blob.put_if_absent", key, body, contentType, metadata, null);
        }

        /// <summary>Reads an object or a piece of it, at most 4 MiB at a time.</summary>
        /// <exception cref="NotFoundException">There is none.</exception>
        public static Info Get(string key, long? offset = null, long? length = null)
        {
            var found = Host.Call("blob.get", Fields.Of("key", key).With("offset", offset).With("length", length));
            var known = InfoOf(found);
            known.Body = Native.FromBase64(Host.Text(found, "body"));
            return known;
        }

        /// <summary>What is known of an object.</summary>
        /// <exception cref="NotFoundException">There is none.</exception>
        public static Info Head(string key) => InfoOf(Host.Call("blob.head", Fields.Of("key", key)));

        /// <summary>Lists objects.</summary>
        public static Page Objects(string prefix = "", string after = null, int? limit = null)
        {
            var found = Host.Call("blob.list", Fields.Of("prefix", prefix).With("after", after).With("limit", limit));
            return new Page { Objects = Host.Objects(found, "objects").Select(InfoOf).ToList(), Next = Host.Text(found, "next") };
        }

        /// <summary>Removes an object; one that is not there is no error.</summary>
        public static void Delete(string key) => Host.Call("blob.delete", Fields.Of("key", key));

        /// <summary>Copies an object with its content type and metadata.</summary>
        /// <exception cref="NotFoundException">There is none.</exception>
        public static void Copy(string source, string target) => Host.Call("blob.copy", Fields.Of("source", source).With("target", target));

        /// <summary>An address by which anybody may read (GET) or write (PUT) an object for some time.</summary>
        public static string Presign(string key, string method = "GET", double seconds = 900)
        {
            return Host.Text(Host.Call("blob.presign", Fields.Of("key", key).With("method", method).With("seconds", seconds)), "url");
        }

        private static string Write(string operation, string key, byte[] body, string type, IDictionary<string, string> metadata, string ifMatch)
        {
            var asked = Fields.Of("key", key).With("body", body ?? throw new ArgumentNullException(nameof(body)));
            asked.With("content_type", type).With("metadata", metadata).With("if_match", ifMatch);
            return Host.Text(Host.Call(operation, asked), "etag");
        }

        private static Info InfoOf(Dictionary<string, object> told)
        {
            var metadata = told.TryGetValue("metadata", out var given) ? given as Dictionary<string, object> : null;
            return new Info
            {
                Key = Host.Text(told, "key"),
                Size = Host.Number(told, "size"),
                Etag = Host.Text(told, "etag"),
                ContentType = Host.Text(told, "content_type"),
                Metadata = (metadata ?? new Dictionary<string, object>()).ToDictionary(each => each.Key, each => (string)each.Value),
            };
        }
    }
}
