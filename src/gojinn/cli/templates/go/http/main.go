// {{name}} greets whom the request's body names.
package main

import (
	"gojinn"
	"gojinn/log"
)

type greeting struct {
	Message  string `json:"message"`
	Language string `json:"language"`
	Method   string `json:"method"`
}

func main() { gojinn.Serve(handle) }

func handle(request *gojinn.Request) (*gojinn.Response, error) {
	who := struct{ Name string }{"world"}
	if err := request.JSON(&who); err != nil {
		log.Info("greeting everybody", log.Fields{"because": err.Error()})
	}
	return gojinn.JSON(200, greeting{"hello, " + who.Name, "Go", request.Method})
}
