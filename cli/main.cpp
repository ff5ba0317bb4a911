#include <cstdio>
int main() { std::puts("loadstone"); }
