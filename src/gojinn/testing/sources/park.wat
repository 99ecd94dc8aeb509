;; Parks in gojinn.host_call("park", "") and prints what the answer is, through gojinn.host_take.
(module
  (import "gojinn" "host_call" (func $call (param i32 i32 i32 i32) (result i32)))
  (import "gojinn" "host_take" (func $take (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "park")
  (func (export "_start")
    (if (i32.lt_s (call $call (i32.const 64) (i32.const 4) (i32.const 0) (i32.const 0)) (i32.const 0))
      (then unreachable))
    (i32.store (i32.const 16) (i32.const 1024))
    (i32.store (i32.const 20) (call $take (i32.const 1024) (i32.const 32768)))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))))
