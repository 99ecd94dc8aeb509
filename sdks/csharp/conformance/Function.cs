// The conformance function of the C# SDK: does what ../../conformance/README.md says.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Gojinn;

public static class Function
{
    static readonly Dictionary<string, Func<Request, object>> Actions = new Dictionary<string, Func<Request, object>>
    {
        ["/echo"] = request => Response.Bytes(request.Body, request.Headers["content-type"] ?? ""),
        ["/request"] = Describe,
        ["/headers"] = request => Response.Text("ok").With("Set-Cookie", "a=1").With("Set-Cookie", "b=2"),
        ["/json"] = request =>
        {
            var given = request.Json<Numbered>();
            return new { text = given.Text, number = given.Number + 1, count = given.List.Count };
        },
        ["/fail"] = request => throw new InvalidOperationException("a detail that stays in the log"),
        ["/env"] = request => new { value = Environment.GetEnvironmentVariable("GREETING") },
        ["/log"] = Write,
        ["/queue/publish"] = request =>
        {
            var given = request.Json<Sent>();
            var published = Queue.Publish(given.Queue, given.Body, key: given.Key, delay: given.Delay);
            return new { job = published.Job, duplicate = published.Duplicate };
        },
        ["/queue/cycle"] = request =>
        {
            var job = Queue.Publish(request.Json<Sent>().Queue, request.Body, delay: 3600).Job;
            return new { before = Queue.Status(job).State, after = Queue.Cancel(job).State };
        },
        ["/http/fetch"] = request =>
        {
            var given = request.Json<Asked>();
            var redirect = given.Redirect == "manual" ? Http.Redirect.Manual : Http.Redirect.Follow;
            var answer = Http.Fetch(given.Url, timeout: given.Timeout, redirect: redirect);
            return new { status = answer.Status, cookies = answer.Headers.All("set-cookie"), body = answer.Text, url = answer.Url };
        },
        ["/http/relay"] = request =>
        {
            var kind = new Dictionary<string, string> { ["Content-Type"] = request.Headers["content-type"] };
            var answer = Http.Post(request.Query["url"], request.Body, kind);
            return Response.Bytes(answer.Body, answer.Headers["content-type"]);
        },
        ["/ai/chat"] = request => new { answer = Ai.Chat(request.Json<Asked>().Prompt) },
    };

    public static async Task<Response> Handle(Request request)
    {
        var path = request.Path;
        if (path.StartsWith("/status/")) return Response.Empty(int.Parse(path.Substring(8)));
        try
        {
            Func<Request, object> action;
            Func<Request, Task<object>> asking;
            object answer;
            if (Clients.Actions.TryGetValue(path, out asking)) answer = await asking(request);
            else if (Actions.TryGetValue(path, out action) || Data.Actions.TryGetValue(path, out action)) answer = action(request);
            else return Response.Text("no such path", 404);
            return answer as Response ?? Response.Json(answer);
        }
        catch (HostException error)
        {
            return Response.Json(new { error = error.Code, message = error.Message }, 400);
        }
    }

    static object Describe(Request request) => new
    {
        method = request.Method,
        path = request.Path,
        query = request.Query["q"] ?? "",
        header = request.Headers.All("x-many"),
        trigger = request.Trigger,
        tenant = request.Tenant,
        attempt = request.Attempt,
    };

    static object Write(Request request)
    {
        var given = request.Json<Logged>();
        switch (given.Level)
        {
            case "debug": Log.Debug(given.Message, given.Fields); break;
            case "info": Log.Info(given.Message, given.Fields); break;
            case "warn": Log.Warn(given.Message, given.Fields); break;
            default: Log.Error(given.Message, given.Fields); break;
        }
        return Response.Empty();
    }

    class Numbered
    {
        public string Text { get; set; }
        public double Number { get; set; }
        public List<object> List { get; set; }
    }

    class Logged
    {
        public string Level { get; set; }
        public string Message { get; set; }
        public Dictionary<string, object> Fields { get; set; }
    }

    class Sent
    {
        public string Queue { get; set; }
        public string Body { get; set; }
        public string Key { get; set; }
        public double? Delay { get; set; }
    }

    class Asked
    {
        public string Url { get; set; }
        public string Redirect { get; set; }
        public double? Timeout { get; set; }
        public string Prompt { get; set; }
    }
}
