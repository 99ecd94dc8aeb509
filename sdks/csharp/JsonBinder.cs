using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;

namespace Gojinn
{
    /// <summary>Makes objects of a type of what was read as JSON.</summary>
    internal static class JsonBinder
    {
        internal static object Bind(object value, Type type, string place)
        {
            if (type == typeof(object)) return value;
            var inner = Nullable.GetUnderlyingType(type);
            if (value == null)
            {
                if (inner != null || !type.IsValueType) return null;
                throw Wrong(value, type, place);
            }
            type = inner ?? type;
            if (type.IsInstanceOfType(value)) return value;
            try
            {
                return Simple(value, type) ?? Composed(value, type, place) ?? throw Wrong(value, type, place);
            }
            catch (Exception error) when (error is FormatException && !(error is JsonException) || error is OverflowException || error is ArgumentException)
            {
                throw Wrong(value, type, place);
            }
        }

        private static object Simple(object value, Type type)
        {
            if (value is string text)
            {
                if (type.IsEnum) return Enum.Parse(type, text, true);
                if (type == typeof(Guid)) return Guid.Parse(text);
                if (type == typeof(byte[])) return Native.FromBase64(text);
                if (type == typeof(DateTime)) return DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
                if (type == typeof(DateTimeOffset)) return DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
                return null;
            }
            if (!(value is long) && !(value is double)) return null;
            if (type.IsEnum) return value is long ? Enum.ToObject(type, value) : null;
            if (!type.IsPrimitive && type != typeof(decimal) || type == typeof(bool) || type == typeof(char)) return null;
            var whole = !(value is double number) || number == Math.Floor(number);
            var real = type == typeof(double) || type == typeof(float) || type == typeof(decimal);
            return real || whole ? Convert.ChangeType(value, type, CultureInfo.InvariantCulture) : null;
        }

        private static object Composed(object value, Type type, string place)
        {
            if (value is List<object> items) return Sequence(items, type, place);
            if (!(value is Dictionary<string, object> fields) || type.IsPrimitive || type == typeof(string)) return null;
            var arguments = type.IsGenericType ? type.GetGenericArguments() : Type.EmptyTypes;
            if (arguments.Length == 2 && arguments[0] == typeof(string) && typeof(IEnumerable).IsAssignableFrom(type))
            {
                var made = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(arguments));
                foreach (var field in fields) made[field.Key] = Bind(field.Value, arguments[1], Inside(place, field.Key));
                return made;
            }
            return type.IsAbstract ? null : Made(fields, type, place);
        }

        private static object Sequence(List<object> items, Type type, string place)
        {
            var of = type.IsArray ? type.GetElementType() : type.IsGenericType ? type.GetGenericArguments()[0] : null;
            if (of == null || !typeof(IEnumerable).IsAssignableFrom(type)) return null;
            var list = typeof(List<>).MakeGenericType(of);
            var made = (IList)Activator.CreateInstance(list);
            for (var i = 0; i < items.Count; i++) made.Add(Bind(items[i], of, $"{place}[{i}]"));
            if (type.IsArray)
            {
                var array = Array.CreateInstance(of, made.Count);
                made.CopyTo(array, 0);
                return array;
            }
            return type.IsAssignableFrom(list) ? made : null;
        }

        private static object Made(Dictionary<string, object> fields, Type type, string place)
        {
            var byName = new Dictionary<string, object>(fields, StringComparer.OrdinalIgnoreCase);
            var constructors = type.GetConstructors();
            if (!type.IsValueType && constructors.Length == 1 && constructors[0].GetParameters().Length > 0)
                return constructors[0].Invoke(constructors[0].GetParameters().Select(each => Argument(byName, each, place)).ToArray());
            var made = Activator.CreateInstance(type);
            foreach (var member in JsonWriter.MembersOf(type))
            {
                if (!byName.TryGetValue(member.Name, out var value)) continue;
                var inside = Inside(place, member.Name);
                if (member.Field != null) member.Field.SetValue(made, Bind(value, member.Field.FieldType, inside));
                else if (member.Property.CanWrite) member.Property.SetValue(made, Bind(value, member.Property.PropertyType, inside));
            }
            return made;
        }

        private static object Argument(Dictionary<string, object> fields, ParameterInfo parameter, string place)
        {
            if (fields.TryGetValue(parameter.Name, out var value)) return Bind(value, parameter.ParameterType, Inside(place, parameter.Name));
            if (parameter.HasDefaultValue) return parameter.DefaultValue;
            return parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null;
        }

        private static string Inside(string place, string name) => place == "" ? name : place + "." + name;

        private static JsonException Wrong(object value, Type type, string place)
        {
            var found = value == null ? "null" : value is string ? "a text" : value is bool ? "a bool" : value is List<object> ? "a list" : value is Dictionary<string, object> ? "an object" : "the number " + Convert.ToString(value, CultureInfo.InvariantCulture);
            return new JsonException($"{(place == "" ? "it" : "'" + place + "'")} is {found}, expected {type.Name}");
        }
    }
}
