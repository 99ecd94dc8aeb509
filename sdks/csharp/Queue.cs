using System.Collections.Generic;

namespace Gojinn
{
    /// <summary>Jobs for functions, done in the background.</summary>
    public static class Queue
    {
        /// <summary>A job that is on disk.</summary>
        public sealed class Published
        {
            /// <summary>Its id.</summary>
            public string Job { get; internal set; }

            /// <summary>Whether there was one with the same key before, which is the one that is run.</summary>
            public bool Duplicate { get; internal set; }
        }

        /// <summary>What is known of a job.</summary>
        public sealed class Job
        {
            /// <summary>Its id.</summary>
            public string Id { get; internal set; }

            /// <summary>Where it is.</summary>
            public string Queue { get; internal set; }

            /// <summary>One of scheduled, queued, running, retrying, done, dead, cancelled.</summary>
            public string State { get; internal set; }

            /// <summary>The answer of one that is done.</summary>
            public string Body { get; internal set; }
        }

        /// <summary>Sends a job, to be done after some seconds; of two with the same key only the first is run.</summary>
        public static Published Publish(string queue, byte[] body, double? delay = null, string key = null, string priority = null, IDictionary<string, string> headers = null)
        {
            var asked = Fields.Of("queue", queue).WithBytes("body", body).With("delay", delay).With("key", key);
            var told = Host.Call("queue.publish", asked.With("priority", priority).With("headers", headers));
            return new Published { Job = Host.Text(told, "job"), Duplicate = told.TryGetValue("duplicate", out var same) && Equals(same, true) };
        }

        /// <summary>Sends a text.</summary>
        public static Published Publish(string queue, string body, double? delay = null, string key = null, string priority = null, IDictionary<string, string> headers = null)
        {
            return Publish(queue, Native.FromText(body ?? throw new System.ArgumentNullException(nameof(body))), delay, key, priority, headers);
        }

        /// <summary>What is known of a job.</summary>
        /// <exception cref="NotFoundException">There is none.</exception>
        public static Job Status(string job) => Ask("queue.status", job);

        /// <summary>Calls off a job, also one that runs.</summary>
        /// <exception cref="ConflictException">It is over.</exception>
        public static Job Cancel(string job) => Ask("queue.cancel", job);

        private static Job Ask(string operation, string job)
        {
            var told = Host.Call(operation, Fields.Of("job", job));
            return new Job { Id = Host.Text(told, "id"), Queue = Host.Text(told, "queue"), State = Host.Text(told, "state"), Body = Host.Text(told, "body") };
        }
    }
}
