#pragma once
#include <microhttpd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// MHD_SIZE_UNKNOWN is a cast expression, which Swift cannot import as a constant.
/// It announces a body whose length is only known at its end.
static inline uint64_t cmicrohttpd_size_unknown(void) {
    return MHD_SIZE_UNKNOWN;
}

/// `MHD_get_connection_info` is variadic and answers with a union; this reads the one member Swift needs.
/// The address belongs to the connection.
static inline const struct sockaddr *cmicrohttpd_client_address(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : (const struct sockaddr *)0;
}

/// The connection's socket, or -1. It stays libmicrohttpd's.
static inline int cmicrohttpd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/// What MHD_OPTION_NOTIFY_CONNECTION's callback left with the connection.
static inline void *cmicrohttpd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : (void *)0;
}

/// Answers a request: what `MHD_queue_response` does. Use this one; see error_answer.c.
enum MHD_Result cmicrohttpd_queue(
    struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response);

/// Answers a request that libmicrohttpd cannot read, with the status that it chose. Not 0: it has been answered, and
/// the connection is to be closed. 0: libmicrohttpd's own page is to be sent.
typedef int (*cmicrohttpd_error_answer)(struct MHD_Connection *connection, unsigned int status);

/// Says who gives those answers, for all servers of the process.
void cmicrohttpd_answer_errors(cmicrohttpd_error_answer answer);
