/* The smallest program that says something: start-up and peak memory are measured with it. */
#include <stdio.h>

int main(void) { return puts("hello") < 0; }
