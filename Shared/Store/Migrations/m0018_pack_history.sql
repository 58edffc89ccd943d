-- What a large snapshot said of up to 1,024 neighbouring models, once it is not the newest any more: counters, totals
-- and places, some twelve bytes for each model where its rows in `listing` and `score` take thirty-five. The rows are
-- deleted in the transaction that stores the block, so a model's figures stand in one place.
--
-- The key is snapshot.key << 32 | the first of the block's model numbers, which is a multiple of 1,024.
CREATE TABLE history_block (
    key  INTEGER PRIMARY KEY,
    -- Written and read by HistoryBlock.
    body BLOB NOT NULL
) STRICT;

-- 1: no row of the snapshot is left in `listing` and `score`.
ALTER TABLE snapshot ADD COLUMN packed INTEGER NOT NULL DEFAULT 0 CHECK (packed = 0 OR packed = 1);
