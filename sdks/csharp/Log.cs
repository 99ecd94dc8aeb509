namespace Gojinn
{
    /// <summary>The function's log. What is written to <see cref="System.Console"/> goes there too.</summary>
    public static class Log
    {
        /// <summary>What only matters while looking for a mistake.</summary>
        public static void Debug(string message, object fields = null) => Write("debug", message, fields);

        /// <summary>What happened as it should.</summary>
        public static void Info(string message, object fields = null) => Write("info", message, fields);

        /// <summary>What should not have happened and did no harm.</summary>
        public static void Warn(string message, object fields = null) => Write("warn", message, fields);

        /// <summary>What went wrong. Fields are an object's properties, or a dictionary.</summary>
        public static void Error(string message, object fields = null) => Write("error", message, fields);

        private static void Write(string level, string message, object fields)
        {
            Host.Call("log.write", Fields.Of("message", message).With("level", level).With("fields", fields));
        }
    }
}
