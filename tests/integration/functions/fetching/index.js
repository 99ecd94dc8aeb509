// Asks the server that `to` names and answers what came of it: a list of [what, what came out, what should].
import { answers, bodies, requests } from "./exchanges.js";
import { aborts, together } from "./loop.js";
import { refusals } from "./refusals.js";

const suites = { aborts, answers, bodies, refusals, requests, together };

const ways = {
    throws: (to) => fetch(`${to}/closed`),
    lost: (to) => {
        fetch(`${to}/never`);
        return "answered";
    },
    unheard: (to) => {
        fetch("http://denied.example/");
        return new Promise((resolve) => setTimeout(() => resolve("answered"), 5));
    },
    later: (to, request, context) => {
        context.waitUntil(fetch(`${to}/echo?later`).then((response) => console.log(`later: ${response.status}`)));
        return "answered";
    },
    relay: (to, request) => {
        const url = new URL(request.url);
        return fetch(new Request(to + url.searchParams.get("path"), request));
    },
    rewritten: async (to, request) => {
        const upstream = await fetch(`${to}/echo`, request);
        const response = new Response(upstream.body, upstream);
        response.headers.set("x-by", "me");
        return response;
    },
};

export default {
    async fetch(request, env, context) {
        const { pathname, searchParams } = new URL(request.url);
        const [, kind, name] = pathname.split("/");
        const to = searchParams.get("to");
        return kind === "suite" ? suites[name](to) : ways[name](to, request, context);
    },
};
