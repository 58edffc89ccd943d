#pragma once
#include <sqlite3.h>

/// SQLITE_TRANSIENT is a cast expression, which Swift cannot import as a constant.
/// It asks SQLite to copy the bound bytes before the call returns.
static inline sqlite3_destructor_type csqlite_copy_bytes(void) {
    return SQLITE_TRANSIENT;
}

/// `sqlite3_db_config` is variadic. Stops the last connection from running a checkpoint when it closes.
static inline int csqlite_disable_checkpoint_on_close(sqlite3 *connection) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
