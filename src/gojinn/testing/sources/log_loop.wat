;; Calls gojinn.host_log for ever.
(module
  (import "gojinn" "host_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "again and again")
  (func (export "_start")
    (loop $again
      (call $log (i32.const 1) (i32.const 64) (i32.const 15))
      (br $again))))
