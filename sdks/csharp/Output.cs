using System.IO;
using System.Text;

namespace Gojinn
{
    /// <summary>Takes the place of Console.Out and Console.Error: lines go to the log.</summary>
    internal sealed class Output : TextWriter
    {
        private const int Info = 1;
        private readonly StringBuilder line = new StringBuilder();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            if (value == '\n') Flush();
            else if (value != '\r') line.Append(value);
        }

        public override void Write(string value)
        {
            if (value == null) return;
            var from = 0;
            for (var at = value.IndexOf('\n'); at >= 0; at = value.IndexOf('\n', from))
            {
                line.Append(value, from, at - from);
                Flush();
                from = at + 1;
            }
            line.Append(value, from, value.Length - from);
        }

        public override void WriteLine(string value)
        {
            Write(value);
            Flush();
        }

        public override void Flush()
        {
            if (line.Length == 0) return;
            Native.Log(Info, line.ToString());
            line.Clear();
        }
    }
}
