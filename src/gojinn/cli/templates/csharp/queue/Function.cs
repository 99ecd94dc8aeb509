// {{name}} takes messages and sends them in the background.
//
//   POST /           {"to": "ada"}: answered once the job is on disk
//   GET  /?to=ada    tells whether it was sent
using System;
using Gojinn;

public static class Function
{
    public static Response Handle(Request request)
    {
        if (request.Trigger == "queue") return Work(request);
        if (request.Method == "POST")
        {
            var published = Queue.Publish("{{name}}", request.Body);
            return Response.Json(new { job = published.Job }, 202);
        }
        return Response.Json(new { sent = Kv.Find("sent/" + request.Query["to"]) != null });
    }

    // Does a job. One that fails is tried again, then kept as a dead letter.
    static Response Work(Request job)
    {
        var to = job.Json<Message>().To ?? throw new ArgumentException("the job does not say whom to send to");
        Log.Info("sending", new { to, attempt = job.Attempt });
        Kv.Put("sent/" + to, "yes");
        return Response.Empty();
    }

    class Message
    {
        public string To { get; set; }
    }
}
