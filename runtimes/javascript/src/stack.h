/* Included before QuickJS's own sources. Its check for a stack that overflows looks at the stack in linear
   memory, but most frames of WebAssembly are elsewhere and need none of that. So each function that checks
   gets a piece of it, and what recurses without end gets a RangeError instead of a trap. */
#define __builtin_frame_address(level)                                                                         \
    ({                                                                                                         \
        volatile char piece[192];                                                                               \
        piece[0] = 0;                                                                                          \
        (void *)piece;                                                                                         \
    })
