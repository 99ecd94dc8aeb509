// The way to the host, and to what would take long in interpreted code: runtimes/csharp/src/native.c.

namespace WebAssembly.JSInterop
{
    /// <summary>The one function of the interpreter that takes anything out of it; its name is fixed.</summary>
    internal static class InternalCalls
    {
        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.InternalCall)]
        internal static extern int InvokeJSUnmarshalled(out string exception, string text, int what, int at, int more);
    }
}

namespace Gojinn
{
    /// <summary>What the adapter does. Its numbers are those of native.c.</summary>
    internal static unsafe class Native
    {
        private enum What
        {
            Read, Call, String, Skip, Body, Base64Body, FromBase64, FromText, ToText, Take, Clear, Put, Quote, Bytes, Base64,
            Written, Send, Log, Exit, Random, Line,
        }

        private static int Do(What what, string text = null, int at = 0, int more = 0)
        {
            return WebAssembly.JSInterop.InternalCalls.InvokeJSUnmarshalled(out _, text, (int)what, at, more);
        }

        /// <summary>Reads all of stdin.</summary>
        internal static int Read(out byte* at)
        {
            int place = 0, size = Do(What.Read, more: (int)&place);
            at = (byte*)place;
            return size;
        }

        /// <summary>Runs an operation with what was written; the length of its answer, or a negative code.</summary>
        internal static int Call(string operation, out byte* answer)
        {
            int place = 0, size = Do(What.Call, operation, more: (int)&place);
            answer = (byte*)place;
            return size;
        }

        /// <summary>Decodes the JSON string at a place, which moves behind it.</summary>
        internal static string String(ref byte* at, byte* end)
        {
            var places = stackalloc int[2];
            places[0] = (int)end;
            var length = Do(What.String, at: (int)at, more: (int)places);
            at = (byte*)places[0];
            return length == 0 ? "" : new string((char*)places[1], 0, length);
        }

        /// <summary>Passes a JSON string, list or object.</summary>
        internal static void Skip(ref byte* at, byte* end)
        {
            int place = (int)end;
            Do(What.Skip, at: (int)at, more: (int)&place);
            at = (byte*)place;
        }

        /// <summary>The bytes of a JSON string, which are base64 in it or a text.</summary>
        internal static byte[] Bytes(byte* at, byte* end, bool base64)
        {
            int place = (int)end;
            return Taken(Do(base64 ? What.Base64Body : What.Body, at: (int)at, more: (int)&place));
        }

        internal static byte[] FromBase64(string text) => Taken(Do(What.FromBase64, text));

        internal static byte[] FromText(string text) => Taken(Do(What.FromText, text));

        /// <summary>Decodes UTF-8; what is none becomes U+FFFD.</summary>
        internal static string ToText(byte[] bytes)
        {
            if (bytes.Length == 0) return "";
            int place = bytes.Length;
            fixed (byte* at = bytes)
            {
                var length = Do(What.ToText, at: (int)at, more: (int)&place);
                return new string((char*)place, 0, length);
            }
        }

        private static byte[] Taken(int size)
        {
            if (size < 0) throw new System.FormatException("it is not base64");
            var bytes = new byte[size];
            if (size == 0) return bytes;
            fixed (byte* at = bytes) Do(What.Take, at: (int)at);
            return bytes;
        }

        internal static void Clear() => Do(What.Clear);

        internal static void Put(string text) => Do(What.Put, text);

        internal static void Quote(string text) => Do(What.Quote, text);

        /// <summary>Writes bytes as a JSON string; whether they are a text, else it is base64.</summary>
        internal static bool PutBytes(byte[] bytes) => PutBytes(What.Bytes, bytes);

        internal static void PutBase64(byte[] bytes) => PutBytes(What.Base64, bytes);

        private static bool PutBytes(What what, byte[] bytes)
        {
            fixed (byte* at = bytes) return Do(what, at: (int)at, more: bytes.Length) == 1;
        }

        internal static byte[] Written() => Taken(Do(What.Written));

        internal static void Send() => Do(What.Send);

        internal static void Log(int level, string text) => Do(What.Log, text, more: level);

        /// <summary>The line that an instruction of the interpreter comes from, or 0, and its file.</summary>
        internal static int Line(System.IntPtr method, int offset, out string file)
        {
            int place = offset, line = Do(What.Line, at: (int)method, more: (int)&place);
            file = line == 0 ? null : new string((sbyte*)place);
            return line;
        }

        internal static int Random() => Do(What.Random);

        internal static void Exit(int code) => Do(What.Exit, more: code);
    }
}
