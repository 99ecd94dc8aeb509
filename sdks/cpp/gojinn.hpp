/* Functions for Gojinn in C++23: a handler takes a request and returns a response.

       #include <gojinn.hpp>

       static gojinn::response handle(const gojinn::request &request) {
           auto name = request.json()["name"].string().value_or("world");
           return gojinn::response::json({{"hello", name}});
       }

       int main() { return gojinn::serve(handle); }

   It is made of the SDK for C. Texts are views that live as long as the sandbox, which is one request; nothing has
   to be freed. What can fail returns a result, a std::expected with an error that has a code and a message. */
#ifndef GOJINN_HPP
#define GOJINN_HPP

#include "gojinn/ai.hpp"
#include "gojinn/blob.hpp"
#include "gojinn/http.hpp"
#include "gojinn/json.hpp"
#include "gojinn/kv.hpp"
#include "gojinn/lock.hpp"
#include "gojinn/log.hpp"
#include "gojinn/queue.hpp"
#include "gojinn/request.hpp"
#include "gojinn/response.hpp"
#include "gojinn/result.hpp"
#include "gojinn/serve.hpp"
#include "gojinn/sql.hpp"

#endif
