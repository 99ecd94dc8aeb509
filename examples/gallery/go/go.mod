module order

go 1.21

require gojinn v0.0.0

// The SDK; `gojinn build` puts it there.
replace gojinn => ./.gojinn/sdk/go
