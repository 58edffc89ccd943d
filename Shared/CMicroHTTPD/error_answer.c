#define _GNU_SOURCE
#include "CMicroHTTPD.h"

#include <dlfcn.h>
#include <stdatomic.h>

/* libmicrohttpd answers what it cannot read (a header without a colon, a head that outgrows its memory) with an HTML
 * page of its own, and version 0.9.75 has no option that changes it; for some of them it even sends the head of that page
 * twice. It hands the page to MHD_queue_response, which it calls through the symbol table. So a function of that name
 * here is found first: it is called for libmicrohttpd's own answers alone, since ours go through cmicrohttpd_queue. It
 * lets the server write the answer itself and then refuses the page, upon which libmicrohttpd closes the connection.
 * Should a build of the library not look the name up, its pages come back, with the same statuses. */

typedef enum MHD_Result (*queue_function)(struct MHD_Connection *, unsigned int, struct MHD_Response *);

static _Atomic(queue_function) library_queue;
static _Atomic(cmicrohttpd_error_answer) error_answer;

void cmicrohttpd_answer_errors(cmicrohttpd_error_answer answer) {
    atomic_store(&error_answer, answer);
}

enum MHD_Result cmicrohttpd_queue(
    struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response) {
    queue_function queue = atomic_load_explicit(&library_queue, memory_order_relaxed);
    if (queue == NULL) {
        queue = (queue_function)dlsym(RTLD_NEXT, "MHD_queue_response");
        if (queue == NULL) return MHD_NO;
        atomic_store_explicit(&library_queue, queue, memory_order_relaxed);
    }
    return queue(connection, status, response);
}

enum MHD_Result MHD_queue_response(
    struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response) {
    cmicrohttpd_error_answer answer = atomic_load(&error_answer);
    if (answer != NULL && answer(connection, status)) return MHD_NO;
    return cmicrohttpd_queue(connection, status, response);
}
