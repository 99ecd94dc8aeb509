// {{name}} keeps items by an API in JSON.
//
//   GET    /       lists them
//   PUT    /<id>   writes one, any JSON
//   GET    /<id>   reads it
//   DELETE /<id>   removes it
using System.Linq;
using Gojinn;

public static class Function
{
    const string Prefix = "items/";

    public static Response Handle(Request request)
    {
        var id = request.Path.Substring(1);
        if (id == "") return request.Method == "GET" ? List() : Problem(405, "name an item: /<id>");
        switch (request.Method)
        {
            case "GET": return Read(id);
            case "PUT": return Write(id, request);
            case "DELETE": return Delete(id);
            default: return Problem(405, "use GET, PUT or DELETE");
        }
    }

    static Response List()
    {
        return Response.Json(new { items = Kv.Keys(Prefix).Keys.Select(key => key.Substring(Prefix.Length)) });
    }

    static Response Read(string id)
    {
        var item = Kv.GetBytes(Prefix + id);
        return item == null ? Problem(404, "there is no such item") : Response.Bytes(item, "application/json");
    }

    static Response Write(string id, Request request)
    {
        try
        {
            request.Json();
        }
        catch (BadRequestException)
        {
            return Problem(400, "send JSON");
        }
        Kv.Put(Prefix + id, request.Body);
        return Response.Json(new { id });
    }

    static Response Delete(string id)
    {
        Kv.Delete(Prefix + id);
        return Response.Empty();
    }

    static Response Problem(int status, string error) => Response.Json(new { error }, status);
}
