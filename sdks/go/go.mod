module gojinn

go 1.21
