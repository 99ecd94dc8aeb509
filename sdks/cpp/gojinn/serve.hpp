/* Answering the request of this invocation. */
#ifndef GOJINN_SERVE_HPP
#define GOJINN_SERVE_HPP

#include <gojinn/serve.h>

#include "request.hpp"
#include "response.hpp"

namespace gojinn {

/* Has the handler answer; main returns what this does. */
template <class Handler> int serve(Handler handler) {
    gojinn_request asked;
    if (!gojinn_read_request(gojinn_read_all(0).data, &asked)) {
        gojinn_log(GOJINN_ERROR, "what is on standard input is no request");
        return 1;
    }
    response answered = handler(request(asked));
    if (answered.c().failure) gojinn_log(GOJINN_ERROR, answered.c().failure);
    return gojinn_write_response(&answered.c());
}

} // namespace gojinn

#endif
