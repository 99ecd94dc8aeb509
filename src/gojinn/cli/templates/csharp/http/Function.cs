// {{name}} greets whom the request's body names.
//
// Static fields are set once, when the function is built; Handle runs for each request, in a fresh sandbox. What is
// written to the console goes to the function's log.
using Gojinn;

public static class Function
{
    public static Response Handle(Request request)
    {
        var name = ReadName(request) ?? "world";
        return Response.Json(new { message = "hello, " + name, language = "C#", method = request.Method });
    }

    // Runs when the function is built: what has been run once is quicker in each request.
    public static void Warm() => Response.Json(new { message = "", language = "", method = "" });

    // The name that the body says, or null where it says none.
    static string ReadName(Request request)
    {
        try
        {
            return request.Json<Greeting>()?.Name;
        }
        catch (BadRequestException)
        {
            return null;
        }
    }

    class Greeting
    {
        public string Name { get; set; }
    }
}
