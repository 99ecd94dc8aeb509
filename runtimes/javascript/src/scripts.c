/* The scripts in ../web, inside of the runtime. */
#include "scripts.h"

#include <string.h>

static const char body[] = {
#embed "../web/body.js"
    , 0};
static const char bundle[] = {
#embed "../web/bundle.js"
    , 0};
static const char call[] = {
#embed "../web/call.js"
    , 0};
static const char clone[] = {
#embed "../web/clone.js"
    , 0};
static const char console[] = {
#embed "../web/console.js"
    , 0};
static const char crypto[] = {
#embed "../web/crypto.js"
    , 0};
static const char encoding[] = {
#embed "../web/encoding.js"
    , 0};
static const char env[] = {
#embed "../web/env.js"
    , 0};
static const char events[] = {
#embed "../web/events.js"
    , 0};
static const char fetch[] = {
#embed "../web/fetch.js"
    , 0};
static const char form[] = {
#embed "../web/form.js"
    , 0};
static const char gojinn[] = {
#embed "../web/gojinn.js"
    , 0};
static const char handlers[] = {
#embed "../web/handlers.js"
    , 0};
static const char headers[] = {
#embed "../web/headers.js"
    , 0};
static const char main[] = {
#embed "../web/main.js"
    , 0};
static const char outgoing[] = {
#embed "../web/outgoing.js"
    , 0};
static const char params[] = {
#embed "../web/params.js"
    , 0};
static const char readable[] = {
#embed "../web/readable.js"
    , 0};
static const char request[] = {
#embed "../web/request.js"
    , 0};
static const char response[] = {
#embed "../web/response.js"
    , 0};
static const char sql[] = {
#embed "../web/sql.js"
    , 0};
static const char timers[] = {
#embed "../web/timers.js"
    , 0};
static const char url[] = {
#embed "../web/url.js"
    , 0};
static const char urlhost[] = {
#embed "../web/urlhost.js"
    , 0};
static const char writable[] = {
#embed "../web/writable.js"
    , 0};

static const struct script SCRIPTS[] = {
    {"gojinn:body", body, sizeof body - 1},
    {"gojinn:bundle", bundle, sizeof bundle - 1},
    {"gojinn:call", call, sizeof call - 1},
    {"gojinn:clone", clone, sizeof clone - 1},
    {"gojinn:console", console, sizeof console - 1},
    {"gojinn:crypto", crypto, sizeof crypto - 1},
    {"gojinn:encoding", encoding, sizeof encoding - 1},
    {"gojinn:env", env, sizeof env - 1},
    {"gojinn:events", events, sizeof events - 1},
    {"gojinn:fetch", fetch, sizeof fetch - 1},
    {"gojinn:form", form, sizeof form - 1},
    {"gojinn", gojinn, sizeof gojinn - 1},
    {"gojinn:handlers", handlers, sizeof handlers - 1},
    {"gojinn:headers", headers, sizeof headers - 1},
    {"gojinn:main", main, sizeof main - 1},
    {"gojinn:outgoing", outgoing, sizeof outgoing - 1},
    {"gojinn:params", params, sizeof params - 1},
    {"gojinn:readable", readable, sizeof readable - 1},
    {"gojinn:request", request, sizeof request - 1},
    {"gojinn:response", response, sizeof response - 1},
    {"gojinn:sql", sql, sizeof sql - 1},
    {"gojinn:timers", timers, sizeof timers - 1},
    {"gojinn:url", url, sizeof url - 1},
    {"gojinn:urlhost", urlhost, sizeof urlhost - 1},
    {"gojinn:writable", writable, sizeof writable - 1},
};

const struct script *find_script(const char *name) {
    for (size_t i = 0; i < sizeof SCRIPTS / sizeof *SCRIPTS; i++)
        if (!strcmp(SCRIPTS[i].name, name)) return &SCRIPTS[i];
    return NULL;
}
