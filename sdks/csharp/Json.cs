using System;
using System.Collections.Generic;

namespace Gojinn
{
    /// <summary>A text is not JSON, or not the JSON that is expected.</summary>
    public class JsonException : FormatException
    {
        /// <summary>Makes one with what is wrong.</summary>
        public JsonException(string message) : base(message) { }
    }

    /// <summary>JSON (RFC 8259). Names of properties are written as they are and read in upper or lower case.</summary>
    public static class Json
    {
        /// <summary>Writes a value: null, numbers, texts, dictionaries, sequences, or an object's public properties
        /// and fields; bytes as base64.</summary>
        /// <exception cref="ArgumentException">It is nested more than 64 times, or is no finite number.</exception>
        public static string Serialize(object value) => Native.ToText(ToBytes(value));

        /// <summary>Reads a text: null, bool, long, double, string, List&lt;object&gt; and
        /// Dictionary&lt;string, object&gt;.</summary>
        /// <exception cref="JsonException">It is not JSON.</exception>
        public static object Parse(string text) => JsonReader.Read(Native.FromText(text ?? throw new ArgumentNullException(nameof(text))));

        /// <summary>Reads a text into a type: its public properties and fields, or its constructor's parameters.</summary>
        /// <exception cref="JsonException">It is not JSON, or does not fit.</exception>
        public static T Deserialize<T>(string text) => (T)JsonBinder.Bind(Parse(text), typeof(T), "");

        internal static byte[] ToBytes(object value)
        {
            Native.Clear();
            JsonWriter.Write(value, 0);
            return Native.Written();
        }
    }
}
