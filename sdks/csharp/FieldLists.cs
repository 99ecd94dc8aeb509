using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace Gojinn
{
    /// <summary>Names with several values each: header fields, parameters of a query. A lookup gives the first value.</summary>
    public class FieldList : IEnumerable<KeyValuePair<string, string>>
    {
        private readonly Dictionary<string, List<string>> fields;

        internal FieldList(StringComparer comparer) => fields = new Dictionary<string, List<string>>(comparer);

        /// <summary>The first value, or null.</summary>
        public string this[string name] => fields.TryGetValue(name, out var values) ? values[0] : null;

        /// <summary>All values, none for a name that there is not.</summary>
        public IReadOnlyList<string> All(string name)
        {
            return fields.TryGetValue(name, out var values) ? values : (IReadOnlyList<string>)Array.Empty<string>();
        }

        /// <summary>The names.</summary>
        public IEnumerable<string> Names => fields.Keys;

        /// <summary>Whether there is such a field.</summary>
        public bool Contains(string name) => fields.ContainsKey(name);

        internal void Add(string name, string value)
        {
            if (!fields.TryGetValue(name, out var values)) fields[name] = values = new List<string>();
            values.Add(value);
        }

        /// <summary>Each name with each of its values.</summary>
        public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
        {
            return fields.SelectMany(field => field.Value.Select(value => new KeyValuePair<string, string>(field.Key, value))).GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        /// <summary>Reads a query: <c>a=1&amp;b=2</c>.</summary>
        internal static FieldList Query(string text)
        {
            var found = new FieldList(StringComparer.Ordinal);
            foreach (var pair in text.Split('&'))
            {
                if (pair == "") continue;
                var at = pair.IndexOf('=');
                found.Add(Decode(at < 0 ? pair : pair.Substring(0, at)), at < 0 ? "" : Decode(pair.Substring(at + 1)));
            }
            return found;
        }

        private static string Decode(string text) => Percent(text.Replace('+', ' '));

        internal static string Percent(string text) => text.IndexOf('%') < 0 ? text : Uri.UnescapeDataString(text);
    }
}
