// A thread that advances an engine's epoch while guests run, and costs nothing while none does.

#ifndef GOJINN_TICKER_H
#define GOJINN_TICKER_H

#include "wasmtime.h"

typedef struct ticker ticker;

// Starts the thread, parked. `period` is in nanoseconds. NULL when no thread can be had.
ticker *ticker_new(wasmtime_engine *engine, int64_t period);

// Around every poll of a guest: ticks come while one is under way and for a few periods after the last.
void ticker_enter(ticker *);
void ticker_leave(ticker *);

// Ends the thread; the engine is not touched any more once this returns.
void ticker_delete(ticker *);

#endif
