using System;
using System.Collections.Generic;

namespace Gojinn
{
    /// <summary>What a function is asked.</summary>
    public sealed unsafe class Request
    {
        private byte[] body;
        private string text;
        private FieldList query;
        private FieldList headers;
        private byte* headersPlace;
        private byte* bodyPlace;
        private byte* end;
        private bool base64;

        private Request()
        {
        }

        /// <summary>The HTTP method, or what started the function: ASYNC, CRON, MQTT, WEBHOOK.</summary>
        public string Method { get; private set; } = "";

        /// <summary>The path with the query, as received.</summary>
        public string Uri { get; private set; } = "";

        /// <summary>Header fields, by names in upper or lower case.</summary>
        public FieldList Headers => headers ?? (headers = ReadHeaders());

        /// <summary>The W3C traceparent of the invocation.</summary>
        public string TraceId { get; private set; } = "";

        /// <summary>Who asks, of those who share the server.</summary>
        public string Tenant { get; private set; } = "";

        /// <summary>The client's address.</summary>
        public string ClientIp { get; private set; } = "";

        /// <summary>What started the function: http, queue, cron, mqtt, webhook.</summary>
        public string Trigger { get; private set; } = "";

        /// <summary>Which delivery of the same event this is, from 1.</summary>
        public int Attempt { get; private set; } = 1;

        /// <summary>The decoded path.</summary>
        public string Path => FieldList.Percent(Uri.Split('?')[0]);

        /// <summary>The parameters of the query, decoded.</summary>
        public FieldList Query
        {
            get
            {
                var at = Uri.IndexOf('?');
                return query ?? (query = FieldList.Query(at < 0 ? "" : Uri.Substring(at + 1)));
            }
        }

        /// <summary>The body.</summary>
        public byte[] Body => body ?? (body = bodyPlace == null ? new byte[0] : Native.Bytes(bodyPlace, end, base64));

        /// <summary>The body as a text; bytes that are not UTF-8 are U+FFFD.</summary>
        public string Text => text ?? (text = Native.ToText(Body));

        /// <summary>What the body says: null, bool, long, double, string, List&lt;object&gt;,
        /// Dictionary&lt;string, object&gt;.</summary>
        /// <exception cref="BadRequestException">It is not JSON.</exception>
        public object Json() => Json<object>();

        /// <summary>What the body says, as a type: see <see cref="Gojinn.Json.Deserialize{T}"/>.</summary>
        /// <exception cref="BadRequestException">It is not JSON, or does not fit.</exception>
        public T Json<T>()
        {
            try
            {
                return (T)JsonBinder.Bind(JsonReader.Read(Body), typeof(T), "");
            }
            catch (JsonException error)
            {
                throw new BadRequestException("the body is not the JSON that is expected: " + error.Message);
            }
        }

        /// <summary>Reads the envelope of a request; headers and body stay where they are until they are asked for.</summary>
        internal static Request Read(byte* at, int size)
        {
            var request = new Request { end = at + size };
            var reader = new JsonReader(at, size);
            reader.Expect('{');
            do
            {
                var name = reader.String();
                reader.Expect(':');
                request.ReadField(name, ref reader);
            } while (reader.Take(','));
            return request;
        }

        private void ReadField(string name, ref JsonReader reader)
        {
            switch (name)
            {
                case "method": Method = reader.String(); break;
                case "uri": Uri = reader.String(); break;
                case "trace_id": TraceId = reader.String(); break;
                case "tenant": Tenant = reader.String(); break;
                case "client_ip": ClientIp = reader.String(); break;
                case "trigger": Trigger = reader.String(); break;
                case "body_encoding": base64 = reader.String() == "base64"; break;
                case "headers": headersPlace = reader.Skip('{'); break;
                case "attempt": Attempt = Convert.ToInt32(reader.Value(0)); break;
                case "body": bodyPlace = reader.Skip('"'); break;
                default: reader.Value(0); break;
            }
        }

        private FieldList ReadHeaders()
        {
            var found = new FieldList(StringComparer.OrdinalIgnoreCase);
            if (headersPlace == null) return found;
            var reader = new JsonReader(headersPlace, (int)(end - headersPlace));
            reader.Expect('{');
            if (reader.Take('}')) return found;
            do
            {
                var name = reader.String();
                reader.Expect(':');
                reader.Expect('[');
                if (reader.Take(']')) continue;
                do found.Add(name, reader.String()); while (reader.Take(','));
                reader.Expect(']');
            } while (reader.Take(','));
            return found;
        }
    }
}
