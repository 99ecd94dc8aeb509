using System;
using System.Collections.Generic;
using System.Linq;

namespace Gojinn
{
    /// <summary>Other servers: those that the function's block names with <c>allow_host</c>. <c>HttpClient</c> asks by the
    /// same operations.</summary>
    public static class Http
    {
        /// <summary>What becomes of an answer that leads elsewhere.</summary>
        public enum Redirect
        {
            /// <summary>The function gets what is there.</summary>
            Follow,

            /// <summary>It is the answer.</summary>
            Manual,

            /// <summary>It is an error.</summary>
            Refuse,
        }

        /// <summary>What a server answered.</summary>
        public sealed class Answer
        {
            /// <summary>The status code; any is an answer.</summary>
            public int Status { get; internal set; }

            /// <summary>Header fields.</summary>
            public FieldList Headers { get; } = new FieldList(StringComparer.OrdinalIgnoreCase);

            /// <summary>The body.</summary>
            public byte[] Body { get; internal set; }

            /// <summary>What answered in the end.</summary>
            public string Url { get; internal set; }

            /// <summary>The body as a text.</summary>
            public string Text => Native.ToText(Body);

            /// <summary>The body as a type.</summary>
            /// <exception cref="JsonException">It is not JSON, or does not fit.</exception>
            public T Json<T>() => Gojinn.Json.Deserialize<T>(Text);
        }

        private static readonly string[] Ways = { "follow", "manual", "error" };

        /// <summary>Asks a server. A header field with several values is given several times; the timeout is seconds for all of
        /// it.</summary>
        /// <exception cref="DeniedException">The function may not ask it; the message has the line to add.</exception>
        /// <exception cref="UnavailableException">There is no answer.</exception>
        /// <exception cref="TimedOutException">It takes too long.</exception>
        public static Answer Fetch(string url, string method = "GET", IEnumerable<KeyValuePair<string, string>> headers = null, byte[] body = null, double? timeout = null, Redirect redirect = Redirect.Follow)
        {
            return AnswerOf(Host.Call("http.fetch", Asked(url, method, headers, body, timeout, redirect)));
        }

        /// <summary>Asks for a page.</summary>
        public static Answer Get(string url, IEnumerable<KeyValuePair<string, string>> headers = null) => Fetch(url, headers: headers);

        /// <summary>Sends a body.</summary>
        public static Answer Post(string url, byte[] body, IEnumerable<KeyValuePair<string, string>> headers = null) => Fetch(url, "POST", headers, body);

        internal static Fields Asked(string url, string method, IEnumerable<KeyValuePair<string, string>> headers, byte[] body, double? timeout, Redirect redirect)
        {
            var asked = Fields.Of("url", url).With("method", method ?? throw new ArgumentNullException(nameof(method)));
            asked.With("timeout", timeout).With("redirect", Ways[(int)redirect]);
            if (headers != null)
            {
                var fields = new Fields();
                foreach (var field in headers.GroupBy(each => each.Key, StringComparer.OrdinalIgnoreCase))
                    fields[field.Key] = field.Select(each => each.Value).ToArray();
                asked["headers"] = fields;
            }
            return body == null ? asked : asked.WithBytes("body", body);
        }

        internal static Answer AnswerOf(Dictionary<string, object> told)
        {
            var answer = new Answer { Status = (int)Host.Number(told, "status"), Body = Host.Bytes(told, "body"), Url = Host.Text(told, "url") };
            if (told.TryGetValue("headers", out var given) && given is Dictionary<string, object> fields)
                foreach (var field in fields)
                    foreach (var value in (List<object>)field.Value) answer.Headers.Add(field.Key, (string)value);
            return answer;
        }
    }
}
