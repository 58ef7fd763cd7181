// Preloaded into a server: while the file named by HANG_FILE is there, what syncs to the disk does not come back.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void hang(void) {
  const char *file = getenv("HANG_FILE");
  while (file && access(file, F_OK) == 0) usleep(20000);
}

int fsync(int fd) {
  hang();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
  hang();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
