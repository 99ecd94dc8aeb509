// {{name}} takes messages and sends them in the background.
//
//   POST /           {"to": "ada"}: answered once the job is on disk
//   GET  /?to=ada    tells whether it was sent
import { kv, log, queue } from "gojinn";

export default {
    async fetch(request) {
        if (request.gojinn.trigger === "queue") return work(request);
        if (request.method === "POST") {
            const { job } = await queue.publish("{{name}}", await request.bytes());
            return Response.json({ job }, { status: 202 });
        }
        const to = new URL(request.url).searchParams.get("to");
        return Response.json({ sent: (await kv.get(`sent/${to}`)) !== null });
    },
};

// Does a job. One that fails is tried again, then kept as a dead letter.
async function work(job) {
    const { to } = await job.json();
    if (!to) throw new Error("the job does not say whom to send to");
    log.info("sending", { to, attempt: job.gojinn.attempt });
    await kv.put(`sent/${to}`, "yes");
    return new Response(null, { status: 204 });
}
