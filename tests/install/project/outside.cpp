// Uses the generated API from a program that gradc did not write.
#include "nplm.gen.h"

int main() { return 0; }
