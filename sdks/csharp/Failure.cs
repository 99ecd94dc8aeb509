using System;
using System.Diagnostics;
using System.IO;
using System.Linq;

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
                var told = Said(error) + Trace(error);
                for (var cause = error.InnerException; cause != null; cause = cause.InnerException)
                    told += "\ncaused by: " + Said(cause) + Trace(cause);
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

        /// <summary>The calls that led there, with their lines where they are the function's.</summary>
        private static string Trace(Exception error)
        {
            var shown = (new StackTrace(error, false).GetFrames() ?? new StackFrame[0]).Select(Shown).Where(line => line != null).ToList();
            if (shown.Count > Most) shown = shown.Take(Most / 2).Concat(new[] { "\n  …" }).Concat(shown.Skip(shown.Count - Most / 2)).ToList();
            return string.Concat(shown);
        }

        private static string Shown(StackFrame frame)
        {
            var call = new StackTrace(frame).ToString().Trim();
            if (call == "" || call.StartsWith("at Gojinn.", StringComparison.Ordinal) || call.StartsWith("at (wrapper", StringComparison.Ordinal)) return null;
            var code = call.IndexOf(" <0x", StringComparison.Ordinal);
            return "\n  " + (code < 0 ? call : call.Substring(0, code)) + Place(frame);
        }

        private static string Place(StackFrame frame)
        {
            var method = frame.GetMethod();
            if (method == null) return "";
            var line = Native.Line(method.MethodHandle.Value, frame.GetNativeOffset(), out var file);
            return line == 0 ? "" : $" in {file}:{line}";
        }
    }
}
