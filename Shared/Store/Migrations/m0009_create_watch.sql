-- The watch list of a feed: every model that a listing has shown in the last 30 days. Who leaves the listings is asked
-- for by itself, once a day.
ALTER TABLE model_card ADD COLUMN listed_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE model_card ADD COLUMN asked_at_ms INTEGER NOT NULL DEFAULT 0;

CREATE INDEX model_card_by_observation ON model_card (feed_id, observed_at_ms);

-- Models of which the Hub's own webhooks say that they have changed.
CREATE TABLE refetch_hint (
    model        TEXT    PRIMARY KEY CHECK (length(model) BETWEEN 1 AND 200),
    hinted_at_ms INTEGER NOT NULL
) STRICT;
