// Engines and the programs in them, for Python to open and close. Running programs is `core.c`'s.

#include "component.h"

#include <stdlib.h>

static bool copy_strings(strings *s) {
    char *bytes = malloc(s->size + 1);
    if (!bytes) return false;
    memcpy(bytes, s->bytes, s->size);
    s->bytes = bytes;
    return true;
}

// Takes ownership of the plan's `pre`, or of all that the component has, when it succeeds.
EXPORTED program *gojinn_program(core *k, const plan *given, const component *instead) {
    program *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    *p = (program){.core = k, .plan = *given, .users = 1};
    if (instead) p->component = *instead;
    surroundings *common = &p->plan.common;
    if (copy_strings(&common->args)) {
        if (copy_strings(&common->env)) return p;
        free((char *)common->args.bytes);
    }
    free(p);
    return NULL;
}

// The guest is parked in the call whose like is to be answered.
EXPORTED bool gojinn_taught(const call *c, const lesson *given) { return taught(&c->program->lessons, given); }

// Takes ownership of the statement when it succeeds.
EXPORTED bool gojinn_teach(call *c, statement *s, const lesson *given) {
    return learn(&c->program->lessons, c->operation, s, given);
}

void drop_user(program *p) {
    if (--p->users > 0) return;
    forget_all(&p->lessons);
    if (p->component.code) component_program_free(&p->component);
    else wasmtime_instance_pre_delete(p->plan.pre);
    free((char *)p->plan.common.args.bytes);
    free((char *)p->plan.common.env.bytes);
    free(p);
}

EXPORTED void gojinn_release(program *p) { drop_user(p); }

// Which sources these are; engine/library.py asks whether they are the ones that it lies beside.
EXPORTED uint64_t gojinn_stamp(void) { return GOJINN_STAMP; }

EXPORTED const char *gojinn_load(const char *wasmtime) { return wasmtime_load(wasmtime); }

EXPORTED core *gojinn_open(wasmtime_engine *engine, int64_t tick, uint64_t memory_keep) {
    core *k = calloc(1, sizeof *k);
    if (!k) return NULL;
    k->engine = engine;
    k->memory_keep = memory_keep;
    k->ticker = ticker_new(engine, tick);
    if (k->ticker) return k;
    free(k);
    return NULL;
}

EXPORTED suspension *gojinn_suspension(core *k) { return &k->suspension; }
EXPORTED remains *gojinn_remains(core *k) { return &k->remains; }
EXPORTED answer *gojinn_answer(core *k) { return &k->answer; }
EXPORTED uint64_t gojinn_live(const core *k) { return k->live; }

// The engine itself stays its owner's; nothing may be live.
EXPORTED void gojinn_close(core *k) {
    ticker_delete(k->ticker);
    free_call(k->ended);
    free(k);
}
