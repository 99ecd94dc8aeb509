//go:build wasip1 && gojinn_snapshot

package gojinn

import (
	"encoding/binary"
	"io"
	random "math/rand"
	randomv2 "math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"unsafe"
)

// A function that `gojinn build` makes a snapshot of: what stands in package variables and in init has run when
// it is built, main runs for each request. Here is what both need that the language's runtime does once only.

//go:linkname main main.main
func main()

//go:linkname globalRandom math/rand.globalRandGenerator
var globalRandom atomic.Pointer[random.Rand]

//go:linkname globalRandomV2 math/rand/v2.globalRand
var globalRandomV2 *randomv2.Rand

//go:wasmimport wasi_snapshot_preview1 random_get
func randomGet(out unsafe.Pointer, size uint32) uint32

//go:wasmimport wasi_snapshot_preview1 environ_sizes_get
func environSizesGet(count, size unsafe.Pointer) uint32

//go:wasmimport wasi_snapshot_preview1 environ_get
func environGet(entries, text unsafe.Pointer) uint32

//go:wasmimport wasi_snapshot_preview1 args_sizes_get
func argsSizesGet(count, size unsafe.Pointer) uint32

//go:wasmimport wasi_snapshot_preview1 args_get
func argsGet(entries, text unsafe.Pointer) uint32

// Runs when the function is built: reads and writes once, for what JSON keeps of types, and collects garbage.
//
//go:wasmexport gojinn_init
func prepare() {
	request, err := read(strings.NewReader(`{"method":"GET","uri":"/","headers":{"A":["b"]},"body":"{}"}`))
	if err != nil {
		panic(err)
	}
	var body any
	if err := request.JSON(&body); err != nil {
		panic(err)
	}
	response, err := JSON(200, map[string]any{"a": 1})
	if err != nil {
		panic(err)
	}
	if err := write(io.Discard, response); err != nil {
		panic(err)
	}
	runtime.GC()
	runtime.GC()
}

// Runs for each request.
//
//go:wasmexport gojinn_resume
func resume() {
	renewEnvironment()
	os.Args = texts(argsSizesGet, argsGet)
	renewRandom()
	main()
}

// The environment is that of the build, which is empty.
func renewEnvironment() {
	for _, entry := range texts(environSizesGet, environGet) {
		if name, value, found := strings.Cut(entry, "="); found {
			os.Setenv(name, value)
		}
	}
}

// What the top-level functions of math/rand draw from was seeded when the function was built.
func renewRandom() {
	var seed [32]byte
	if errno := randomGet(unsafe.Pointer(&seed), uint32(len(seed))); errno != 0 {
		panic("no random numbers to begin with")
	}
	source := randomv2.NewChaCha8(seed)
	*globalRandomV2 = *randomv2.New(source)
	globalRandom.Store(random.New(old{source}))
}

// A source as the first version of math/rand wants it.
type old struct{ *randomv2.ChaCha8 }

func (o old) Int63() int64 { return int64(o.Uint64() >> 1) }

func (o old) Seed(seed int64) {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], uint64(seed))
	o.ChaCha8.Seed(key)
}

// Reads a list of texts from the host.
func texts(sizes func(count, size unsafe.Pointer) uint32, get func(entries, text unsafe.Pointer) uint32) []string {
	var count, size uint32
	if errno := sizes(unsafe.Pointer(&count), unsafe.Pointer(&size)); errno != 0 || count == 0 || size == 0 {
		return nil
	}
	entries, text := make([]uint32, count), make([]byte, size)
	if errno := get(unsafe.Pointer(&entries[0]), unsafe.Pointer(&text[0])); errno != 0 {
		return nil
	}
	all := strings.Split(string(text), "\x00")
	return all[:min(int(count), len(all))]
}
