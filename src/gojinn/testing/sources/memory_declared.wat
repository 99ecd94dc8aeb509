;; Declares 4 GiB of memory from the start.
(module
  (memory (export "memory") 65536)
  (func (export "_start")))
