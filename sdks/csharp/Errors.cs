using System;

namespace Gojinn
{
    /// <summary>The host did not do what it was asked. The code is stable, the message is for people.</summary>
    public class HostException : Exception
    {
        /// <summary>Makes one with a code.</summary>
        public HostException(string code, string message) : base(message) => Code = code;

        /// <summary>A word such as <c>conflict</c>.</summary>
        public string Code { get; }

        internal static HostException Of(string code, string message)
        {
            switch (code)
            {
                case "bad-request": return new BadRequestException(message);
                case "conflict": return new ConflictException(message);
                case "denied": return new DeniedException(message);
                case "exists": return new ExistsException(message);
                case "limit": return new LimitException(message);
                case "not-found": return new NotFoundException(message);
                case "timeout": return new TimedOutException(message);
                case "too-large": return new TooLargeException(message);
                case "unavailable": return new UnavailableException(message);
                case "unknown-op": return new UnknownOperationException(message);
                default: return new HostException(code, message);
            }
        }
    }

    /// <summary>What was asked, or the body of the function's own request, cannot be understood.</summary>
    public class BadRequestException : HostException
    {
        /// <summary>Makes one with what is wrong.</summary>
        public BadRequestException(string message) : base("bad-request", message) { }
    }

    /// <summary>Something has changed meanwhile, or somebody else has it.</summary>
    public class ConflictException : HostException
    {
        /// <summary>Makes one with what has changed.</summary>
        public ConflictException(string message) : base("conflict", message) { }
    }

    /// <summary>The function is not granted this; the message has the line to add to the Caddyfile.</summary>
    public class DeniedException : HostException
    {
        /// <summary>Makes one with what is not granted.</summary>
        public DeniedException(string message) : base("denied", message) { }
    }

    /// <summary>There is one already.</summary>
    public class ExistsException : HostException
    {
        /// <summary>Makes one with what there is.</summary>
        public ExistsException(string message) : base("exists", message) { }
    }

    /// <summary>There would be more than is allowed.</summary>
    public class LimitException : HostException
    {
        /// <summary>Makes one with what is too much.</summary>
        public LimitException(string message) : base("limit", message) { }
    }

    /// <summary>There is none.</summary>
    public class NotFoundException : HostException
    {
        /// <summary>Makes one with what is missing.</summary>
        public NotFoundException(string message) : base("not-found", message) { }
    }

    /// <summary>It takes longer than it may.</summary>
    public class TimedOutException : HostException
    {
        /// <summary>Makes one with what takes too long.</summary>
        public TimedOutException(string message) : base("timeout", message) { }
    }

    /// <summary>It has more bytes than go in one piece.</summary>
    public class TooLargeException : HostException
    {
        /// <summary>Makes one with what is too large.</summary>
        public TooLargeException(string message) : base("too-large", message) { }
    }

    /// <summary>It cannot be done now; trying again later may help.</summary>
    public class UnavailableException : HostException
    {
        /// <summary>Makes one with what is not there now.</summary>
        public UnavailableException(string message) : base("unavailable", message) { }
    }

    /// <summary>This host does not have the operation.</summary>
    public class UnknownOperationException : HostException
    {
        /// <summary>Makes one with the operation's name.</summary>
        public UnknownOperationException(string message) : base("unknown-op", message) { }
    }
}
