using System;
using System.Collections.Generic;

namespace Gojinn
{
    /// <summary>Other servers, as far as the host lets the function ask them.</summary>
    public static class Http
    {
        /// <summary>What a server answered.</summary>
        public sealed class Answer
        {
            /// <summary>The status code; any is an answer.</summary>
            public int Status { get; internal set; }

            /// <summary>Header fields.</summary>
            public FieldList Headers { get; } = new FieldList(StringComparer.OrdinalIgnoreCase);

            /// <summary>The body.</summary>
            public byte[] Body { get; internal set; }

            /// <summary>The body as a text.</summary>
            public string Text => Native.ToText(Body);

            /// <summary>The body as a type.</summary>
            /// <exception cref="JsonException">It is not JSON, or does not fit.</exception>
            public T Json<T>() => Gojinn.Json.Deserialize<T>(Text);
        }

        /// <summary>Asks a server.</summary>
        /// <exception cref="DeniedException">The host does not let the function ask it.</exception>
        /// <exception cref="UnavailableException">It does not answer.</exception>
        public static Answer Fetch(string url, string method = "GET", IDictionary<string, string> headers = null, byte[] body = null, double? timeout = null)
        {
            var asked = Fields.Of("url", url).With("method", method ?? throw new ArgumentNullException(nameof(method))).With("timeout", timeout);
            if (headers != null)
            {
                var fields = new Fields();
                foreach (var field in headers) fields[field.Key] = new[] { field.Value };
                asked["headers"] = fields;
            }
            return AnswerOf(Host.Call("http.fetch", body == null ? asked : asked.WithBytes("body", body)));
        }

        /// <summary>Asks for a page.</summary>
        public static Answer Get(string url, IDictionary<string, string> headers = null) => Fetch(url, headers: headers);

        /// <summary>Sends a body.</summary>
        public static Answer Post(string url, byte[] body, IDictionary<string, string> headers = null) => Fetch(url, "POST", headers, body);

        private static Answer AnswerOf(Dictionary<string, object> told)
        {
            var answer = new Answer { Status = (int)Host.Number(told, "status"), Body = Host.Bytes(told, "body") };
            if (told.TryGetValue("headers", out var given) && given is Dictionary<string, object> fields)
                foreach (var field in fields)
                    foreach (var value in (List<object>)field.Value) answer.Headers.Add(field.Key, (string)value);
            return answer;
        }
    }
}
