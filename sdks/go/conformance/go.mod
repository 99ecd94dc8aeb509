module conformance

go 1.21

require gojinn v0.0.0

replace gojinn => ../
