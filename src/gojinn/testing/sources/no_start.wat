;; Has a memory and a function, but no `_start`.
(module
  (memory (export "memory") 1)
  (func (export "run")))
