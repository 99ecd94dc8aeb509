;; Writes 64 MiB to stderr in 64 KiB pieces, then answers 200.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "{\"status\":200,\"headers\":{},\"body\":\"loud!\"}")
  (data (i32.const 16) "\40\00\00\00\2a\00\00\00")
  (data (i32.const 24) "\00\00\01\00\00\00\01\00")
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const 1024))
    (loop $again
      (drop (call $fd_write (i32.const 2) (i32.const 24) (i32.const 1) (i32.const 32)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))))
