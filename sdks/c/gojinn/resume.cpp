// What a snapshot does for each request, for functions in C++.

extern "C" {
#include "resume.c"
}
