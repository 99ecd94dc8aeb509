;; The floor: a module that does nothing at all.
(module (memory (export "memory") 1) (func (export "_start")))
