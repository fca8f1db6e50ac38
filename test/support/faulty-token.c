/*
 * A PKCS #11 library before SoftHSM's. A file says in a line what one of its functions does when it is called:
 *   hang NAME      never ends, also when the file is gone again
 *   slow NAME N    takes N milliseconds more
 *   crash NAME     ends the process
 *   forget NAME    the token has lost the login, as after a reset: private keys are not seen, and no error is told
 * Without the file all is sound. FAULTY_TOKEN_FILE names the file.
 *
 * Octets are added to FAULTY_TOKEN_FILE.refused for each PIN that C_Login refuses, after a while in which others
 * could try it, too; to .overlaps for each C_Initialize that begins before another has ended; to .opened and
 * .closed for each session; to .finalized for each C_Finalize; to .hanging for each call that hangs.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FUNCTIONS 68 /* of CK_FUNCTION_LIST, Cryptoki 2.40 */
#define CKR_PIN_INCORRECT 0xa0
#define REFUSAL_TAKES 300000 /* microseconds */
#define INITIALIZING_TAKES 100000

enum { INITIALIZE = 0, FINALIZE = 1, GET_SLOT_LIST = 4, OPEN_SESSION = 12, CLOSE_SESSION = 13, LOGIN = 18,
       LOGOUT = 19, FIND_OBJECTS = 27, SIGN = 43 };

typedef unsigned long rv;
typedef unsigned long ulong;
typedef unsigned char uchar;
struct function_list {
  uchar version[2];
  void *functions[FUNCTIONS];
};

static struct function_list list, real;
#define REAL(NUMBER, ...) ((rv(*)(__VA_ARGS__))real.functions[NUMBER])

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

/* Does what the file says of this function; whether it says that the login is to be forgotten. */
static int misbehave(const char *function) {
  char word[16] = "", told[32] = "";
  unsigned milliseconds = 0;
  const char *name = getenv("FAULTY_TOKEN_FILE");
  FILE *file = name ? fopen(name, "r") : NULL;
  if (!file) return 0;
  if (fscanf(file, "%15s %31s %u", word, told, &milliseconds) < 2) told[0] = 0;
  fclose(file);
  if (strcmp(told, function) != 0) return 0;
  if (strcmp(word, "hang") == 0) {
    count("hanging");
    for (;;) pause();
  }
  if (strcmp(word, "crash") == 0) raise(SIGKILL);
  if (strcmp(word, "slow") == 0) usleep(milliseconds * 1000);
  return strcmp(word, "forget") == 0;
}

static rv initialize(void *arguments) {
  static atomic_int under_way;
  rv result;
  misbehave("C_Initialize");
  if (atomic_fetch_add(&under_way, 1)) count("overlaps");
  result = REAL(INITIALIZE, void *)(arguments);
  if (result == 0) usleep(INITIALIZING_TAKES);
  atomic_fetch_sub(&under_way, 1);
  return result;
}

static rv finalize(void *reserved) {
  count("finalized");
  return REAL(FINALIZE, void *)(reserved);
}

static rv get_slot_list(uchar present, ulong *slots, ulong *size) {
  misbehave("C_GetSlotList");
  return REAL(GET_SLOT_LIST, uchar, ulong *, ulong *)(present, slots, size);
}

static rv open_session(ulong slot, ulong flags, void *application, void *notify, ulong *session) {
  rv result;
  misbehave("C_OpenSession");
  result = REAL(OPEN_SESSION, ulong, ulong, void *, void *, ulong *)(slot, flags, application, notify, session);
  if (result == 0) count("opened");
  return result;
}

static rv close_session(ulong session) {
  rv result = REAL(CLOSE_SESSION, ulong)(session);
  if (result == 0) count("closed");
  return result;
}

static rv login(ulong session, ulong user, uchar *pin, ulong length) {
  rv result;
  misbehave("C_Login");
  result = REAL(LOGIN, ulong, ulong, uchar *, ulong)(session, user, pin, length);
  if (result != CKR_PIN_INCORRECT) return result;
  count("refused");
  usleep(REFUSAL_TAKES);
  return result;
}

static rv find_objects(ulong session, ulong *objects, ulong most, ulong *found) {
  if (misbehave("C_FindObjects")) {
    REAL(LOGOUT, ulong)(session);
    *found = 0;
    return 0;
  }
  return REAL(FIND_OBJECTS, ulong, ulong *, ulong, ulong *)(session, objects, most, found);
}

static rv sign(ulong session, uchar *data, ulong length, uchar *signature, ulong *size) {
  misbehave("C_Sign");
  return REAL(SIGN, ulong, uchar *, ulong, uchar *, ulong *)(session, data, length, signature, size);
}

rv C_GetFunctionList(struct function_list **found) {
  if (!real.functions[SIGN]) {
    void *library = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW);
    rv (*get)(struct function_list **) = library ? dlsym(library, "C_GetFunctionList") : NULL;
    struct function_list *all = NULL;
    if (!get || get(&all) != 0) return 5; /* CKR_GENERAL_ERROR */
    list = *all;
    list.functions[INITIALIZE] = initialize;
    list.functions[FINALIZE] = finalize;
    list.functions[GET_SLOT_LIST] = get_slot_list;
    list.functions[OPEN_SESSION] = open_session;
    list.functions[CLOSE_SESSION] = close_session;
    list.functions[LOGIN] = login;
    list.functions[FIND_OBJECTS] = find_objects;
    list.functions[SIGN] = sign;
    real = *all;
  }
  *found = &list;
  return 0;
}
