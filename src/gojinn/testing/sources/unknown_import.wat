;; Imports a function that nobody provides.
(module
  (import "env" "launch_missiles" (func (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")))
