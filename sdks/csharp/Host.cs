using System;
using System.Collections.Generic;
using System.Linq;

namespace Gojinn
{
    /// <summary>Any operation of the host, by its name. The other classes are for what most functions need.</summary>
    public static unsafe class Host
    {
        private static readonly string[] Refused =
        {
            "", "the operation's name is too long", "the request is too large", "the answer is too large",
        };

        /// <summary>Runs an operation such as <c>kv.get</c>; docs/reference/host-calls.md lists them. What it is given is an
        /// object whose properties are fields, or a dictionary.</summary>
        /// <exception cref="HostException">The host did not do it.</exception>
        public static Dictionary<string, object> Call(string operation, object request = null)
        {
            var told = Told(operation, request);
            var failed = Failed(operation, told);
            return failed == null ? told : throw failed;
        }

        /// <summary>What an operation answers, which may be that it failed.</summary>
        internal static Dictionary<string, object> Told(string operation, object request)
        {
            if (operation == null) throw new ArgumentNullException(nameof(operation));
            if (Runtime.Loading)
                throw new HostException("booting", $"{operation} cannot be used while the function is loaded, only in Handle");
            Native.Clear();
            JsonWriter.Write(request ?? new Fields(), 0);
            var size = Native.Call(operation, out var answer);
            if (size < 0) throw new LimitException($"{operation}: {(size > -4 ? Refused[-size] : "error " + size)}");
            var told = size == 0 ? null : new JsonReader(answer, size).Whole();
            return told as Dictionary<string, object> ?? new Dictionary<string, object> { ["answer"] = told };
        }

        /// <summary>The error that an answer tells, or null.</summary>
        internal static HostException Failed(string operation, Dictionary<string, object> told)
        {
            if (!told.TryGetValue("error", out var error)) return null;
            var details = error as Dictionary<string, object>;
            if (details == null || !details.TryGetValue("code", out var code)) return null;
            return HostException.Of((string)code, $"{operation}: {Text(details, "message")}");
        }

        internal static string Text(Dictionary<string, object> fields, string name)
        {
            return fields.TryGetValue(name, out var value) && value is string text ? text : "";
        }

        internal static long Number(Dictionary<string, object> fields, string name)
        {
            return fields.TryGetValue(name, out var value) && value is long number ? number : value is double real ? (long)real : 0;
        }

        internal static IEnumerable<Dictionary<string, object>> Objects(Dictionary<string, object> fields, string name)
        {
            var found = fields.TryGetValue(name, out var value) ? value as List<object> : null;
            return (found ?? new List<object>()).Cast<Dictionary<string, object>>();
        }

        /// <summary>Bytes that are a field in JSON: as text, or as base64 in one of another name.</summary>
        internal static byte[] Bytes(Dictionary<string, object> fields, string name)
        {
            var base64 = fields.TryGetValue(name + "_base64", out var value) ? value as string : null;
            return base64 != null ? Native.FromBase64(base64) : Native.FromText(Text(fields, name));
        }
    }

    /// <summary>Fields of a request to the host; those that are null are left out.</summary>
    internal sealed class Fields : Dictionary<string, object>
    {
        internal Fields With(string name, object value)
        {
            if (value != null) this[name] = value;
            return this;
        }

        /// <summary>Adds bytes as base64, or what is a text as it is.</summary>
        internal Fields WithBytes(string name, byte[] value)
        {
            this[name + "_base64"] = value ?? throw new ArgumentNullException(name);
            return this;
        }

        internal static Fields Of(string name, string value)
        {
            return new Fields { [name] = value ?? throw new ArgumentNullException(name) };
        }
    }
}
