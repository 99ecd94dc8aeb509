/* The same job in every language: reads an order's JSON from the body, adds tax, answers JSON. */

#include <gojinn.h>

static gojinn_response handle(const gojinn_request *request) {
    const char *order = json_parse(request->body.data);
    double value = json_number(json_find(order, "value"), 0);
    return gojinn_json(200, "{'order_id':%s,'total':%g}", json_text(json_find(order, "id")), value * 1.15);
}

int main(void) {
    return gojinn_serve(handle);
}
