using System;
using System.Linq;
using System.Text;

namespace Gojinn
{
    /// <summary>What an exception looks like in the log.</summary>
    internal static class Failure
    {
        private const int Longest = 10_000;
        private const int Most = 20;

        internal static string Told(Exception error)
        {
            try
            {
                if (error is TypeInitializationException && error.InnerException != null) error = error.InnerException;
                var told = Said(error) + Trace(error.StackTrace);
                for (var cause = error.InnerException; cause != null; cause = cause.InnerException)
                    told += "\ncaused by: " + Said(cause) + Trace(cause.StackTrace);
                return told;
            }
            catch (Exception other)
            {
                return "an error that cannot be shown: " + other.GetType().FullName;
            }
        }

        private static string Said(Exception error)
        {
            var message = error.Message ?? "";
            return $"{(message.Length > Longest ? message.Substring(0, Longest) : message)} ({error.GetType().FullName})";
        }

        /// <summary>The lines of the function's own methods, as far as the interpreter knows them.</summary>
        internal static string Trace(string trace)
        {
            var lines = (trace ?? "").Split('\n').Select(Shown).Where(line => line != null).ToList();
            var shown = lines.Count > Most ? lines.Take(Most / 2).Concat(new[] { "\n  …" }).Concat(lines.Skip(lines.Count - Most / 2)) : lines;
            return string.Concat(shown);
        }

        private static string Shown(string line)
        {
            line = line.Trim();
            if (line == "" || line.StartsWith("at Gojinn.", StringComparison.Ordinal) || line.StartsWith("at (wrapper", StringComparison.Ordinal)) return null;
            var inside = line.IndexOf(" <0x", StringComparison.Ordinal);
            if (inside < 0) return "\n  " + line;
            var source = line.IndexOf(" in ", inside, StringComparison.Ordinal);
            var place = source < 0 || line[source + 4] == '<' ? "" : line.Substring(source).TrimEnd();
            return "\n  " + line.Substring(0, inside).TrimEnd() + place;
        }
    }
}
