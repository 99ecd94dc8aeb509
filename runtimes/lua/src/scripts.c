/* The scripts in ../lua, inside of the runtime; `require` finds them by these names. */
#include "scripts.h"

static const char gojinn_lua[] = {
#embed "../lua/gojinn.lua"
    , 0};
static const char ai_lua[] = {
#embed "../lua/ai.lua"
    , 0};
static const char blob_lua[] = {
#embed "../lua/blob.lua"
    , 0};
static const char call_lua[] = {
#embed "../lua/call.lua"
    , 0};
static const char content_lua[] = {
#embed "../lua/content.lua"
    , 0};
static const char fields_lua[] = {
#embed "../lua/fields.lua"
    , 0};
static const char http_lua[] = {
#embed "../lua/http.lua"
    , 0};
static const char io_lua[] = {
#embed "../lua/io.lua"
    , 0};
static const char kv_lua[] = {
#embed "../lua/kv.lua"
    , 0};
static const char lock_lua[] = {
#embed "../lua/lock.lua"
    , 0};
static const char log_lua[] = {
#embed "../lua/log.lua"
    , 0};
static const char main_lua[] = {
#embed "../lua/main.lua"
    , 0};
static const char queue_lua[] = {
#embed "../lua/queue.lua"
    , 0};
static const char request_lua[] = {
#embed "../lua/request.lua"
    , 0};
static const char response_lua[] = {
#embed "../lua/response.lua"
    , 0};
static const char sql_lua[] = {
#embed "../lua/sql.lua"
    , 0};

const struct script SCRIPTS[] = {
    {"gojinn", gojinn_lua, sizeof gojinn_lua - 1},
    {"gojinn.ai", ai_lua, sizeof ai_lua - 1},
    {"gojinn.blob", blob_lua, sizeof blob_lua - 1},
    {"gojinn.call", call_lua, sizeof call_lua - 1},
    {"gojinn.content", content_lua, sizeof content_lua - 1},
    {"gojinn.fields", fields_lua, sizeof fields_lua - 1},
    {"gojinn.http", http_lua, sizeof http_lua - 1},
    {"gojinn.io", io_lua, sizeof io_lua - 1},
    {"gojinn.kv", kv_lua, sizeof kv_lua - 1},
    {"gojinn.lock", lock_lua, sizeof lock_lua - 1},
    {"gojinn.log", log_lua, sizeof log_lua - 1},
    {"gojinn.main", main_lua, sizeof main_lua - 1},
    {"gojinn.queue", queue_lua, sizeof queue_lua - 1},
    {"gojinn.request", request_lua, sizeof request_lua - 1},
    {"gojinn.response", response_lua, sizeof response_lua - 1},
    {"gojinn.sql", sql_lua, sizeof sql_lua - 1},
};

const size_t SCRIPT_COUNT = sizeof SCRIPTS / sizeof *SCRIPTS;
