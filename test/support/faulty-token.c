/*
 * A PKCS #11 library before SoftHSM's, whose C_Sign does what a file says when it is called:
 *   hang        never ends, also when the file is gone again
 *   slow N      takes N milliseconds more
 *   crash       ends the process
 * Without the file it signs. FAULTY_TOKEN_FILE names the file. Each PIN that C_Login refuses adds an octet to
 * FAULTY_TOKEN_FILE.refused, after a while in which others could try it, too; so does each C_Initialize that
 * begins before another has ended, to FAULTY_TOKEN_FILE.overlaps.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FUNCTIONS 68 /* of CK_FUNCTION_LIST, Cryptoki 2.40 */
#define INITIALIZE 0
#define LOGIN 18
#define SIGN 43
#define CKR_PIN_INCORRECT 0xa0
#define REFUSAL_TAKES 300000 /* microseconds */
#define INITIALIZING_TAKES 100000

typedef unsigned long rv;
struct function_list {
  unsigned char version[2];
  void *functions[FUNCTIONS];
};

static struct function_list list;
static rv (*real_sign)(unsigned long, unsigned char *, unsigned long, unsigned char *, unsigned long *);

static rv faulty_sign(unsigned long session, unsigned char *data, unsigned long length,
                      unsigned char *signature, unsigned long *size) {
  char word[16] = "";
  unsigned milliseconds = 0;
  const char *name = getenv("FAULTY_TOKEN_FILE");
  FILE *file = name ? fopen(name, "r") : NULL;
  if (file) {
    if (fscanf(file, "%15s %u", word, &milliseconds) < 1) word[0] = 0;
    fclose(file);
  }
  if (strcmp(word, "hang") == 0) for (;;) pause();
  if (strcmp(word, "crash") == 0) raise(SIGKILL);
  if (strcmp(word, "slow") == 0) usleep(milliseconds * 1000);
  return real_sign(session, data, length, signature, size);
}

static void count(const char *what) {
  const char *name = getenv("FAULTY_TOKEN_FILE");
  char path[4096];
  FILE *file;
  if (!name) return;
  snprintf(path, sizeof path, "%s.%s", name, what);
  if ((file = fopen(path, "a"))) {
    fputc('x', file);
    fclose(file);
  }
}

static rv (*real_initialize)(void *);

static rv counting_initialize(void *arguments) {
  static atomic_int under_way;
  rv result;
  if (atomic_fetch_add(&under_way, 1)) count("overlaps");
  result = real_initialize(arguments);
  if (result == 0) usleep(INITIALIZING_TAKES);
  atomic_fetch_sub(&under_way, 1);
  return result;
}

static rv (*real_login)(unsigned long, unsigned long, unsigned char *, unsigned long);

static rv counting_login(unsigned long session, unsigned long user, unsigned char *pin, unsigned long length) {
  rv result = real_login(session, user, pin, length);
  if (result != CKR_PIN_INCORRECT) return result;
  count("refused");
  usleep(REFUSAL_TAKES);
  return result;
}

rv C_GetFunctionList(struct function_list **found) {
  if (!real_sign) {
    void *library = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW);
    rv (*real)(struct function_list **) = library ? dlsym(library, "C_GetFunctionList") : NULL;
    struct function_list *all = NULL;
    if (!real || real(&all) != 0) return 5; /* CKR_GENERAL_ERROR */
    list = *all;
    real_sign = all->functions[SIGN];
    list.functions[SIGN] = faulty_sign;
    real_initialize = all->functions[INITIALIZE];
    list.functions[INITIALIZE] = counting_initialize;
    real_login = all->functions[LOGIN];
    list.functions[LOGIN] = counting_login;
  }
  *found = &list;
  return 0;
}
