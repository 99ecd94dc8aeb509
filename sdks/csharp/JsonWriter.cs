using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;

namespace Gojinn
{
    /// <summary>Writes values as JSON, into what the adapter collects.</summary>
    internal static class JsonWriter
    {
        private const int Deepest = 64;
        private static readonly Dictionary<Type, Member[]> Known = new Dictionary<Type, Member[]>();

        internal struct Member
        {
            internal string Name;
            internal PropertyInfo Property;
            internal FieldInfo Field;
        }

        internal static void Write(object value, int depth)
        {
            if (depth > Deepest) throw new ArgumentException($"the value is nested more than {Deepest} times, or holds itself");
            if (value == null) Native.Put("null");
            else if (!WriteSimple(value)) WriteComposed(value, depth);
        }

        private static bool WriteSimple(object value)
        {
            if (value is Enum || value is Guid || value is TimeSpan || value is Uri) Native.Quote(value.ToString());
            else if (value is DateTimeOffset) Native.Quote(((DateTimeOffset)value).ToString("o", CultureInfo.InvariantCulture));
            else if (value is byte[] bytes) Native.PutBase64(bytes);
            else return WriteBasic(value);
            return true;
        }

        private static bool WriteBasic(object value)
        {
            switch (Type.GetTypeCode(value.GetType()))
            {
                case TypeCode.String: Native.Quote((string)value); return true;
                case TypeCode.Char: Native.Quote(value.ToString()); return true;
                case TypeCode.Boolean: Native.Put((bool)value ? "true" : "false"); return true;
                case TypeCode.DateTime: Native.Quote(((DateTime)value).ToString("o", CultureInfo.InvariantCulture)); return true;
                case TypeCode.Double: case TypeCode.Single: WriteReal(Convert.ToDouble(value)); return true;
                case TypeCode.Object: case TypeCode.DBNull: return false;
                default: Native.Put(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)); return true;
            }
        }

        private static void WriteComposed(object value, int depth)
        {
            if (value is IDictionary fields) WriteFields(fields, depth);
            else if (value is IEnumerable items) WriteItems(items, depth);
            else WriteMembers(value, depth);
        }

        private static void WriteReal(double number)
        {
            if (double.IsNaN(number) || double.IsInfinity(number)) throw new ArgumentException($"JSON has no {number}");
            Native.Put(number.ToString("R", CultureInfo.InvariantCulture));
        }

        private static void WriteFields(IDictionary fields, int depth)
        {
            var separator = "{";
            foreach (DictionaryEntry field in fields)
            {
                Native.Put(separator);
                Native.Quote(Convert.ToString(field.Key, CultureInfo.InvariantCulture));
                Native.Put(":");
                Write(field.Value, depth + 1);
                separator = ",";
            }
            Native.Put(separator == "{" ? "{}" : "}");
        }

        private static void WriteItems(IEnumerable items, int depth)
        {
            var separator = "[";
            foreach (var item in items)
            {
                Native.Put(separator);
                Write(item, depth + 1);
                separator = ",";
            }
            Native.Put(separator == "[" ? "[]" : "]");
        }

        private static void WriteMembers(object value, int depth)
        {
            var separator = "{";
            foreach (var member in MembersOf(value.GetType()))
            {
                Native.Put(separator);
                Native.Quote(member.Name);
                Native.Put(":");
                Write(member.Property != null ? member.Property.GetValue(value) : member.Field.GetValue(value), depth + 1);
                separator = ",";
            }
            Native.Put(separator == "{" ? "{}" : "}");
        }

        /// <summary>The public properties that can be read, and the public fields.</summary>
        internal static Member[] MembersOf(Type type)
        {
            if (Known.TryGetValue(type, out var found)) return found;
            var members = new List<Member>();
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
                if (property.CanRead && property.GetIndexParameters().Length == 0)
                    members.Add(new Member { Name = property.Name, Property = property });
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
                members.Add(new Member { Name = field.Name, Field = field });
            return Known[type] = members.ToArray();
        }
    }
}
