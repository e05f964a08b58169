/* Opens libpython after main() has begun and runs code in it: host LIBRARY TIMES CODE. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 4)
        return 64;
    /* Some work before there is a runtime. */
    for (int i = 0; i < 1000; i++)
        free(malloc(100));
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return 65;
    }
    void (*initialize)(int) = (void (*)(int))dlsym(library, "Py_InitializeEx");
    int (*run)(const char *) = (int (*)(const char *))dlsym(library, "PyRun_SimpleString");
    int (*finalize)(void) = (int (*)(void))dlsym(library, "Py_FinalizeEx");
    if (!initialize || !run || !finalize)
        return 66;
    int status = 0;
    for (int i = 0; i < atoi(argv[2]) && !status; i++) {
        initialize(0);
        status = run(argv[3]);
        status = finalize() || status;
    }
    return status ? 1 : 0;
}
