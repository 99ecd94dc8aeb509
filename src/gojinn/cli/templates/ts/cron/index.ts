// {{name}} runs by the clock and counts how often, and tells that to who asks.
import { type Handler, kv, log } from "gojinn";

export default {
    async fetch(request) {
        const { value, revision } = (await kv.entry("ticks")) ?? { value: "0", revision: 0 };
        let ticks = Number(value);
        if (request.gojinn.trigger === "cron") {
            ticks += 1;
            // Refused when another run was quicker: this one is then tried again.
            await kv.cas("ticks", String(ticks), revision);
            log.info("tick", { ticks });
        }
        return Response.json({ ticks });
    },
} satisfies Handler;
