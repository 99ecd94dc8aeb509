/* The language model that the host is configured with. */

#ifndef GOJINN_AI_H
#define GOJINN_AI_H

#include "host.h"

/* Answers a conversation: a JSON list of {"role": "system|user|assistant", "content"}, by a format. */
static inline const gojinn_error *gojinn_ai_chat(const char **answer, const char *messages, ...) {
    gojinn_buffer request = {NULL, 0, 0};
    gojinn_format(&request, "{'messages':");
    va_list values;
    va_start(values, messages);
    gojinn_vformat(&request, messages, values);
    va_end(values);
    gojinn_format(&request, "}");
    const char *said;
    const gojinn_error *error = gojinn_call("ai.chat", gojinn_taken(&request), &said);
    if (!error) *answer = json_text(json_find(json_find(said, "message"), "content"));
    return error;
}

#endif
