// The mark of what Python may call; everything else stays inside of the library.

#ifndef GOJINN_EXPORTED_H
#define GOJINN_EXPORTED_H

#define EXPORTED __attribute__((visibility("default")))

#endif
