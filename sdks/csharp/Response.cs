using System;
using System.Collections.Generic;
using System.Globalization;

namespace Gojinn
{
    /// <summary>What a function answers; the static methods make the usual ones.</summary>
    public sealed class Response
    {
        private readonly List<KeyValuePair<string, string>> headers = new List<KeyValuePair<string, string>>();

        /// <summary>Makes one of bytes.</summary>
        /// <exception cref="ArgumentOutOfRangeException">The status is not from 200 to 599.</exception>
        public Response(byte[] body, int status = 200)
        {
            Body = body ?? throw new ArgumentNullException(nameof(body));
            if (status < 200 || status > 599)
                throw new ArgumentOutOfRangeException(nameof(status), status, "a status is from 200 to 599");
            Status = status;
        }

        /// <summary>The status code.</summary>
        public int Status { get; }

        /// <summary>The body.</summary>
        public byte[] Body { get; }

        /// <summary>The header fields; a name may be there several times.</summary>
        public IReadOnlyList<KeyValuePair<string, string>> Headers => headers;

        /// <summary>Adds a header field and returns the response itself.</summary>
        public Response With(string name, string value)
        {
            if (string.IsNullOrEmpty(name)) throw new ArgumentException("a header field has a name", nameof(name));
            headers.Add(new KeyValuePair<string, string>(name, value ?? throw new ArgumentNullException(nameof(value))));
            return this;
        }

        /// <summary>A value as JSON, see <see cref="Gojinn.Json.Serialize"/>.</summary>
        public static Response Json(object value, int status = 200) => Bytes(Gojinn.Json.ToBytes(value), "application/json", status);

        /// <summary>Plain text.</summary>
        public static Response Text(string text, int status = 200) => Typed("text/plain; charset=utf-8", text, status);

        /// <summary>A page.</summary>
        public static Response Html(string text, int status = 200) => Typed("text/html; charset=utf-8", text, status);

        /// <summary>Bytes.</summary>
        public static Response Bytes(byte[] body, string contentType = "application/octet-stream", int status = 200)
        {
            return new Response(body, status).With("Content-Type", contentType);
        }

        /// <summary>No body.</summary>
        public static Response Empty(int status = 204) => new Response(new byte[0], status);

        /// <summary>Sends the client elsewhere.</summary>
        public static Response Redirect(string location, int status = 302) => new Response(new byte[0], status).With("Location", location);

        private static Response Typed(string type, string text, int status)
        {
            return Bytes(Native.FromText(text ?? throw new ArgumentNullException(nameof(text))), type, status);
        }

        /// <summary>Writes it as the host reads it.</summary>
        internal void Write()
        {
            Native.Clear();
            Native.Put("{\"status\":" + Status.ToString(CultureInfo.InvariantCulture) + ",\"headers\":{");
            for (var i = 0; i < headers.Count; i++) WriteField(i);
            Native.Put("},\"body\":");
            if (!Native.PutBytes(Body)) Native.Put(",\"body_encoding\":\"base64\"");
            Native.Put("}");
        }

        /// <summary>Writes a header field with all its values, where it comes first.</summary>
        private void WriteField(int index)
        {
            var name = headers[index].Key;
            for (var i = 0; i < index; i++)
                if (IsSame(name, headers[i].Key)) return;
            if (index > 0) Native.Put(",");
            Native.Quote(name);
            Native.Put(":[");
            for (var i = index; i < headers.Count; i++)
            {
                if (!IsSame(name, headers[i].Key)) continue;
                if (i > index) Native.Put(",");
                Native.Quote(headers[i].Value);
            }
            Native.Put("]");
        }

        private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
    }
}
