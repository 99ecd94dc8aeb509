using System;
using System.Collections.Generic;
using System.Globalization;

namespace Gojinn
{
    /// <summary>Reads JSON that lies in memory as UTF-8.</summary>
    internal unsafe struct JsonReader
    {
        private const int Deepest = 64;
        private readonly byte* start;
        private readonly byte* end;
        private byte* at;

        internal JsonReader(byte* start, int size)
        {
            this.start = at = start;
            end = start + size;
        }

        internal static object Read(byte[] text)
        {
            if (text.Length == 0) throw new JsonException("it is empty, expected JSON");
            fixed (byte* place = text) return new JsonReader(place, text.Length).Whole();
        }

        internal object Whole()
        {
            var value = Value(0);
            if (Next() != 0 || at < end) throw Wrong("the end");
            return value;
        }

        /// <summary>The next byte that is no blank, 0 at the end.</summary>
        internal byte Next()
        {
            while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
            return at < end ? *at : (byte)0;
        }

        /// <summary>Passes a byte if it is the next one.</summary>
        internal bool Take(char wanted)
        {
            if (Next() != wanted) return false;
            at++;
            return true;
        }

        internal void Expect(char wanted)
        {
            if (!Take(wanted)) throw Wrong("'" + wanted + "'");
        }

        internal string String()
        {
            if (Next() != '"') throw Wrong("a string");
            var text = Native.String(ref at, end);
            if (at[-1] != '"') throw Wrong("the end of a string");
            return text;
        }

        /// <summary>Passes a value that begins with this; where it is.</summary>
        internal byte* Skip(char first)
        {
            if (Next() != first) throw Wrong("'" + first + "'");
            var place = at;
            Native.Skip(ref at, end);
            return place;
        }

        internal object Value(int depth)
        {
            if (depth > Deepest) throw new JsonException($"it is nested more than {Deepest} times");
            switch ((char)Next())
            {
                case '{': return Object(depth);
                case '[': return List(depth);
                case '"': return String();
                case 't': return Word("true", true);
                case 'f': return Word("false", false);
                case 'n': return Word("null", null);
                default: return Number();
            }
        }

        private object Object(int depth)
        {
            var fields = new Dictionary<string, object>();
            at++;
            if (Take('}')) return fields;
            do
            {
                var name = String();
                Expect(':');
                fields[name] = Value(depth + 1);
            } while (Take(','));
            Expect('}');
            return fields;
        }

        private object List(int depth)
        {
            var items = new List<object>();
            at++;
            if (Take(']')) return items;
            do items.Add(Value(depth + 1)); while (Take(','));
            Expect(']');
            return items;
        }

        private object Word(string word, object value)
        {
            foreach (var letter in word)
            {
                if (at >= end || *at != letter) throw Wrong(word);
                at++;
            }
            return value;
        }

        private object Number()
        {
            var from = at;
            var whole = true;
            long value = 0;
            if (at < end && *at == '-') at++;
            var digits = at;
            for (; at < end; at++)
            {
                if (*at >= '0' && *at <= '9') value = unchecked(value * 10 + (*at - '0'));
                else if (*at == '.' || *at == 'e' || *at == 'E' || *at == '+' || *at == '-') whole = false;
                else break;
            }
            if (at == digits || *digits > '9' || *digits < '0')
            {
                at = from;
                throw Wrong("a value");
            }
            if (whole && at - digits < 19) return from == digits ? value : -value;
            var text = new string((sbyte*)from, 0, (int)(at - from));
            if (whole && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)) return value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return number;
            at = from;
            throw Wrong("a number");
        }

        private JsonException Wrong(string expected)
        {
            var found = at < end ? "'" + (char)*at + "'" : "the end";
            return new JsonException($"at byte {at - start}: {found}, expected {expected}");
        }
    }
}
