// The same job in every language: reads an order's JSON from the body, adds tax, answers JSON.
package main

import "gojinn"

type order struct {
	ID    string
	Value float64
}

type total struct {
	ID    string  `json:"order_id"`
	Total float64 `json:"total"`
}

func main() {
	gojinn.Serve(func(request *gojinn.Request) (*gojinn.Response, error) {
		var given order
		if err := request.JSON(&given); err != nil {
			return nil, err
		}
		return gojinn.JSON(200, total{given.ID, given.Value * 1.15})
	})
}
