/* {{name}}: greets whom the request's body names. */

#include <gojinn.hpp>
#include <string>

static gojinn::response handle(const gojinn::request &request) {
    std::string message = "hello, ";
    message += request.json()["name"].string().value_or("world");
    return gojinn::response::json({
        {"message", message},
        {"language", "C++"},
        {"method", request.method()},
    });
}

int main() {
    return gojinn::serve(handle);
}
