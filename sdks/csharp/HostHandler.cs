#if GOJINN_NET_HTTP // where a function's own code names System.Net.Http
using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;

namespace WebAssembly.Net.Http.HttpClient
{
    /// <summary>What the library's own <c>HttpClientHandler</c> asks by; its name is fixed.</summary>
    public sealed class WasmHttpMessageHandler : Gojinn.HostHandler
    {
    }
}

namespace Gojinn
{
    /// <summary>Has <see cref="HttpClient"/> ask other servers by the host. Every client has one without being told; requests that
    /// are not awaited one by one are under way side by side.</summary>
    public class HostHandler : HttpMessageHandler
    {
        /// <summary>Whether answers that lead elsewhere are followed.</summary>
        public bool AllowAutoRedirect { get; set; } = true;

        /// <summary>Seconds for which one wait stops all else that the function does: timers have their turn between two.</summary>
        private const double Slice = 0.02;

        /// <summary>So many requests may be under way in one invocation.</summary>
        private const int Most = 32;

        private static readonly Dictionary<long, TaskCompletionSource<Http.Answer>> UnderWay = new Dictionary<long, TaskCompletionSource<Http.Answer>>();
        private static bool waiting;

        /// <summary>Has the library find here what it wants of an assembly that only browsers have.</summary>
        internal static void Install()
        {
            AppDomain.CurrentDomain.AssemblyResolve += (sender, wanted) =>
                wanted.Name.StartsWith("WebAssembly.Net.Http", StringComparison.Ordinal) ? typeof(HostHandler).Assembly : null;
        }

        /// <summary>Asks a server. What the host refuses is the cause of an <see cref="HttpRequestException"/>.</summary>
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            var content = request.Content;
            var body = content == null ? null : await content.ReadAsByteArrayAsync();
            var headers = request.Headers.Concat(content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>());
            var fields = headers.Where(each => !IsHosts(each.Key)).SelectMany(each => each.Value.Select(value => new KeyValuePair<string, string>(each.Key, value)));
            var redirect = AllowAutoRedirect ? Http.Redirect.Follow : Http.Redirect.Manual;
            try
            {
                var asked = Http.Asked(request.RequestUri.AbsoluteUri, request.Method.Method, fields, body, null, redirect);
                return Message(await Ask(asked, cancellation), request);
            }
            catch (TimedOutException error)
            {
                throw new TaskCanceledException(error.Message, error);
            }
            catch (HostException error)
            {
                throw new HttpRequestException(error.Message, error);
            }
        }

        private static bool IsHosts(string name)
        {
            return new[] { "Host", "Connection", "Content-Length", "Transfer-Encoding", "Expect" }.Contains(name, StringComparer.OrdinalIgnoreCase);
        }

        private static async Task<Http.Answer> Ask(Fields asked, CancellationToken cancellation)
        {
            while (UnderWay.Count >= Most) await Task.Yield();
            var id = Host.Number(Host.Call("http.start", asked), "id");
            var answer = UnderWay[id] = new TaskCompletionSource<Http.Answer>();
            using (cancellation.Register(() => Cancel(id, cancellation)))
            {
                Attend();
                return await answer.Task;
            }
        }

        private static void Cancel(long id, CancellationToken cancellation)
        {
            if (!UnderWay.TryGetValue(id, out var answer)) return;
            UnderWay.Remove(id);
            Host.Call("http.cancel", new Fields { ["id"] = id });
            answer.TrySetCanceled(cancellation);
        }

        /// <summary>Waits for what is under way as long as there is any; one does it for all.</summary>
        private static async void Attend()
        {
            if (waiting) return;
            waiting = true;
            while (UnderWay.Count > 0)
            {
                await Task.Yield(); // so that others have begun theirs
                if (UnderWay.Count > 0 && !Wait()) await Task.Delay(1); // timers have no turn before
            }
            waiting = false;
        }

        /// <summary>Waits for the first that is done; whether one was.</summary>
        private static bool Wait()
        {
            var told = Host.Told("http.wait", new Fields { ["ids"] = UnderWay.Keys.ToArray(), ["timeout"] = Slice });
            var failed = Host.Failed("http.fetch", told);
            if (!told.ContainsKey("id"))
            {
                if (failed == null) return false;
                foreach (var id in UnderWay.Keys.ToArray()) Done(id, null, failed);
            }
            else
            {
                Done(Host.Number(told, "id"), told, failed);
            }
            return true;
        }

        private static void Done(long id, Dictionary<string, object> told, HostException failed)
        {
            TaskCompletionSource<Http.Answer> answer;
            if (!UnderWay.TryGetValue(id, out answer)) return;
            UnderWay.Remove(id);
            if (failed != null) answer.TrySetException(failed);
            else answer.TrySetResult(Http.AnswerOf((Dictionary<string, object>)told["answer"]));
        }

        private static HttpResponseMessage Message(Http.Answer answer, HttpRequestMessage request)
        {
            var message = new HttpResponseMessage((HttpStatusCode)answer.Status) { RequestMessage = request, Content = new ByteArrayContent(answer.Body) };
            if (answer.Url != "") request.RequestUri = new Uri(answer.Url);
            foreach (var name in answer.Headers.Names.Where(each => !IsHosts(each)))
                if (!message.Headers.TryAddWithoutValidation(name, answer.Headers.All(name)))
                    message.Content.Headers.TryAddWithoutValidation(name, answer.Headers.All(name));
            return message;
        }
    }
}
#endif
