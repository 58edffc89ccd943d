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

/// `sqlite3_config` is variadic. SQLite counts the bytes it has allocated under a lock of the whole process, twice for
/// each allocation; nobody asks for the sum. Only before the first connection.
static inline int csqlite_disable_memory_statistics(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
