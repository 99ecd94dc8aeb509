// workerd peer: the same fixed JSON from one long-lived V8 isolate (workerd has no sandbox per request).
export default {
  async fetch() {
    return new Response('{"hello":"world","from":"a fresh sandbox"}', {
      headers: { "content-type": "application/json" },
    });
  },
};
