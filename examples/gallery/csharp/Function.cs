// The same job in every language: reads an order's JSON from the body, adds tax, answers JSON.
using Gojinn;

public static class Function
{
    public static Response Handle(Request request)
    {
        var order = request.Json<Order>();
        return Answer(order.Id, order.Value);
    }

    // Runs when the function is built: what has been run once is quicker in each request.
    public static void Warm()
    {
        var order = Json.Deserialize<Order>("{\"id\":\"A-1\",\"value\":1}");
        Answer(order.Id, order.Value);
    }

    static Response Answer(string id, double value) => Response.Json(new { order_id = id, total = value * 1.15 });

    class Order
    {
        public string Id { get; set; }
        public double Value { get; set; }
    }
}
