// What HttpClient does.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;
using Gojinn;

static class Clients
{
    static readonly HttpClient Client = new HttpClient();

    internal static readonly Dictionary<string, Func<Request, Task<object>>> Actions = new Dictionary<string, Func<Request, Task<object>>>
    {
        ["/client/get"] = Get,
        ["/client/post"] = async request =>
        {
            var answer = await Client.PostAsync(request.Query["url"], new ByteArrayContent(request.Body));
            return Response.Bytes(await answer.Content.ReadAsByteArrayAsync());
        },
        ["/client/form"] = async request =>
        {
            var form = new FormUrlEncodedContent(request.Json<Dictionary<string, string>>());
            var answer = await Client.PostAsync(request.Query["url"], form);
            return Response.Bytes(await answer.Content.ReadAsByteArrayAsync(), answer.Content.Headers.ContentType.ToString());
        },
        ["/client/late"] = Late,
        ["/client/together"] = async request =>
        {
            var url = request.Query["url"];
            var bodies = await Task.WhenAll(Enumerable.Range(0, 48).Select(each => Client.GetStringAsync(url))); // more than may be under way
            return bodies.GroupBy(body => body).ToDictionary(group => group.Key, group => group.Count());
        },
    };

    static async Task<object> Get(Request request)
    {
        try
        {
            var answer = await Client.GetAsync(request.Query["url"]);
            var cookies = answer.Headers.GetValues("Set-Cookie").ToArray();
            return new { status = (int)answer.StatusCode, cookies, body = await answer.Content.ReadAsStringAsync() };
        }
        catch (HttpRequestException error)
        {
            return Response.Text(error.Message, 400);
        }
    }

    static async Task<object> Late(Request request)
    {
        using (var client = new HttpClient { Timeout = TimeSpan.FromSeconds(0.1) })
        {
            try
            {
                await client.GetAsync(request.Query["url"]);
                return new { late = false };
            }
            catch (TaskCanceledException)
            {
                return new { late = true };
            }
        }
    }
}
