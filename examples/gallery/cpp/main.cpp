/* The same job in every language: reads an order's JSON from the body, adds tax, answers JSON. */

#include <gojinn.hpp>

static gojinn::response handle(const gojinn::request &request) {
    auto order = request.json();
    return gojinn::response::json({
        {"order_id", order["id"].string().value_or("")},
        {"total", order["value"].number().value_or(0) * 1.15},
    });
}

int main() {
    return gojinn::serve(handle);
}
