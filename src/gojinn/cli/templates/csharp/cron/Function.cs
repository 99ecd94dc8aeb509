// {{name}} runs by the clock and counts how often, and tells that to who asks.
using Gojinn;

public static class Function
{
    public static Response Handle(Request request)
    {
        var entry = Kv.Find("ticks");
        var ticks = entry == null ? 0 : int.Parse(entry.Text);
        if (request.Trigger == "cron")
        {
            ticks++;
            // Refused when another run was quicker: this one is then tried again.
            Kv.CompareAndSet("ticks", ticks.ToString(), entry?.Revision ?? 0);
            Log.Info("tick", new { ticks });
        }
        return Response.Json(new { ticks });
    }
}
