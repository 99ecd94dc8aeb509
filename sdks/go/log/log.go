// Package log writes to the function's log. What is printed to standard error goes there too.
package log

import (
	"unsafe"

	"gojinn/host"
)

//go:wasmimport gojinn host_log
func hostLog(level uint32, text unsafe.Pointer, length uint32)

// Fields go with a message.
type Fields map[string]any

// Debug writes what only matters while looking for a mistake.
func Debug(message string, fields ...Fields) { write(0, message, fields) }

// Info writes what happened as it should.
func Info(message string, fields ...Fields) { write(1, message, fields) }

// Warn writes what should not have happened and did no harm.
func Warn(message string, fields ...Fields) { write(2, message, fields) }

// Error writes what went wrong.
func Error(message string, fields ...Fields) { write(3, message, fields) }

var names = [...]string{"debug", "info", "warn", "error"}

func write(level int, message string, fields []Fields) {
	if len(fields) == 0 {
		hostLog(uint32(level), unsafe.Pointer(unsafe.StringData(message)), uint32(len(message)))
		return
	}
	all := Fields{}
	for _, some := range fields {
		for key, value := range some {
			all[key] = value
		}
	}
	entry := map[string]any{"level": names[level], "message": message, "fields": all}
	if err := host.Call("log.write", entry, nil); err != nil {
		write(level, message, nil)
	}
}
