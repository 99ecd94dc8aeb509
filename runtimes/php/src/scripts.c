/* The scripts in ../php, inside of the runtime; errors call them by these names. Those that every request runs are the last
   ones, side by side. */
#include "scripts.h"

static const char transfer[] = {
#embed "../php/transfer.php"
    , 0};
static const char curl[] = {
#embed "../php/curl.php"
    , 0};
static const char web[] = {
#embed "../php/web.php"
    , 0};
static const char files[] = {
#embed "../php/files.php"
    , 0};
static const char functions[] = {
#embed "../php/functions.php"
    , 0};
static const char forms[] = {
#embed "../php/forms.php"
    , 0};
static const char problems[] = {
#embed "../php/problems.php"
    , 0};
static const char Ai[] = {
#embed "../php/Ai.php"
    , 0};
static const char Blob[] = {
#embed "../php/Blob.php"
    , 0};
static const char Host[] = {
#embed "../php/Host.php"
    , 0};
static const char HostException[] = {
#embed "../php/HostException.php"
    , 0};
static const char Http[] = {
#embed "../php/Http.php"
    , 0};
static const char Kv[] = {
#embed "../php/Kv.php"
    , 0};
static const char Lock[] = {
#embed "../php/Lock.php"
    , 0};
static const char Log[] = {
#embed "../php/Log.php"
    , 0};
static const char Queue[] = {
#embed "../php/Queue.php"
    , 0};
static const char Sql[] = {
#embed "../php/Sql.php"
    , 0};
static const char native[] = {
#embed "../php/native.php"
    , 0};
static const char globals[] = {
#embed "../php/globals.php"
    , 0};
static const char Request[] = {
#embed "../php/Request.php"
    , 0};
static const char Response[] = {
#embed "../php/Response.php"
    , 0};

const struct script SCRIPTS[] = {
    {"gojinn:transfer.php", transfer, sizeof transfer - 1, "curl_"},
    {"gojinn:curl.php", curl, sizeof curl - 1, "curl_"},
    {"gojinn:web.php", web, sizeof web - 1},
    {"gojinn:files.php", files, sizeof files - 1},
    {"gojinn:functions.php", functions, sizeof functions - 1},
    {"gojinn:forms.php", forms, sizeof forms - 1},
    {"gojinn:problems.php", problems, sizeof problems - 1},
    {"gojinn:Ai.php", Ai, sizeof Ai - 1},
    {"gojinn:Blob.php", Blob, sizeof Blob - 1},
    {"gojinn:Host.php", Host, sizeof Host - 1},
    {"gojinn:HostException.php", HostException, sizeof HostException - 1},
    {"gojinn:Http.php", Http, sizeof Http - 1},
    {"gojinn:Kv.php", Kv, sizeof Kv - 1},
    {"gojinn:Lock.php", Lock, sizeof Lock - 1},
    {"gojinn:Log.php", Log, sizeof Log - 1},
    {"gojinn:Queue.php", Queue, sizeof Queue - 1},
    {"gojinn:Sql.php", Sql, sizeof Sql - 1},
    {"gojinn:native.php", native, sizeof native - 1},
    {"gojinn:globals.php", globals, sizeof globals - 1},
    {"gojinn:Request.php", Request, sizeof Request - 1},
    {"gojinn:Response.php", Response, sizeof Response - 1},
};

const size_t SCRIPT_COUNT = sizeof SCRIPTS / sizeof *SCRIPTS;
